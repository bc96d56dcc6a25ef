"""What the tests of the model client share: an upstream that fails on command and a clock that never waits."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from drafter.domain import ChatMessage, Prompt
from drafter.llm.chat import ChatClient, open_chat
from drafter.llm.retrying import Timing
from tests.llm.fake_upstream import FakeUpstream, fake_upstream

KEY = "sk-invented-0000"
START = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
Opener = Callable[..., AbstractAsyncContextManager[ChatClient]]


@dataclass
class FakeTime:
    """A clock that only sleeping moves."""

    chance: float = 0.5
    seconds: float = 0.0
    waits: list[float] = field(default_factory=list)

    def timing(self) -> Timing:
        return Timing(
            monotonic=lambda: self.seconds,
            now=lambda: START + timedelta(seconds=self.seconds),
            sleep=self.sleep,
            chance=lambda: self.chance,
        )

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.seconds += seconds


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
async def upstream() -> AsyncIterator[FakeUpstream]:
    async with fake_upstream() as served:
        yield served


@pytest.fixture
def opened(upstream: FakeUpstream, time: FakeTime) -> Opener:
    """Give a function that opens a client of the upstream; `deadline_s` is 60 unless told."""

    def open_(*, deadline_s: float = 60) -> AbstractAsyncContextManager[ChatClient]:
        return open_chat(upstream.base_url, api_key=KEY, model="asked-for", deadline_s=deadline_s, timing=time.timing())

    return open_


@pytest.fixture
async def chat(opened: Opener) -> AsyncIterator[ChatClient]:
    async with opened() as client:
        yield client


def a_prompt(text: str = "请回复 hello") -> Prompt:
    messages = (ChatMessage(role="system", content="你是客服"), ChatMessage(role="user", content=text))
    return Prompt(messages=messages, version="v1", max_tokens=50, temperature=0.3)

"""Cassettes: what the model client hears over its aiohttp transport is recorded whole and replayed without a server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from vcr import VCR
from vcr.errors import CannotOverwriteExistingCassetteException

from drafter.domain import Completion
from drafter.llm.chat import open_chat
from tests.llm.conftest import KEY, FakeTime, a_prompt
from tests.llm.fake_upstream import FakeUpstream, Reply, events, fails, fake_upstream, says, sends, whole

NOBODY = "http://127.0.0.1:9/v1"


async def asked(base_url: str, time: FakeTime, *texts: str) -> tuple[list[Completion], list[str]]:
    pieces: list[str] = []
    async with open_chat(base_url, api_key=KEY, model="m", deadline_s=60, timing=time.timing()) as chat:
        answers = [await chat.complete(a_prompt(text), on_token=pieces.append) for text in texts]
    return answers, pieces


async def recorded(
    config: dict[str, Any], cassette: Path, time: FakeTime, *texts: str, replies: list[Reply], mode: str = "once"
) -> tuple[FakeUpstream, list[Completion], list[str]]:
    async with fake_upstream(*replies) as upstream:
        with VCR(record_mode=mode, **config).use_cassette(str(cassette)):
            answers, pieces = await asked(upstream.base_url, time, *texts)
    return upstream, answers, pieces


@pytest.fixture
def cassette(tmp_path: Path) -> Path:
    return tmp_path / "cassette.yaml"


@pytest.mark.parametrize("mode", ["once", "all", "new_episodes"])
async def test_a_streamed_answer_is_replayed_piece_by_piece_with_the_upstream_gone(
    vcr_config: dict[str, Any], cassette: Path, time: FakeTime, mode: str
) -> None:
    replies = [says("您好，", "我们", "理解👩‍👧"), sends(events(whole("second"), done=True), bytes_at_once=3)]
    upstream, answers, pieces = await recorded(vcr_config, cassette, time, "甲", "乙", replies=replies, mode=mode)
    assert len(upstream.asked) == 2
    with VCR(record_mode="none", **vcr_config).use_cassette(str(cassette)) as replayed:
        assert await asked(NOBODY, time, "甲", "乙") == (answers, pieces)
    assert replayed.all_played
    assert pieces == ["您好，", "我们", "理解👩‍👧", "second"]


async def test_a_retry_is_replayed_as_it_happened(vcr_config: dict[str, Any], cassette: Path, time: FakeTime) -> None:
    replies = [fails(429, headers={"Retry-After": "3"}), says("ok")]
    _, answers, _ = await recorded(vcr_config, cassette, time, "甲", replies=replies)
    again = FakeTime()
    with VCR(record_mode="none", **vcr_config).use_cassette(str(cassette)):
        assert (await asked(NOBODY, again, "甲"))[0] == answers
    assert again.waits == time.waits == [3.25]


async def test_another_question_is_not_answered_from_the_cassette(
    vcr_config: dict[str, Any], cassette: Path, time: FakeTime
) -> None:
    await recorded(vcr_config, cassette, time, "甲", replies=[says("ok")])
    with (
        VCR(record_mode="none", **vcr_config).use_cassette(str(cassette)),
        pytest.raises(CannotOverwriteExistingCassetteException),
    ):
        await asked(NOBODY, time, "乙")


async def test_a_cassette_holds_neither_the_key_nor_where_the_server_was(
    vcr_config: dict[str, Any], cassette: Path, time: FakeTime
) -> None:
    upstream, _, _ = await recorded(vcr_config, cassette, time, "甲", replies=[says("ok")])
    with VCR(record_mode="none", **vcr_config).use_cassette(str(cassette)) as kept:
        (request,) = kept.requests
    assert upstream.headers[0]["Authorization"] == f"Bearer {KEY}"
    assert KEY not in repr((request.uri, request.headers, request.body, kept.responses))
    assert request.uri == "http://embedded-model/v1/chat/completions"

"""The whole application on a real database, with an upstream that only pretends to be a model."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from drafter.desk.delivery import Deliveries
from drafter.domain import SYSTEM, Completion, Person, Prompt, Right, Role
from drafter.ports import OnToken
from drafter.settings import Settings
from drafter.web.app import create_app
from drafter.web.jobs import Jobs
from drafter.web.services import Deliver, Services, open_services
from guardrails.model import Language
from tests.daytime import where_it_is_noon

KIND = (
    "{debtor_name}您好，我是{institution}的{agent_name}。谢谢您告诉我近况，您辛苦了。账户目前显示应还{amount_due}。"
    "方便说说现在最大的难处是什么吗？我会在{follow_up_date}再与您联系。"
)
THREAT = "{debtor_name}您好，再不还{amount_due}，我们就联系您的家人和单位。"
CASE = {
    "message": "上个月失业了，这个月还不上，能不能缓一缓？",
    "tier": "general",
    "time_zone": where_it_is_noon(),
    "facts": {
        "institution": "青禾银行",
        "debtor_name": "周晓",
        "agent_name": "林溪",
        "amount_due": "4680.00",
        "currency": "CNY",
        "due_date": "2026-02-08",
    },
}


@contextmanager
def by_hand(_deliveries: Deliveries, _database: str) -> Iterator[None]:
    """Let nothing leave by itself: a test says when."""
    yield


class FakeUpstream:
    """Answers with given texts, over and over; None is begun and never finished."""

    name = "fake-upstream"

    def __init__(self) -> None:
        self.answers: list[str | None] = [KIND]
        self._asked = 0

    async def complete(self, prompt: Prompt, *, on_token: OnToken | None = None) -> Completion:
        answer = self.answers[self._asked % len(self.answers)]
        self._asked += 1
        del prompt
        if on_token is not None:
            on_token(answer or "您好")
        if answer is None:
            await asyncio.Event().wait()
            raise AssertionError
        return Completion(text=answer, model=self.name)


@dataclass
class Served:
    """The application while it runs."""

    client: TestClient
    services: Services
    upstream: FakeUpstream

    def person(self, role: Role, name: str = "") -> Person:
        name = name or f"{role.value}-{len(self.services.store.people.all())}"
        return self.services.accounts.add(name, shown_as=name, role=role, lang="zh", password=None, by=SYSTEM)

    def signed_in(self, role: Role = Role.AGENT) -> TestClient:
        """Return a browser of its own in which somebody of a role is signed in."""
        person = self.person(role)
        browser = self.browser()
        link = self.services.accounts.link_for(person)
        answer = browser.post(f"/sign-in/link/{link}")
        assert answer.status_code == 303
        browser.headers["x-csrf-token"] = self.csrf(browser)
        return browser

    def csrf(self, browser: TestClient) -> str:
        """Return the token that the pages of a browser's session hold."""
        found = self.services.accounts.who(_token(self.services, browser))
        assert found is not None
        return found[1].csrf

    def with_key(self, *rights: Right) -> TestClient:
        """Return a program with an API key."""
        admin = self.person(Role.ADMIN)
        _, secret = self.services.accounts.new_key("program", frozenset(rights), by=admin.id)
        return self.browser(headers={"authorization": f"Bearer {secret}"})

    def browser(self, **given: Any) -> TestClient:
        """Return another browser, or program, at the same running application."""
        made = TestClient(self.client.app, follow_redirects=False, **given)
        # The event loop of the application, so that what one asks for another can stop.
        made.portal = self.client.portal
        return made


def _token(services: Services, browser: TestClient) -> str:
    cookie = browser.cookies["drafter_session"].strip('"')
    return services.cookies._signer.unsign(cookie).decode()


@pytest.fixture
def served(tmp_path: Path, upgraded_file: Path) -> Iterator[Served]:
    shutil.copy(upgraded_file, tmp_path / "drafter.sqlite3")
    with serving(tmp_path) as running:
        yield running


@contextmanager
def serving(data_dir: Path, database_url: str | None = None) -> Iterator[Served]:
    """Run the application."""
    made = application(data_dir, database_url=database_url)
    with TestClient(made.app, follow_redirects=False) as client:
        yield Served(client, made.services, made.upstream)


@dataclass
class Application:
    """The application before it runs; `services` stands as soon as it does."""

    app: FastAPI
    upstream: FakeUpstream
    opened: list[Services]

    @property
    def services(self) -> Services:
        return self.opened[0]


def application(data_dir: Path, *, deliver: Deliver = by_hand, **changes: Any) -> Application:
    """Return the application with an upstream that only pretends to be a model.

    Args:
        data_dir: where its SQLite file is, or will be.
        deliver: lets approved texts leave.
        changes: of the settings.
    """
    given: dict[str, Any] = {
        "data_dir": data_dir,
        "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
        "OPENAI_API_KEY": None,
        "model": "fake",
        "undo_s": 0,
    }
    upstream, opened = FakeUpstream(), []

    async def model() -> Any:
        return upstream

    @asynccontextmanager
    async def opener(settings: Settings, *, warm: tuple[Language, ...] = ()) -> AsyncIterator[Services]:
        async with open_services(settings, warm=warm, deliver=deliver) as services:
            desk = replace(services.desk, model=model)
            with_fake = replace(services, desk=desk, jobs=Jobs(desk))
            opened.append(with_fake)
            yield with_fake

    return Application(create_app(Settings(**given | changes), opener=opener), upstream, opened)

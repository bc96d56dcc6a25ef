"""The desk over real HTTP, and people who look at it in a real browser."""

from __future__ import annotations

import json
import os
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright

from drafter.desk.intake import new_case, read_facts, read_message, read_tier
from drafter.domain import SYSTEM, Person, Role
from drafter.web.services import Deliver, Services
from guardrails.model import Language
from tests.daytime import where_it_is_noon
from tests.web.served import CASE, FakeUpstream, application, by_hand

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SLOWEST_MS = 20_000
"""Longer than anything takes even where two cores are shared; a test that passes never waits for it."""


def chromium(driver: Playwright) -> Browser:
    """Start the system's Chromium, or the browser of `DRAFTER_TEST_BROWSER`.

    Raises:
        LookupError: there is none.
    """
    found = os.environ.get("DRAFTER_TEST_BROWSER") or next(filter(None, map(shutil.which, _BROWSERS)), None)
    if found is None:
        raise LookupError(f"No browser: none of {', '.join(_BROWSERS)} is on the path; install Chromium.")
    # Chromium refuses to run as root, as in a container, with its sandbox.
    return driver.chromium.launch(executable_path=found, args=[] if os.getuid() else ["--no-sandbox"])


@dataclass
class Visit:
    """Somebody's browser, and what went wrong in it."""

    page: Page
    person: Person
    faults: list[str] = field(default_factory=list)

    def heard(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.faults.append(message.text)


@dataclass
class Desk:
    """The running application as a test reaches it, from outside and from inside."""

    address: str
    services: Services
    upstream: FakeUpstream
    browser: Browser
    visits: list[Visit] = field(default_factory=list)

    def visit(
        self, role: Role = Role.AGENT, *, lang: Language = "zh", person: Person | None = None, **look: Any
    ) -> Page:
        """Return a page of a browser of its own in which somebody is signed in.

        Args:
            role: of whom, where no `person` is given.
            lang: the language of that person's pages.
            person: somebody who has been here before.
            look: of the browser: its viewport, its colours.
        """
        person = person or self.person(role, lang)
        context = self.browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **look})
        context.set_default_timeout(SLOWEST_MS)
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        visit = Visit(context.new_page(), person)
        visit.page.on("console", visit.heard)
        visit.page.on("pageerror", lambda error: visit.faults.append(str(error)))
        visit.page.goto(f"{self.address}/sign-in/link/{self.services.accounts.link_for(person)}")
        visit.page.click("main button")
        visit.page.wait_for_url(lambda url: "/sign-in/" not in url)
        self.visits.append(visit)
        return visit.page

    def person(self, role: Role, lang: Language = "zh") -> Person:
        name = f"{role.value}-{len(self.services.store.people.all())}"
        return self.services.accounts.add(name, shown_as=name, role=role, lang=lang, password=None, by=SYSTEM)

    def case(self, message: str = CASE["message"], **changes: Any) -> str:
        """Keep a case and return its id; `changes` may name its tier, facts, jurisdiction and channel."""
        facts = read_facts(json.dumps({**CASE["facts"], **changes.pop("facts", {})}))
        tier = read_tier(changes.pop("tier", "general"))
        made = new_case(
            read_message(message),
            tier=tier,
            facts=facts,
            jurisdiction=changes.pop("jurisdiction", None),
            time_zone=where_it_is_noon(),
            id=uuid4().hex,
            at=self.services.clock.now(),
        ).model_copy(update=changes)
        self.services.casework.open(made)
        return made.id

    def open(self, page: Page, case_id: str) -> None:
        page.goto(f"{self.address}/cases/{case_id}")


@contextmanager
def over_http(app: FastAPI) -> Iterator[str]:
    """Serve an application on this machine and give its address."""
    started = threading.Event()

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            started.set()

    listening = socket.create_server(("127.0.0.1", 0))
    server = Server(uvicorn.Config(app, log_level="warning", access_log=False, timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    assert started.wait(60), "the desk did not start"
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def open_desk(browser: Browser, data_dir: Path, *, deliver: Deliver = by_hand, **changes: Any) -> Iterator[Desk]:
    """Run the desk; whatever a script of a page complains about at the end is a fault."""
    made = application(data_dir, deliver=deliver, **changes)
    with over_http(made.app) as address:
        desk = Desk(address, made.services, made.upstream, browser)
        try:
            yield desk
        finally:
            for visit in desk.visits:
                visit.page.context.close()
    faults = [fault for visit in desk.visits for fault in visit.faults]
    assert not faults, faults

"""The pictures of the guide: every page of the console in one language, its drafts written by the embedded model.

DRAFTER_LANG=zh python -m tests.browser.pictures docs/pictures
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from drafter.bootstrap import SystemClock, embedded_model_path
from drafter.cli.language import interface_language
from drafter.cli.trying import sample_cases
from drafter.desk.intake import read_message
from drafter.domain import SYSTEM, Case, DebtorMessage, Judgement, Person, Role, Tier
from drafter.settings import Settings, load_settings
from drafter.store.repository import SqlStore
from drafter.store.upgrading import upgrade
from drafter.web.app import create_app
from drafter.web.services import Services, open_services
from guardrails.model import Language
from tests import measured
from tests.browser.desks import SLOWEST_MS, Desk, chromium, open_desk, over_http
from tests.browser.scripts import SCRIPTS

_MODEL_MS: Final = 180_000
_PHONE: Final = {"width": 390, "height": 844}
_LOCALE: Final = {"zh": "zh-CN", "en": "en-GB"}
_DESK: Final = {"width": 1280, "height": 860}


def take(page: Page, file: Path, *, whole: bool) -> None:
    """Take the picture of a page, as long as it is or what is seen of it."""
    shown = page.screenshot(full_page=whole, animations="disabled")
    Image.open(BytesIO(shown)).convert("RGB").save(file, optimize=True)
    sys.stdout.write(f"{file.name}\n")
    sys.stdout.flush()


class Guide:
    """Walks through the desk as each role does, and keeps what is seen."""

    def __init__(self, desk: Desk, lang: Language, into: Path) -> None:
        self._desk, self._lang, self._into = desk, lang, into
        self._script = SCRIPTS[lang]
        self._persons: dict[Role, Person] = {}
        for role, name in self._script.people.items():
            self._persons[role] = desk.services.accounts.add(
                role.value, shown_as=name, role=role, lang=lang, password=None, by=SYSTEM
            )
        self.agent = self._visit(Role.AGENT)

    def _visit(self, role: Role, **look: Any) -> Page:
        return self._desk.visit(
            person=self._persons[role], **{"viewport": _DESK, "locale": _LOCALE[self._lang], **look}
        )

    def keep(self, page: Page, name: str, *, whole: bool = True) -> None:
        """Take the picture of a page; with `whole` as long as it is."""
        page.wait_for_load_state("networkidle")
        take(page, self._into / f"{name}-{self._lang}.png", whole=whole)

    def go(self, page: Page, path: str) -> None:
        page.goto(self._desk.address + path)

    def suggest(self, case_id: str) -> Page:
        self._desk.open(self.agent, case_id)
        self.agent.click("#suggest button.main")
        expect(self.agent.locator("#approval")).to_be_visible(timeout=_MODEL_MS)
        return self.agent

    def add_to_reply(self, words: str) -> None:
        """Type at the end of the reply, and wait until it was found."""
        self.agent.fill("#text", self.agent.input_value("#text") + words)
        expect(self.agent.locator("#findings .verdict.reject")).to_be_visible()

    def walk(self, cases: list[Case]) -> None:
        self._way_in()
        self._queue(cases)
        self._agent(cases)
        self._lead(cases)
        self._review(cases)
        self._administration()

    def _way_in(self) -> None:
        context = self._desk.browser.new_context(viewport=_DESK, locale=_LOCALE[self._lang])
        page = context.new_page()
        self.go(page, "/sign-in")
        self.keep(page, "sign-in")
        context.close()

    def _queue(self, cases: list[Case]) -> None:
        self.go(self.agent, "/queue")
        self.keep(self.agent, "queue")
        self.go(self.agent, "/queue?tab=escalated")
        self.keep(self.agent, "queue-empty")
        self.go(self.agent, "/cases/new")
        self.keep(self.agent, "case-new")
        self.go(self.agent, "/account")
        self.keep(self.agent, "account")
        self.go(self.agent, "/cases/none")
        self.keep(self.agent, "error")
        self._desk.open(self.agent, cases[1].id)
        self.keep(self.agent, "case")

    def _agent(self, cases: list[Case]) -> None:
        page, script = self.agent, self._script
        page.click("#suggest button.main")
        expect(page.locator("#tokens")).not_to_be_empty(timeout=_MODEL_MS)
        take(page, self._into / f"case-writing-{self._lang}.png", whole=False)
        expect(page.locator("#approval")).to_be_visible(timeout=_MODEL_MS)
        self.keep(page, "case-draft")
        page.click("#again")
        expect(page.locator(".versions li")).to_have_count(2, timeout=_MODEL_MS)
        page.click("#compare > summary")
        self.keep(page, "case-versions")
        page.click("#compare > summary")
        page.click("#add-fact > summary")
        page.fill("[name=offers]", script.offer)
        self.keep(page, "case-fact")
        page.reload()
        self.add_to_reply(script.threat)
        self.keep(page, "case-rejected")
        page.keyboard.press("Escape")
        page.locator("h1").click()
        page.keyboard.press("?")
        expect(page.locator("#shortcuts")).to_be_visible()
        self.keep(page, "keys", whole=False)
        self._desk.open(page, cases[1].id)
        page.click("#approve")
        expect(page.locator("#draft .status.approved")).to_be_visible()
        self.keep(page, "case-approved")
        self.suggest(cases[3].id)
        self._desk.services.casework.add_message(cases[3].id, read_message(script.again, lang=self._lang), by=SYSTEM)
        expect(page.locator("#stale")).to_be_visible()
        self.keep(page, "case-newer")
        self._desk.open(page, cases[-1].id)
        self.keep(page, "handover")
        phone = self._visit(Role.AGENT, viewport=_PHONE)
        self.go(phone, "/queue")
        self.keep(phone, "queue-phone", whole=False)
        self._desk.open(phone, cases[1].id)
        self.keep(phone, "case-phone")
        night = self._visit(Role.AGENT, color_scheme="dark")
        self._desk.open(night, cases[1].id)
        self.keep(night, "case-dark")

    def _lead(self, cases: list[Case]) -> None:
        self.suggest(cases[2].id)
        self.agent.fill("form[action$='/escalate'] [name=reason]", self._script.reason)
        self.agent.click("form[action$='/escalate'] button")
        expect(self.agent.locator("#before-lead")).to_be_visible()
        lead = self._visit(Role.LEAD)
        self._desk.open(lead, cases[2].id)
        self.keep(lead, "case-before-lead")
        self.go(lead, "/undelivered")
        self.keep(lead, "undelivered")

    def _review(self, cases: list[Case]) -> None:
        """Let the agent keep what does not pass, so that the reviewers have something to read."""
        script = self._script
        for number, words in ((4, script.threat), (5, script.rumour), (0, script.kindness)):
            page = self.suggest(cases[number].id)
            self.add_to_reply(words)
            page.click("#save")
            expect(page.locator("#draft .status.rejected")).to_be_visible()
        reviewer, lead = self._visit(Role.QA), self._visit(Role.QA_LEAD)
        self.go(reviewer, "/review")
        self.keep(reviewer, "review")
        reviewer.locator(".row").first.click()
        expect(reviewer.locator(".marked")).to_be_visible()
        self.keep(reviewer, "review-draft")
        night = self._visit(Role.QA, color_scheme="dark")
        night.goto(reviewer.url)
        self.keep(night, "review-draft-dark")
        self._rule()
        for name, path in (("review-team", "/review/team"), ("review-lead", "/review?tab=all")):
            self.go(lead, path)
            self.keep(lead, name)
        self.go(lead, "/review/proposals")
        self.keep(lead, "review-proposals")
        (proposal,) = self._desk.services.store.proposals.all()
        self.go(lead, f"/review/proposals/{proposal.id}")
        self.keep(lead, "review-proposal")

    def _rule(self) -> None:
        services, script = self._desk.services, self._script
        waiting = [item.draft_id for item in services.reviews.page().items]
        overturned = Judgement(
            outcome="overturned",
            reason="rule-too-broad",
            scope="phrase-exception",
            unless=script.unless,
            note=script.note,
        )
        services.reviews.rule(waiting[0], overturned, by=self._persons[Role.QA])
        services.reviews.rule(waiting[1], Judgement(outcome="upheld"), by=self._persons[Role.QA])

    def _administration(self) -> None:
        admin = self._visit(Role.ADMIN)
        for name in ("settings", "people"):
            self.go(admin, f"/{name}")
            # What stays at the foot of the window would stand in the middle of the picture.
            admin.set_viewport_size({**_DESK, "height": admin.evaluate("document.documentElement.scrollHeight")})
            self.keep(admin, name)
            admin.set_viewport_size(_DESK)


def month(store: SqlStore) -> None:
    """Keep drafts of a month with what became of them, for the dashboards."""
    today = datetime.now(UTC).replace(hour=3, minute=0)
    for back in range(30):
        for number in range(6):
            name = f"{back}-{number}"
            bad = (back * 7 + number * 3) % 11
            texts = (
                ((measured.THREAT, measured.KIND) if bad == 0 else (measured.KIND,))
                if bad != 5
                else (f"house:{measured.KIND}",)
            )
            draft_id = measured.suggest(
                store,
                name,
                *texts,
                at=today - timedelta(days=back, hours=number),
                tier=list(Tier)[number % 3],
                model="qwen2.5-coder-1.5b" if back > 12 else "qwen-plus",
                prompt_version="zh@41" if back > 20 else "zh@42",
            )
            if bad not in (3, 8):
                measured.approve(
                    store,
                    draft_id,
                    after=40 + (back * 13 + number * 29) % 180,
                    edited=f"{measured.KIND}祝您早日顺利。" if (back + number) % 3 == 0 else "",
                )


def dashboards(browser: Browser, folder: Path, lang: Language, into: Path) -> None:
    folder.mkdir()
    upgrade(f"sqlite:///{folder / 'drafter.sqlite3'}")
    with open_desk(browser, folder) as desk:
        month(desk.services.store)
        lead = desk.services.accounts.add(
            "lead",
            shown_as=SCRIPTS[lang].people[Role.QA_LEAD],
            role=Role.QA_LEAD,
            lang=lang,
            password=None,
            by=SYSTEM,
        )
        page = desk.visit(person=lead, viewport=_DESK, locale=_LOCALE[lang])
        page.goto(f"{desk.address}/dashboards")
        take(page, into / f"dashboards-{lang}.png", whole=True)


@contextmanager
def desk_of(browser: Browser, folder: Path, lang: Language) -> Iterator[Desk]:
    """Run the desk as `drafter serve` does, with the embedded model."""
    opened: list[Services] = []

    @asynccontextmanager
    async def opener(settings: Settings, **given: Any) -> AsyncIterator[Services]:
        async with open_services(settings, **given) as services:
            opened.append(services)
            yield services

    known = load_settings()
    settings = Settings(
        data_dir=folder,
        model_path=embedded_model_path(known),
        undo_s=600,
        review_sample=0,
        review_double=0,
    )
    upgrade(settings.database)
    with over_http(create_app(settings, opener=opener, warm=(lang,))) as address:
        yield Desk(address, opened[0], None, browser)  # type: ignore[arg-type] # no upstream: the model is the real one


def cases_of(desk: Desk, lang: Language) -> list[Case]:
    """Keep the sample cases, three more and one that only a person answers; in this order."""
    script, samples = SCRIPTS[lang], sample_cases(SystemClock())
    texts = (*script.more, script.crisis)
    names = (
        ("许先生", "高女士", "宋女士", "罗先生") if lang == "zh" else ("Ms Abara", "Mr Finch", "Ms Doyle", "Mr Lund")
    )
    more = [
        samples[at % 3].model_copy(
            update={
                "id": f"more-{at}",
                "message": DebtorMessage(text=text, lang=lang),
                "facts": samples[at % 3].facts.model_copy(update={"debtor_name": names[at]}),
                "created_at": samples[0].created_at - timedelta(minutes=17 * at + 5),
            }
        )
        for at, text in enumerate(texts)
    ]
    cases = [*samples, *more]
    for case in cases:
        desk.services.casework.open(case)
    return cases


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("into", type=Path, help="the folder for the pictures")
    into: Path = parser.parse_args().into
    lang = interface_language()
    expect.set_options(timeout=SLOWEST_MS)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        browser = stack.enter_context(chromium(stack.enter_context(sync_playwright())))
        desk = stack.enter_context(desk_of(browser, folder / "desk", lang))
        Guide(desk, lang, into).walk(cases_of(desk, lang))
        dashboards(browser, folder / "month", lang, into)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Every page, in both languages, by day and by night, on a desk and on a phone: readable for everybody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from drafter.domain import Role
from guardrails.model import Language
from tests.browser.desks import Desk
from tests.web.served import KIND, THREAT

_PHONE: Final = {"width": 390, "height": 844}


def faults(page: Page) -> list[str]:
    """Return what axe finds against WCAG 2.2 AA and its own best practices, with the elements."""
    return [
        f"{one['id']}: {one['help']} {[node['target'] for node in one['nodes']]}"
        for one in Axe().run(page).response["violations"]
    ]


def wide(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


def a_draft(page: Page) -> None:
    page.click("#suggest button.main")
    expect(page.locator("#approval")).to_be_visible()


def an_approved_draft(page: Page) -> None:
    a_draft(page)
    page.click("#approve")
    expect(page.locator("#draft .status.approved")).to_be_visible()


def a_rejected_draft(page: Page) -> None:
    a_draft(page)
    page.fill("#text", f"{THREAT}{KIND}")
    expect(page.locator("#findings .verdict.reject")).to_be_visible()


def the_list_of_keys(page: Page) -> None:
    page.keyboard.press("?")
    expect(page.locator("#shortcuts")).to_be_visible()


STATES: Final[dict[str, Callable[[Page], None]]] = {
    "no draft": lambda _page: None,
    "a draft": a_draft,
    "an approved draft": an_approved_draft,
    "a rejected draft": a_rejected_draft,
    "the list of keys": the_list_of_keys,
}
PAGES: Final[dict[str, tuple[Role, str]]] = {
    "queue": (Role.AGENT, "/queue"),
    "empty queue": (Role.AGENT, "/queue?tab=escalated"),
    "new case": (Role.AGENT, "/cases/new"),
    "no such case": (Role.AGENT, "/cases/none"),
    "empty review": (Role.QA_LEAD, "/review?tab=all"),
    "dashboards": (Role.QA_LEAD, "/dashboards"),
    "undelivered": (Role.LEAD, "/undelivered"),
    "settings": (Role.ADMIN, "/settings"),
    "people": (Role.ADMIN, "/people"),
    "account": (Role.AGENT, "/account"),
}


def look_of(lang: Language) -> dict[str, Any]:
    """Look by day in one language and by night in the other, so that each is seen without doubling the time."""
    scheme: Literal["light", "dark"] = "light" if lang == "zh" else "dark"
    return {"lang": lang, "color_scheme": scheme}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("state", STATES)
def test_a_case_is_readable_in_every_state(desk: Desk, state: str, lang: Language) -> None:
    page = desk.visit(**look_of(lang))
    desk.open(page, desk.case())
    STATES[state](page)
    assert faults(page) == []
    page.set_viewport_size(_PHONE)
    assert faults(page) == []
    assert not wide(page)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_readable(desk: Desk, name: str, lang: Language) -> None:
    role, path = PAGES[name]
    desk.case()
    page = desk.visit(role, **look_of(lang))
    page.goto(desk.address + path)
    assert faults(page) == []
    page.set_viewport_size(_PHONE)
    assert faults(page) == []
    assert not wide(page)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_hand_over_and_the_way_in_are_readable(desk: Desk, lang: Language) -> None:
    page = desk.visit(**look_of(lang))
    desk.open(page, desk.case("我真的撑不下去了，不想活了"))
    expect(page.locator(".handover")).to_be_visible()
    assert faults(page) == []
    page.click("form[action='/sign-out'] button")
    expect(page.locator("input[name=password]")).to_be_visible()
    assert faults(page) == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_draft_under_review_is_readable(desk: Desk, lang: Language) -> None:
    desk.upstream.answers = [THREAT, KIND]
    agent = desk.visit()
    desk.open(agent, desk.case())
    a_draft(agent)
    page = desk.visit(Role.QA, **look_of(lang))
    page.locator(".row").first.click()
    expect(page.locator(".marked")).to_be_visible()
    assert faults(page) == []
    page.set_viewport_size(_PHONE)
    assert faults(page) == []
    assert not wide(page)

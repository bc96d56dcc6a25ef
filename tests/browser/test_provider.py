"""Signing in at an identity provider of another site, in a browser that keeps its rules about cookies."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from drafter.domain import SYSTEM, Role, at_provider
from guardrails.model import Language
from tests.browser.desks import Desk, open_desk
from tests.browser.test_looks import faults, look_of, wide
from tests.web.provider import CLIENT, SECRET, Provider, providing


@pytest.fixture
def provider() -> Iterator[Provider]:
    with providing() as running:
        # Another site than the desk's, whose address is a number.
        running.issuer = running.issuer.replace("127.0.0.1", "localhost")
        yield running


@pytest.fixture
def desk(browser: Browser, provider: Provider, tmp_path: Path, upgraded_file: Path) -> Iterator[Desk]:
    shutil.copy(upgraded_file, tmp_path / "drafter.sqlite3")
    given = {"oidc_issuer": provider.issuer, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET}
    with open_desk(browser, tmp_path, **given) as running:
        provider.back = f"{running.address}/sign-in/provider/back"
        yield running


def stranger(desk: Desk, *, lang: Language = "zh", **look: Any) -> Page:
    locale = "zh-CN" if lang == "zh" else "en-GB"
    page = desk.browser.new_context(**{"viewport": {"width": 1280, "height": 900}, "locale": locale, **look}).new_page()
    page.goto(f"{desk.address}/queue")
    return page


def test_one_click_leads_there_and_back_to_the_page_that_was_wanted(desk: Desk, provider: Provider) -> None:
    known_as = at_provider(provider.issuer, provider.subject)
    desk.services.accounts.add(
        "lin", shown_as="林溪", role=Role.AGENT, lang="zh", password=None, by=SYSTEM, subject=known_as
    )
    page = stranger(desk)
    page.click("a.button")
    expect(page).to_have_url(f"{desk.address}/queue")
    expect(page.locator(".who")).to_contain_text("林溪")
    assert {cookie["name"] for cookie in page.context.cookies()} == {"drafter_session"}
    page.context.close()


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("width", [1280, 390])
def test_whoever_is_not_linked_can_read_what_to_do(desk: Desk, provider: Provider, lang: Language, width: int) -> None:
    provider.subject = "f:8f1b0c0e-4b6f-4d1c-9d35-1f3f7d0a2b11:lin.xi@" + "x" * 60
    page = stranger(desk, viewport={"width": width, "height": 844}, **look_of(lang))
    assert (faults(page), wide(page)) == ([], False)
    page.click("a.button")
    expect(page.locator("[role=alert] code").first).to_have_text(provider.subject)
    assert (faults(page), wide(page)) == ([], False)
    page.context.close()

"""What reviewers and their lead do all day, in a real browser and by its keys alone."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from drafter.domain import Judgement, Role
from guardrails.model import Language
from tests.browser.desks import Desk, open_desk
from tests.browser.test_looks import faults, look_of, wide
from tests.reviewed import FALSELY_FOUND, THREAT, keep


@pytest.fixture
def desk(browser: Browser, tmp_path: Path, upgraded_file: Path) -> Iterator[Desk]:
    shutil.copy(upgraded_file, tmp_path / "drafter.sqlite3")
    with open_desk(browser, tmp_path, review_double=0, review_sample=0) as running:
        for draft_id, text in (("d1", THREAT), ("d2", FALSELY_FOUND + THREAT), ("d3", FALSELY_FOUND)):
            keep(running.services.store, draft_id, text)
        yield running


def at_draft(desk: Desk, draft_id: str, role: Role = Role.QA) -> Page:
    page = desk.visit(role)
    page.goto(f"{desk.address}/review/{draft_id}")
    return page


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def select(page: Page, words: str) -> None:
    page.evaluate(
        """(words) => {
          const text = document.getElementById("reviewed");
          const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
          for (let node = walker.nextNode(); node; node = walker.nextNode()) {
            const at = node.data.indexOf(words);
            if (at >= 0) getSelection().setBaseAndExtent(node, at, node, at + words.length);
          }
        }""",
        words,
    )


def test_a_draft_is_overturned_by_keys_alone_and_the_ruling_taken_back(desk: Desk) -> None:
    page = at_draft(desk, "d3")
    press(page, "a")
    expect(page.locator("form[action*=release]")).to_be_visible()
    press(page, "2", "o", "n")
    page.keyboard.type("只是送资料 1 2 3")
    press(page, "Control+Enter")
    expect(page.locator("#undo")).to_be_visible()
    (ruling,) = desk.services.store.review.rulings("d3")
    assert (ruling.outcome, ruling.findings[0].ruling, ruling.note) == ("overturned", "false-hit", "只是送资料 1 2 3")
    press(page, "u")
    expect(page).to_have_url(f"{desk.address}/review/d3?tab=unassigned&told=undone")
    assert desk.services.store.review.rulings("d3") == ()


def test_each_finding_is_reached_and_ruled_on_by_keys(desk: Desk) -> None:
    page = at_draft(desk, "d2")
    findings = len(desk.services.store.review.text("d2", 1).verdict.findings)
    assert findings > 1
    press(page, "ArrowDown", "1", "ArrowDown", "3", "v", "Control+Enter")
    expect(page.locator("#undo")).to_be_visible()
    (ruling,) = desk.services.store.review.rulings("d2")
    assert [one.ruling for one in ruling.findings[:2]] == ["hit", "unsure"]


def test_arrows_lead_to_the_neighbours_of_the_list(desk: Desk) -> None:
    page = at_draft(desk, "d2")
    press(page, "ArrowRight")
    expect(page).to_have_url(f"{desk.address}/review/d1?tab=unassigned")
    press(page, "ArrowLeft")
    expect(page).to_have_url(f"{desk.address}/review/d2?tab=unassigned")


def test_selected_words_are_marked_as_missed_where_they_were_selected(desk: Desk) -> None:
    page, text = at_draft(desk, "d2"), FALSELY_FOUND + THREAT
    assert text.count("您好") == 2
    # The words stand in the text twice; the browser selects the later ones.
    select(page, "您好")
    press(page, "m")
    expect(page.locator("[name=words-0]")).to_have_value("您好")
    page.select_option("[name=missed-0]", "harassment")
    press(page, "Control+Enter")
    expect(page.locator("#undo")).to_be_visible()
    (ruling,) = desk.services.store.review.rulings("d2")
    (missed,) = ruling.misses
    assert (missed.rule, missed.start, missed.end) == ("harassment", text.rindex("您好"), text.rindex("您好") + 2)


def test_a_draft_is_put_before_the_lead_by_keys(desk: Desk) -> None:
    page = at_draft(desk, "d1")
    press(page, "e")
    page.keyboard.type("拿不准")
    press(page, "Enter")
    expect(page.locator(".banner.good")).to_be_visible()
    assert desk.services.store.review.item("d1").escalated_because == "拿不准"


def test_the_keys_are_listed(desk: Desk) -> None:
    page = at_draft(desk, "d1")
    press(page, "?")
    keys = page.locator("#shortcuts kbd").all_inner_texts()
    assert {"1", "2", "3", "V", "O", "M", "N", "A", "E", "U", "←", "→", "?"} <= set(keys)
    press(page, "v")
    assert not page.is_checked("[name=outcome][value=upheld]")


def test_the_lead_ticks_all_and_gives_them_out(desk: Desk) -> None:
    reviewer = desk.person(Role.QA)
    page = desk.visit(Role.QA_LEAD)
    page.goto(f"{desk.address}/review")
    page.check("#tick-all input")
    page.select_option("[name=to]", reviewer.id)
    page.click("[formaction^='/review/assign']")
    expect(page.locator(".banner.good")).to_be_visible()
    assert desk.services.reviews.counts(reviewer).mine == 3


def test_an_overturned_text_ends_as_a_labelled_line(desk: Desk, tmp_path: Path) -> None:
    page = at_draft(desk, "d3")
    press(page, "o", "Control+Enter")
    expect(page.locator("#undo")).to_be_visible()
    page.goto(f"{desk.address}/review")
    with page.expect_download() as coming:
        page.click("form[action='/review/export'] button")
    file = tmp_path / "reviewed.jsonl"
    coming.value.save_as(file)
    (line,) = file.read_text(encoding="utf-8").splitlines()
    assert json.loads(line)["label"] == "pass"


def test_enter_in_a_field_neither_rules_nor_shows_names(desk: Desk) -> None:
    page = at_draft(desk, "d3")
    page.fill("[name=comment-0]", "只是送资料")
    page.check("[name=outcome][value=upheld]")
    page.focus("[name=comment-0]")
    press(page, "Enter")
    press(page, "Escape", "n")
    expect(page.locator("#note")).to_be_focused()
    assert page.url == f"{desk.address}/review/d3"
    assert [one.action for one in desk.services.store.journal.entries(subject="d3")] == ["draft.see"]


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_page_of_the_review_is_readable(desk: Desk, lang: Language, width: int) -> None:
    by = desk.person(Role.QA)
    exception = Judgement(outcome="overturned", reason="rule-too-broad", scope="phrase-exception", unless="帮扶资料")
    desk.services.reviews.rule("d3", exception, by=by)
    desk.services.reviews.escalate("d2", reason="拿不准", by=by)
    (proposal,) = desk.services.store.proposals.all()
    page = desk.visit(Role.QA_LEAD, **look_of(lang), viewport={"width": width, "height": 844})
    for path in (
        "/review?tab=all&model=m1",
        "/review/d1",
        "/review/d2",
        "/review/d3",
        "/review/team",
        "/review/proposals",
        f"/review/proposals/{proposal.id}",
    ):
        page.goto(f"{desk.address}{path}")
        assert (path, faults(page), wide(page)) == (path, [], False)

"""What agents do all day, in a real browser."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from drafter.desk.intake import read_message
from drafter.domain import Role
from drafter.durable import durable_deliveries
from guardrails.model import Language
from tests.browser.desks import Desk, open_desk
from tests.channels.receiver import SECRET, receiving
from tests.web.served import KIND, THREAT


def draft_on(page: Page) -> str:
    page.click("#suggest button.main")
    expect(page.locator("#approval")).to_be_visible()
    return page.input_value("#text")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_reply_is_suggested_approved_and_delivered(
    browser: Browser, tmp_path: Path, upgraded_file: Path, lang: Language
) -> None:
    shutil.copy(upgraded_file, tmp_path / "drafter.sqlite3")
    with (
        receiving() as receiver,
        open_desk(
            browser,
            tmp_path,
            deliver=durable_deliveries,
            webhook_url=receiver.url,
            webhook_secret=SECRET,
        ) as desk,
    ):
        desk.case(channel="webhook")
        page = desk.visit(lang=lang)
        page.locator(".row").first.click()
        text = draft_on(page)
        page.click("#approve")
        expect(page.locator("#draft .status.delivered")).to_be_visible()
        (sent,) = receiver.requests
        assert sent.told["text"] == text


def test_a_text_is_copied_only_once_it_was_approved(desk: Desk) -> None:
    case = desk.case()
    page = desk.visit()
    desk.open(page, case)
    text = draft_on(page)
    assert not page.locator("#copy").count()
    page.click("#approve")
    expect(page.locator("#draft .status")).to_have_class("status approved")
    desk.services.deliveries.release()
    page.reload()
    page.click("#copy")
    expect(page.locator("#draft .status.delivered")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == text


def in_hand(desk: Desk) -> Page:
    """Return a page on which an approved text may be copied."""
    page = desk.visit()
    desk.open(page, desk.case())
    draft_on(page)
    page.click("#approve")
    expect(page.locator("#draft .status")).to_have_class("status approved")
    desk.services.deliveries.release()
    page.reload()
    expect(page.locator("#copy")).to_be_visible()
    return page


def test_a_text_in_hand_can_be_taken_back_until_it_is_copied(desk: Desk) -> None:
    page = in_hand(desk)
    page.click("#undo")
    expect(page.locator("#approval")).to_be_visible()
    expect(page.locator("#copy")).to_have_count(0)


def test_what_was_copied_is_proved_by_its_own_hash(desk: Desk) -> None:
    page = in_hand(desk)
    page.evaluate("document.querySelector('#draft .final').append('还有一句')")
    page.click("#copy")
    expect(page.locator(".leaving .hint")).to_be_visible()
    expect(page.locator("#copy")).to_be_visible()
    case = page.url.rpartition("/")[2].partition("?")[0]
    (draft,) = desk.services.store.drafts.of_case(case)
    assert draft.status == "queued"


def test_an_edit_that_does_not_pass_is_underlined_and_cannot_be_approved_until_it_is_mended(desk: Desk) -> None:
    page = desk.visit()
    desk.open(page, desk.case())
    text = draft_on(page)
    page.fill("#text", f"{text}再不还我们就上门找您家人。")
    expect(page.locator("#findings .verdict.reject")).to_be_visible()
    expect(page.locator("#findings mark.block").first).to_be_visible()
    expect(page.locator("#approve")).to_be_disabled()
    page.fill("#text", f"{text}您先安心。")
    expect(page.locator("#findings .verdict.pass")).to_be_visible()
    page.click("#approve")
    expect(page.locator("#draft .status.approved")).to_be_visible()
    (draft,) = desk.services.store.drafts.of_case(page.url.rpartition("/")[2].partition("?")[0])
    assert draft.text == f"{text}您先安心。"


def test_what_fails_is_written_again_before_the_agent_sees_it(desk: Desk) -> None:
    desk.upstream.answers = [THREAT, KIND]
    page = desk.visit()
    desk.open(page, desk.case())
    assert "家人" not in draft_on(page)


def test_writing_can_be_stopped_and_begun_again(desk: Desk) -> None:
    desk.upstream.answers = [None]
    page = desk.visit()
    desk.open(page, desk.case())
    page.click("#suggest button.main")
    expect(page.locator("#tokens")).to_contain_text("您好")
    page.click("#stop")
    expect(page.locator("#writing")).to_be_hidden()
    desk.upstream.answers = [KIND]
    assert draft_on(page)


def test_what_a_colleague_changed_is_told_and_never_replaces_what_one_has_typed(desk: Desk) -> None:
    case = desk.case()
    mine, hers = desk.visit(), desk.visit()
    mine.clock.install()
    desk.open(mine, case)
    text = draft_on(mine)
    desk.open(hers, case)
    hers.fill("#text", f"{text}辛苦了。")
    hers.click("#save")
    expect(hers.locator("#told")).to_be_visible()
    mine.fill("#text", f"{text}请保重。")
    mine.clock.run_for(6_000)
    expect(mine.locator("#newer")).to_be_visible()
    assert mine.input_value("#text") == f"{text}请保重。"
    mine.click("#approve", force=True)
    expect(mine.locator("#told")).to_have_class("banner bad")
    assert desk.services.store.drafts.of_case(case)[0].status == "awaiting_approval"


def test_another_device_shows_the_same_draft(desk: Desk) -> None:
    case = desk.case()
    person = desk.person(Role.AGENT)
    computer, phone = desk.visit(person=person), desk.visit(person=person, viewport={"width": 390, "height": 844})
    desk.open(computer, case)
    text = draft_on(computer)
    desk.open(phone, case)
    assert phone.input_value("#text") == text


def test_a_newer_message_makes_the_draft_stale_and_a_fresh_one_is_offered(desk: Desk) -> None:
    case = desk.case()
    page = desk.visit()
    page.clock.install()
    desk.open(page, case)
    draft_on(page)
    desk.services.casework.add_message(case, read_message("下周五发工资，可以先还一部分"), by="crm")
    page.clock.run_for(6_000)
    expect(page.locator("#stale")).to_be_visible()
    expect(page.locator("#newer")).to_be_hidden()
    expect(page.locator("#approve")).to_be_disabled()
    page.click("#suggest button.main")
    expect(page.locator("#stale")).to_have_count(0)


@pytest.mark.parametrize(("message", "goes_on"), [("下周五发工资，可以先还一部分", True), ("我不想活了", False)])
def test_a_newer_message_is_told_once_beside_what_one_is_typing(desk: Desk, message: str, *, goes_on: bool) -> None:
    case = desk.case()
    page = desk.visit()
    page.clock.install()
    desk.open(page, case)
    text = draft_on(page)
    page.fill("#text", f"{text}请保重。")
    desk.services.casework.add_message(case, read_message(message), by="crm")
    page.clock.run_for(6_000)
    expect(page.locator("#newer")).to_be_visible()
    expect(page.locator(".messages .newest")).to_contain_text(message)
    expect(page.locator("#stale")).to_have_count(0)
    expect(page.locator("#newer a")).to_be_hidden()  # the new message is on the page already
    expect(page.locator("#approve")).to_be_disabled()
    assert page.locator("#fresh").is_visible() is goes_on
    assert page.input_value("#text") == f"{text}请保重。"


def test_the_whole_reply_shows_in_its_editor_and_approving_stands_right_under_it(desk: Desk) -> None:
    page = desk.visit()
    desk.open(page, desk.case())
    text = draft_on(page)
    page.fill("#text", f"{text}{'您先安心，这件事我们慢慢商量。' * 12}再不还我们就上门找您家人。")
    expect(page.locator("#findings .verdict.reject")).to_be_visible()
    assert page.evaluate("(at => at.scrollHeight <= at.clientHeight)(document.getElementById('text'))")
    tops = [page.locator(one).bounding_box() for one in ("#text", ".verdict", "#approve", ".marked", ".findings")]
    heights = [box["y"] for box in tops if box]
    assert heights == sorted(heights)
    assert len(heights) == len(tops)


def test_everything_goes_by_keyboard(desk: Desk) -> None:
    desk.case()
    page = desk.visit()
    page.keyboard.press("Alt+j")
    expect(page.locator(".row").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#case-title")).to_be_visible()
    page.keyboard.press("?")
    expect(page.locator("#shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Control+j")
    expect(page.locator("#text")).to_be_focused()
    page.keyboard.type("您")
    page.keyboard.press("Control+z")
    expect(page.locator("#approve")).to_be_enabled()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#draft .status.approved")).to_be_visible()
    page.locator("#undo").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#approval")).to_be_visible()


def test_a_lost_connection_is_told_and_nothing_typed_is_lost(desk: Desk) -> None:
    page = desk.visit()
    desk.open(page, desk.case())
    text = draft_on(page)
    page.context.set_offline(True)
    page.fill("#text", f"{text}请保重。")
    expect(page.locator("#offline")).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator("#offline")).to_be_hidden()
    assert page.input_value("#text") == f"{text}请保重。"


def test_without_scripts_a_reply_is_suggested_and_approved_all_the_same(desk: Desk) -> None:
    page = desk.visit(java_script_enabled=False)
    desk.open(page, desk.case())
    page.click("#suggest button.main")
    page.click("#approve")
    expect(page.locator("#draft .status.approved")).to_be_visible()

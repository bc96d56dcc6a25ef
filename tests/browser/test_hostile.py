"""A debtor's message is hostile: whatever it holds, a real browser shows it as text and runs nothing of it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from drafter.domain import Role
from tests.browser.desks import Desk
from tests.web.served import KIND, THREAT

_RUNS = "window.ran = true"
HOSTILE = {
    "script": f"<script>{_RUNS}</script> 还不上了",
    "attribute": f"\"'><img src=x onerror=\"{_RUNS}\"><svg onload='{_RUNS}'> 还不上了",
    "link": f'javascript:{_RUNS} <a href="javascript:{_RUNS}">看这里</a> 还不上了',
    "template": "{{ 7 * 7 }} ${7 * 7} {% debug %} 还不上了",
    "frame": f'<iframe srcdoc="<script>parent.{_RUNS}</script>"></iframe></textarea></title></style> 还不上了',
    "directions": "还不上了 \u202e\u2066txt.exe\u2069 \u202dabc",
    "emoji": "还不上了 😭👨‍👩‍👧‍👦🏴󠁧󠁢󠁥󠁮󠁧󠁿 e\u0301\u0301\u0301" + "\u0489" * 200,
    "controls": "还不上了 \x1b[31m \x07 \x7f \u2028 \ufeff",
    "one line": "还" + "a" * 19_000,
}


def nothing_ran(page: Page) -> bool:
    return (
        page.evaluate("window.ran === undefined && !document.querySelector('iframe, #main script, #main img')") is True
    )


def wide(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


@pytest.mark.parametrize("message", HOSTILE.values(), ids=HOSTILE)
def test_a_message_runs_nothing_on_any_page_and_breaks_none(desk: Desk, message: str) -> None:
    case = desk.case(message, facts={"debtor_name": message[:60]})
    agent = desk.visit(viewport={"width": 390, "height": 844})
    for path in ("/queue", f"/cases/{case}"):
        agent.goto(desk.address + path)
        expect(agent.locator("bdi:visible").first).to_be_visible()
        assert nothing_ran(agent)
        assert not wide(agent)


def test_a_draft_that_quotes_hostile_text_runs_nothing_for_agents_and_reviewers(desk: Desk) -> None:
    evil = f"<img src=x onerror='{_RUNS}'><script>{_RUNS}</script>"
    desk.upstream.answers = [THREAT + evil, KIND + evil]
    case = desk.case()
    agent = desk.visit()
    desk.open(agent, case)
    agent.click("#suggest button.main")
    expect(agent.locator("#writing")).to_be_hidden()
    agent.fill("#text", f"{evil}再不还我们就上门找您家人。")
    expect(agent.locator("#findings mark").first).to_be_visible()
    assert nothing_ran(agent)
    agent.click("#save")
    expect(agent.locator("#told")).to_be_visible()
    assert nothing_ran(agent)
    reviewer = desk.visit(Role.QA)
    reviewer.locator(".row").first.click()
    expect(reviewer.locator(".marked")).to_contain_text("<img")
    assert nothing_ran(reviewer)


def test_no_page_lets_a_script_in_or_a_frame_around_it(desk: Desk) -> None:
    page = desk.visit()
    page.evaluate(
        "document.body.append(Object.assign(document.createElement('script'), {textContent: 'window.ran = true'}))"
    )
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<b id=b onclick=\"window.ran = true\">b</b>')")
    page.locator("#b").click()
    assert page.evaluate("window.ran") is None
    page.set_content(f'<iframe src="{desk.address}/sign-in"></iframe>')
    assert "drafter" not in page.frames[-1].content()
    desk.visits[0].faults.clear()  # what the policy stopped is what this test asked for

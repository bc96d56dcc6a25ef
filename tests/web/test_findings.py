"""How what was found is told: each thing once, at all of its places, by whom it concerns and in words."""

from __future__ import annotations

import re

from drafter.bootstrap import guard_for
from drafter.domain import Role
from drafter.web.pages.diffs import parts, together
from guardrails import Facts
from guardrails.policy import jurisdictions
from tests.web.asking import a_draft
from tests.web.served import Served
from tests.web.test_pages import HTML

# The guardrails find two visits in it, and somebody else who is drawn in.
TWICE = "周晓您好，再不还款，我们就去您单位找您领导谈。"


def test_what_is_found_twice_is_told_once_with_both_numbers() -> None:
    found = guard_for("CN").check(TWICE, lang="zh", facts=Facts()).findings
    assert [one.rule for one in found] == ["home-visit-threat", "home-visit-threat", "third-party-contact"]
    assert [(one.numbers, one.finding) for one in together(found)] == [((1, 2), found[0]), ((3,), found[2])]
    assert [part.numbers for part in parts(TWICE, found) if part.numbers] == [(1,), (2,), (3,)]


def test_the_page_numbers_what_was_found_as_the_text_does(served: Served) -> None:
    agent = served.signed_in()
    draft = a_draft(agent)
    html = agent.post(f"/drafts/{draft['id']}/check", data={"text": TWICE}).text
    assert re.findall(r"<sup>([\d ]+)</sup>", html)[:3] == ["1", "2", "3"]
    # What the house style misses comes behind.
    assert re.findall(r"<strong>([\d, ]+)\. ", html)[:3] == ["1, 2", "3", "4"]


def test_a_reviewer_reads_how_a_thing_was_found_and_under_which_law(served: Served) -> None:
    agent = served.signed_in()
    draft = a_draft(agent)
    agent.patch(f"/api/v1/drafts/{draft['id']}", json={"text": TWICE, "version": 1})
    page = served.signed_in(Role.QA).get(f"/review/{draft['id']}", headers=HTML).text
    assert "按词句识别" in page
    assert "phrases" not in page
    assert "<dd>中国内地</dd>" in agent.get(f"/cases/{draft['case_id']}", headers=HTML).text


def test_every_jurisdiction_with_a_policy_can_be_chosen_for_a_case(served: Served) -> None:
    page = served.signed_in().get("/cases/new", headers=HTML).text
    for name, title in jurisdictions().items():
        assert f'<option value="{name}">{title["zh"]}</option>' in page

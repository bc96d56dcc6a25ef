"""A rejected draft is reviewed: in the console by forms, by programs over the API, and never by whoever wrote it."""

from __future__ import annotations

import re

from drafter.domain import Role
from tests.web.served import CASE, KIND, THREAT, Served, served

__all__ = ["served"]


def a_rejected_draft(served: Served) -> str:
    agent = served.signed_in()
    served.upstream.answers = [THREAT, KIND]
    case = agent.post("/api/v1/cases", json=CASE).json()["case"]["id"]
    suggestion = agent.post(f"/api/v1/cases/{case}/suggestions").json()
    return str(suggestion["attempts"][0]["draft_id"])


def test_a_reviewer_reads_what_was_rejected_and_rules_on_it(served: Served) -> None:
    draft_id = a_rejected_draft(served)
    reviewer = served.signed_in(Role.QA)
    assert reviewer.get("/").headers["location"] == "/review"
    assert f'href="/review/{draft_id}?tab=unassigned"' in reviewer.get("/review").text
    page = reviewer.get(f"/review/{draft_id}").text
    assert '<mark class="block">' in page
    assert 'name="finding-0" value="false-hit"' in page
    assert reviewer.post(f"/review/{draft_id}/claim").status_code == 303
    form = {"version": "1", "outcome": "upheld", "finding-0": "hit", "note": "对"}
    done = reviewer.post(f"/review/{draft_id}/ruling", data=form)
    assert done.status_code == 303
    (ruling,) = served.services.store.review.rulings(draft_id)
    assert (ruling.outcome, ruling.findings[0].ruling, ruling.note) == ("upheld", "hit", "对")


def test_names_are_hidden_from_reviewers_until_they_ask_and_the_journal_tells_who_did(served: Served) -> None:
    draft_id = a_rejected_draft(served)
    reviewer = served.signed_in(Role.QA)
    assert "周晓" not in reviewer.get("/review").text
    assert "周晓" not in reviewer.get(f"/review/{draft_id}").text
    assert "周晓" in reviewer.post(f"/review/{draft_id}/reveal").text
    (looked,) = [one for one in served.services.store.journal.entries(subject=draft_id) if one.action == "draft.reveal"]
    assert looked.actor != "system"


def test_an_overturn_without_what_belongs_to_it_is_told_and_nothing_is_kept(served: Served) -> None:
    draft_id = a_rejected_draft(served)
    reviewer = served.signed_in(Role.QA)
    answer = reviewer.post(f"/review/{draft_id}/ruling", data={"version": "1", "outcome": "missed"})
    assert answer.status_code == 422
    assert re.search(r'class="banner bad told"', answer.text)
    assert served.services.store.review.rulings(draft_id) == ()


def test_programs_read_the_queue_and_people_rule_over_the_api(served: Served) -> None:
    draft_id = a_rejected_draft(served)
    program = served.with_key("read", "review")
    items = program.get("/api/v1/review", params={"tier": "general"}).json()["items"]
    assert draft_id in [item["draft_id"] for item in items]
    ruling = {"ruling": "overturned", "note": "too strict"}
    assert program.post(f"/api/v1/review/{draft_id}/ruling", json=ruling).status_code == 403
    ruled = served.signed_in(Role.QA).post(f"/api/v1/review/{draft_id}/ruling", json=ruling)
    assert ruled.json()["outcome"] in ("overturned", None)  # None where a second reviewer is asked first


def test_a_call_may_name_the_rules_whose_findings_were_wrong(served: Served) -> None:
    draft_id = a_rejected_draft(served)
    verdict = served.services.store.review.text(draft_id, 1).verdict
    blocking = {one.rule for one in verdict.findings if one.severity.value == "block"}
    reviewer, named = served.signed_in(Role.QA), min(blocking)
    call = f"/api/v1/review/{draft_id}/ruling"
    assert reviewer.post(call, json={"ruling": "overturned", "rules": ["harassment"]}).status_code == 422
    assert reviewer.post(call, json={"ruling": "overturned", "rules": [named]}).status_code == 200
    (ruling,) = served.services.store.review.rulings(draft_id)
    assert {one.ruling for one in ruling.findings if one.rule == named} == {"false-hit"}
    assert {one.ruling for one in ruling.findings if one.rule != named} <= {"unsure"}


def test_agents_do_not_review(served: Served) -> None:
    draft_id = a_rejected_draft(served)
    agent = served.signed_in()
    assert agent.get("/review").status_code == 403
    assert agent.post(f"/api/v1/review/{draft_id}/ruling", json={"ruling": "upheld"}).status_code == 403
    assert "/review" not in agent.get("/queue").text


def test_an_agent_appeals_from_the_case_and_another_reviewer_gets_it(served: Served) -> None:
    draft_id = a_rejected_draft(served)
    reviewer, agent = served.signed_in(Role.QA), served.signed_in()
    reviewer.post(f"/review/{draft_id}/ruling", data={"version": "1", "outcome": "upheld"})
    if served.services.store.review.item(draft_id).status == "second-review":
        served.signed_in(Role.QA).post(f"/review/{draft_id}/ruling", data={"version": "1", "outcome": "upheld"})
    case = served.services.store.drafts.draft(draft_id).case_id
    assert "/appeal" not in agent.get(f"/cases/{case}", params={"draft": draft_id}).text
    assert agent.post(f"/drafts/{draft_id}/appeal", data={"reason": "不是威胁"}).status_code == 403
    agent.post(f"/cases/{case}/take")
    page = agent.get(f"/cases/{case}", params={"draft": draft_id}).text
    assert f'action="/drafts/{draft_id}/appeal"' in page
    assert agent.post(f"/drafts/{draft_id}/appeal", data={"reason": "不是威胁"}).status_code == 303
    assert served.services.store.review.item(draft_id).status == "appealed"

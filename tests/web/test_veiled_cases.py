"""Whoever only reads sees no names and numbers of a debtor, by no page and no call, until they ask; that is noted."""

from __future__ import annotations

import json

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import insert

from drafter.domain import Role
from drafter.store.review_tables import appeals
from tests.reviewed import AT, FALSELY_FOUND, drawn_id, keep
from tests.undelivered import fail
from tests.web.asking import a_case
from tests.web.served import CASE, KIND, THREAT, Served, served

__all__ = ["served"]
SECRET = ("周晓", "13912345678", "3051")
SAID = {
    "message": "我是周晓，手机13912345678，失业了，这个月还不上，能不能缓一缓？",
    "facts": {**CASE["facts"], "account_last4": "3051"},  # type: ignore[dict-item] # the facts are one
}

STRANGER = "她丈夫王强，电话13800001111，说要找律师"
DEED = {"facts": {**CASE["facts"], "actions_taken": ["已致电丈夫王强13800001111"]}}  # type: ignore[dict-item] # as above
HIS = ("王强", "13800001111")


@pytest.fixture
def case_id(served: Served) -> str:
    served.upstream.answers = [THREAT, KIND]
    agent = served.signed_in()
    case = a_case(agent, **SAID)
    agent.post(f"/api/v1/cases/{case}/suggestions")
    agent.post(f"/api/v1/cases/{case}/messages", json={"message": "我周晓说到做到，周五还一百"})
    agent.post(f"/api/v1/cases/{case}/suggestions")
    draft = served.services.store.drafts.of_case(case)[0]
    said = {"text": draft.text, "done": "已给周晓的手机13912345678发过账单"}
    assert agent.post(f"/drafts/{draft.id}/facts", data={"version": draft.version, **said}).status_code == 303
    return case


def seen(text: str) -> list[str]:
    return [one for one in SECRET if one in text]


def calls(served: Served, case_id: str) -> list[str]:
    draft = served.services.store.drafts.of_case(case_id)[0].id
    return [
        f"/api/v1/cases/{case_id}",
        f"/api/v1/cases/{case_id}/drafts",
        f"/api/v1/drafts/{draft}",
        "/api/v1/cases",
    ]


def pages(served: Served, case_id: str) -> list[str]:
    drafts = served.services.store.drafts.of_case(case_id)
    return [
        "/queue",
        "/queue/rows",
        f"/cases/{case_id}",
        f"/cases/{case_id}/beside",
        *(f"/cases/{case_id}?draft={one.id}" for one in drafts),
    ]


@pytest.mark.parametrize("role", [Role.QA, Role.QA_LEAD, Role.ADMIN])
def test_whoever_only_reads_sees_tokens_in_place_of_persons(served: Served, case_id: str, role: Role) -> None:
    reader = served.signed_in(role)
    for path in (*pages(served, case_id), *calls(served, case_id)):
        answer = reader.get(path)
        assert answer.status_code == 200
        assert seen(answer.text) == [], path
    assert "[姓名" in reader.get(f"/cases/{case_id}").text


def test_agents_and_programs_that_draft_read_the_case_as_it_is(served: Served, case_id: str) -> None:
    assert "周晓" in served.signed_in().get(f"/cases/{case_id}").text
    program = served.with_key("read", "draft")
    assert program.get(f"/api/v1/cases/{case_id}").json()["case"]["facts"]["debtor_name"] == "周晓"


def test_a_program_that_only_reads_sees_tokens_and_findings_where_they_stand(served: Served, case_id: str) -> None:
    program = served.with_key("read")
    for path in calls(served, case_id):
        assert seen(program.get(path).text) == [], path
    found = 0
    for draft in program.get(f"/api/v1/cases/{case_id}/drafts").json():
        for one in draft["verdict"]["findings"]:
            found += 1
            assert draft["text"][one["start"] : one["end"]] == one["quote"]
    assert found
    answer = program.get(f"/api/v1/cases/{case_id}").json()
    for one in answer["triage"]["evidence"]:
        assert answer["case"]["message"]["text"][one["start"] : one["end"]] == one["quote"]


def revealed(served: Served, case_id: str) -> list[str]:
    return [one.actor for one in served.services.store.journal.entries(subject=case_id) if one.action == "case.reveal"]


def test_a_reader_who_asks_sees_the_case_and_the_journal_tells_who_did(served: Served, case_id: str) -> None:
    reader = served.signed_in(Role.QA)
    assert f'action="/cases/{case_id}/reveal"' in reader.get(f"/cases/{case_id}").text
    shown = reader.post(f"/cases/{case_id}/reveal").text
    assert {"周晓", "13912345678"} <= set(seen(shown))
    assert f'action="/cases/{case_id}/reveal"' not in shown
    assert len(revealed(served, case_id)) == 1
    assert seen(reader.get(f"/cases/{case_id}").text) == []


def test_a_program_asks_by_a_call_of_its_own(served: Served, case_id: str) -> None:
    program = served.with_key("read")
    shown = program.post(f"/api/v1/cases/{case_id}/reveal")
    assert seen(shown.text) == list(SECRET)
    assert {one["case_id"] for one in shown.json()["drafts"]} == {case_id}
    assert revealed(served, case_id)[0].startswith("key:")


def test_a_draft_that_a_page_is_refreshed_with_stays_veiled(served: Served, case_id: str) -> None:
    reader: TestClient = served.signed_in(Role.ADMIN)
    assert seen(json.dumps(reader.get(f"/cases/{case_id}/state").json())) == []


def test_administrators_read_no_name_where_they_mend_the_way_out(served: Served) -> None:
    fail(served.services.store, 1)
    assert "欧阳静" in served.signed_in().get("/undelivered").text
    shown = served.signed_in(Role.ADMIN).get("/undelivered").text
    assert "欧阳静" not in shown
    assert "[姓名1]" in shown


def test_what_agents_and_the_account_say_of_others_is_hidden_as_well(served: Served) -> None:
    agent = served.signed_in()
    case_id = a_case(agent, **DEED)
    agent.post(f"/cases/{case_id}/escalate", data={"reason": STRANGER})
    reader, program = served.signed_in(Role.QA), served.with_key("read")
    for shown in (reader.get(f"/cases/{case_id}").text, program.get(f"/api/v1/cases/{case_id}").text):
        assert [one for one in HIS if one in shown] == []
    assert STRANGER in served.signed_in(Role.LEAD).get(f"/cases/{case_id}").text


def test_what_reviewers_and_agents_write_of_others_is_hidden_as_well(served: Served) -> None:
    store, reviewer = served.services.store, served.signed_in(Role.QA)
    ruled_on, escalated = drawn_id("second", 0.1, drawn=False), "d2"
    keep(store, ruled_on, FALSELY_FOUND)
    keep(store, escalated)
    ruled = {"version": "1", "outcome": "overturned", "reason": "rule-too-broad", "note": STRANGER}
    reviewer.post(f"/review/{ruled_on}/ruling", data={**ruled, "finding-0": "false-hit", "comment-0": STRANGER})
    reviewer.post(f"/review/{escalated}/escalate", data={"because": STRANGER})
    with store._engine.begin() as connection:
        connection.execute(insert(appeals).values(draft_id=ruled_on, by="agent", at=AT, reason=STRANGER))
    lead = served.signed_in(Role.QA_LEAD)
    for draft_id, times in ((ruled_on, 3), (escalated, 1)):
        shown = lead.get(f"/review/{draft_id}").text
        assert [one for one in HIS if one in shown] == []
        assert shown.count("她丈夫[姓名]，电话[电话]") == times


def test_a_search_does_not_spell_out_what_is_hidden(served: Served) -> None:
    case_id = a_case(served.signed_in(), **SAID, external_id="crm-1")
    program, reader = served.with_key("read"), served.signed_in(Role.QA)
    for hidden in ("手机1", "手机139", "13912345678", "周"):
        assert program.get("/api/v1/cases", params={"search": hidden}).json()["rows"] == []
        assert case_id not in reader.get("/queue/rows", params={"search": hidden}).text
    for client in (program, served.with_key("read", "draft")):
        (row,) = client.get("/api/v1/cases", params={"search": "crm-1"}).json()["rows"]
        assert row["case_id"] == case_id
    assert served.with_key("read", "draft").get("/api/v1/cases", params={"search": "手机1"}).json()["rows"]


def test_a_program_that_may_not_read_is_given_a_kept_case_with_tokens_only(served: Served, case_id: str) -> None:
    agent, program = served.signed_in(), served.with_key("draft")
    known = {**SAID, "external_id": "crm-1"}
    kept = agent.post("/api/v1/cases", json=known).json()["case"]["id"]
    answer = program.post("/api/v1/cases", json={"message": "x", "external_id": "crm-1"})
    assert (answer.status_code, answer.json()["case"]["id"], seen(answer.text)) == (200, kept, [])
    for one in answer.json()["triage"]["evidence"]:
        assert answer.json()["case"]["message"]["text"][one["start"] : one["end"]] == one["quote"]
    further = program.post(f"/api/v1/cases/{case_id}/messages", json={"message": "我周五还一百"})
    assert (further.status_code, seen(further.text)) == (201, [])
    told = served.services.store.journal.entries()
    looked = {one.subject for one in told if one.action == "case.see" and one.actor.startswith("key:")}
    assert looked == {kept, case_id}
    both = served.with_key("read", "draft").post("/api/v1/cases", json={"message": "x", "external_id": "crm-1"})
    assert seen(both.text) == list(SECRET)


@pytest.mark.parametrize("by", ["two people", "one program"])
def test_names_that_are_asked_for_again_are_noted_again(served: Served, case_id: str, by: str) -> None:
    same = {"idempotency-key": "1"}
    if by == "two people":
        # A proxy in front may put a password of its own into each request.
        asking = [served.signed_in(Role.QA), served.signed_in(Role.QA)]
        same["authorization"] = "Basic c2hhcmVk"
    else:
        asking = [served.with_key("read")] * 2
    for one in asking:
        answer = one.post(f"/api/v1/cases/{case_id}/reveal", headers=same)
        assert "13912345678" in answer.text
        assert "idempotency-replayed" not in answer.headers
    assert len(revealed(served, case_id)) == 2
    assert len(set(revealed(served, case_id))) == len(set(map(id, asking)))

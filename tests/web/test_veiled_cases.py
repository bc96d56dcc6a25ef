"""Whoever only reads sees no names and numbers of a debtor, by no page and no call, until they ask; that is noted."""

from __future__ import annotations

import json

import pytest
from fastapi.testclient import TestClient

from drafter.domain import Role
from tests.web.asking import a_case
from tests.web.served import CASE, KIND, THREAT, Served, served

__all__ = ["served"]
SECRET = ("周晓", "13912345678", "3051")
SAID = {
    "message": "我是周晓，手机13912345678，失业了，这个月还不上，能不能缓一缓？",
    "facts": {**CASE["facts"], "account_last4": "3051"},  # type: ignore[dict-item] # the facts are one
}


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

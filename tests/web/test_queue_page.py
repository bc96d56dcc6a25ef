"""The list of cases: who comes first, what a row tells, and what is found by whom."""

from __future__ import annotations

import re

from fastapi.testclient import TestClient

from drafter.domain import Role
from tests.web.asking import a_case
from tests.web.served import CASE, Served

CRISIS = "我真的撑不下去了，不想活了。"


def listed(client: TestClient, query: str = "") -> list[str]:
    return re.findall(r'href="/cases/([0-9a-f]{32})"', client.get(f"/queue{query}").text)


def test_whoever_needs_a_person_stands_first_and_marked_in_the_queue_and_beside_a_case(served: Served) -> None:
    agent = served.signed_in()
    crisis, other = a_case(agent, message=CRISIS), a_case(agent)
    assert listed(agent) == [crisis, other]
    assert f'<a class="row person" href="/cases/{crisis}">' in agent.get("/queue").text
    assert f'<a class="row" href="/cases/{other}">' in agent.get("/queue").text
    beside = agent.get(f"/cases/{other}/beside").text
    assert beside.index(crisis) < beside.index(other)


def test_a_row_tells_what_is_owed_for_how_long_and_who_handles_it(served: Served) -> None:
    agent, other = served.signed_in(), served.signed_in(Role.AGENT)
    facts = {**CASE["facts"], "days_past_due": 22}  # type: ignore[dict-item] # the facts are one
    case_id = a_case(agent, facts=facts)
    other.post(f"/cases/{case_id}/take")
    shown = agent.get("/queue").text
    assert "4,680.00 · 逾期 22 天" in shown
    assert "经手人：" in shown
    assert "还不上" in shown


def test_a_status_is_shown_only_where_the_tab_does_not_tell_it(served: Served) -> None:
    agent = served.signed_in()
    a_case(agent)
    assert 'class="status' not in agent.get("/queue").text


def test_a_name_finds_a_case_for_whoever_may_read_it_and_for_nobody_else(served: Served) -> None:
    agent, reader = served.signed_in(), served.signed_in(Role.QA)
    case_id = a_case(agent)
    assert listed(agent, "?search=周晓") == [case_id]
    assert listed(reader, "?search=周晓") == []
    assert "客户称呼" in agent.get("/queue").text
    assert "客户称呼" not in reader.get("/queue").text
    program, drafting = served.with_key("read"), served.with_key("read", "draft")
    assert program.get("/api/v1/cases?search=周晓").json()["rows"] == []
    assert len(drafting.get("/api/v1/cases?search=周晓").json()["rows"]) == 1


def test_only_the_open_tab_promises_new_messages(served: Served) -> None:
    agent = served.signed_in()
    assert "新消息会自动出现" in agent.get("/queue").text
    for tab in ("human", "mine", "answered", "escalated"):
        shown = agent.get(f"/queue?tab={tab}").text
        assert "新消息会自动出现" not in shown
        assert "这里没有案件" in shown

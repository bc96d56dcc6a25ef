"""What did not leave is seen over all cases, by those who may let it go and those who mend the way out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient

from drafter.domain import Role
from tests.approved import write_again
from tests.undelivered import fail
from tests.web.served import Served
from tests.web.test_pages import Page, opened

BADGE = 'class="count due"'


@pytest.fixture
def agent(served: Served) -> TestClient:
    return served.signed_in()


def speaking(client: TestClient, lang: str = "en") -> TestClient:
    client.post("/language", data={"lang": lang})
    return client


def statuses(served: Served, *ids: str) -> list[str]:
    return [served.services.store.drafts.draft(one).status for one in ids]


def test_an_agent_sees_who_by_what_why_and_what_to_do(served: Served, agent: TestClient) -> None:
    (draft,) = fail(served.services.store, 1)
    page = opened(speaking(agent), "/undelivered")
    for words in ("欧阳静", "webhook", "tries: 6", "answered 503", "try again once it works"):
        assert words in page.text
    assert f"/undelivered/{draft}/retry" in page.forms
    assert f'href="/cases/case-1?draft={draft}"' in agent.get("/undelivered").text
    assert "try again once it works" in opened(agent, f"/cases/case-1?draft={draft}").text


@pytest.mark.parametrize(
    ("failure", "chinese", "english"),
    [
        ("The receiver answered 401.", "401", "DRAFTER_WEBHOOK_SECRET"),
        ("The receiver answered 410.", "410", "DRAFTER_WEBHOOK_URL"),
        ("The receiver answered 301.", "301", "another address"),
        ("The receiver answered 422.", "422", "ask whoever runs it"),
        ("The receiver did not answer (ConnectTimeout).", "接收方没有应答", "can be reached"),
        ("The channel failed (KeyError).", "KeyError", "Tell whoever runs this desk"),
        ("no channel <script>", "<script>", "no channel named <script>"),
        ("something else", "something else", "Open the case"),
    ],
)
def test_why_it_did_not_leave_is_told_in_plain_words(
    served: Served, agent: TestClient, failure: str, chinese: str, english: str
) -> None:
    fail(served.services.store, 1, why=failure)
    assert chinese in opened(speaking(agent, "zh"), "/undelivered").text
    assert english in opened(speaking(agent, "en"), "/undelivered").text


def test_one_is_tried_again_and_leaves_the_list(served: Served, agent: TestClient) -> None:
    first, second = fail(served.services.store, 2)
    answer = agent.post(f"/undelivered/{first}/retry")
    assert answer.headers["location"] == "/undelivered?again=1"
    assert statuses(served, first, second) == ["approved", "failed"]
    page = opened(speaking(agent), "/undelivered?again=1")
    assert "1 will be tried again." in page.text
    assert f"/undelivered/{first}/retry" not in page.forms
    again = agent.post(f"/undelivered/{first}/retry")
    assert again.status_code == 409
    assert Page(again.text).faults == []


def test_all_are_tried_again_but_those_that_no_longer_answer_the_debtor(served: Served, agent: TestClient) -> None:
    first, stale, third = fail(served.services.store, 3)
    write_again(served.services.store, "case-2")
    page = opened(agent, "/undelivered")
    assert f"/undelivered/{stale}/retry" not in page.forms
    answer = agent.post("/undelivered/retry")
    assert answer.headers["location"] == "/undelivered?again=2&stopped=0&left=1"
    assert statuses(served, first, stale, third) == ["approved", "failed", "approved"]
    told = opened(speaking(agent), answer.headers["location"]).text
    assert "2 will be tried again." in told
    assert "Not tried: 1" in told
    retries = [entry for entry in served.services.store.journal.entries() if entry.action == "draft.retry"]
    assert {entry.subject for entry in retries} == {first, third}


def test_the_number_stands_in_the_navigation_of_those_who_may_open_it(served: Served, agent: TestClient) -> None:
    assert BADGE not in agent.get("/queue").text
    fail(served.services.store, 2)
    for role in (Role.AGENT, Role.LEAD, Role.ADMIN):
        raw = served.signed_in(role).get("/queue").text
        assert f"<span {BADGE}>2</span>" in raw
    for role in (Role.QA, Role.QA_LEAD):
        raw = served.signed_in(role).get("/queue").text
        assert "/undelivered" not in raw
    assert BADGE not in agent.get("/nowhere", headers={"accept": "text/html"}).text


def test_an_administrator_reads_the_list_and_lets_nothing_go(served: Served) -> None:
    (draft,) = fail(served.services.store, 1)
    admin = served.signed_in(Role.ADMIN)
    forms = opened(admin, "/undelivered").forms
    assert [one for one in forms if "undelivered" in one] == []
    for path in (f"/undelivered/{draft}/retry", "/undelivered/retry"):
        assert admin.post(path).status_code == 403
    assert statuses(served, draft) == ["failed"]


@pytest.mark.parametrize("role", [Role.QA, Role.QA_LEAD])
def test_reviewers_have_nothing_to_do_with_it(served: Served, role: Role) -> None:
    assert served.signed_in(role).get("/undelivered").status_code == 403


def test_a_long_list_goes_on_and_tells_each_once(served: Served, agent: TestClient) -> None:
    began = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    ids = fail(served.services.store, 53, at=lambda number: began + timedelta(minutes=number))
    first = opened(agent, "/undelivered")
    raw = agent.get("/undelivered").text
    following = raw.split('href="/undelivered?cursor=')[1].split('"')[0]
    second = opened(agent, f"/undelivered?cursor={following}")
    told = [one for page in (first, second) for one in page.forms if one.endswith("/retry") and one.count("/") == 3]
    assert told == [f"/undelivered/{one}/retry" for one in reversed(ids)]
    assert agent.get("/undelivered?cursor=x").status_code == 422


def test_nothing_undelivered_is_said_as_such(agent: TestClient) -> None:
    page = opened(speaking(agent), "/undelivered")
    assert "Nothing is undelivered." in page.text
    assert "/undelivered/retry" not in page.forms


def test_it_is_read_and_tried_again_on_either_database(either_served: Served) -> None:
    ids = fail(either_served.services.store, 2)
    agent = either_served.signed_in()
    assert agent.post("/undelivered/retry").headers["location"] == "/undelivered?again=2&stopped=0&left=0"
    assert statuses(either_served, *ids) == ["approved", "approved"]

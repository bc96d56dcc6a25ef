"""Who saw what: nothing of a debtor is shown before the journal says to whom."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Semaphore
from typing import Any

import pytest

from drafter.desk.looking import Looks
from drafter.domain import Completion, Prompt, Role
from drafter.errors import ModelUnavailableError, StorageError
from drafter.ports import OnToken
from drafter.web.jobs import Job
from tests.indebted import MARK, a_debtor, an_erasure
from tests.web.served import Served

PATIENCE_S = 20


def seen(served: Served) -> list[tuple[str, str, str]]:
    entries = served.services.store.journal.entries()
    return [(one.action, one.actor, one.subject) for one in entries if one.action.endswith(".see")]


def a_case(served: Served) -> Any:
    key = served.with_key("read", "draft")
    return key.post("/api/v1/cases", json={"message": f"这个月周转不开。{MARK}", "external_id": "crm-1"}).json()["case"]


def test_whoever_opens_a_case_is_told_once_however_often_the_page_asks(either_served: Served) -> None:
    case_id = a_case(either_served)["id"]
    first, second = either_served.signed_in(), either_served.signed_in()
    for browser in (first, first, second):
        assert MARK in browser.get(f"/cases/{case_id}").text
    length = either_served.services.store.journal.end()
    for _ in range(5):
        assert first.get(f"/cases/{case_id}/state").status_code == 200
        assert first.get(f"/cases/{case_id}?again=true").status_code == 200
    assert either_served.services.store.journal.end() == length
    assert [(action, subject) for action, _, subject in seen(either_served)] == [("case.see", case_id)] * 2
    assert len({actor for _, actor, _ in seen(either_served)}) == 2
    assert either_served.services.store.journal.first_fault() is None


def test_whoever_asks_only_as_an_open_page_would_is_told_too(served: Served) -> None:
    case_id = a_case(served)["id"]
    a_debtor(served.services.store)
    assert served.signed_in().get(f"/cases/{case_id}?again=true").status_code == 200
    assert served.signed_in().post("/drafts/case-1-draft-edited/check", data={"text": "x"}).status_code == 200
    assert [(action, subject) for action, _, subject in seen(served)] == [("case.see", case_id), ("case.see", "case-1")]


@pytest.mark.parametrize("what", ["case", "drafts", "draft", "external id", "events"])
def test_a_program_that_reads_a_case_is_told_by_its_key(served: Served, what: str) -> None:
    case = a_case(served)
    writer = served.with_key("read", "draft")
    written = writer.post(f"/api/v1/cases/{case['id']}/suggestions", headers={"accept": "text/event-stream"})
    drafts = writer.get(f"/api/v1/cases/{case['id']}/drafts").json()
    reader = served.with_key("read", "draft")
    before = len(seen(served))
    calls = {
        "case": ("GET", f"/cases/{case['id']}", {}),
        "drafts": ("GET", f"/cases/{case['id']}/drafts", {}),
        "draft": ("GET", f"/drafts/{drafts[0]['id']}", {}),
        "external id": ("POST", "/cases", {"json": {"message": "x", "external_id": "crm-1"}}),
        "events": ("GET", f"/suggestions/{written.headers['x-job']}/events", {}),
    }
    method, path, given = calls[what]
    for _ in range(2):
        assert reader.request(method, f"/api/v1{path}", **given).status_code == 200
    told = seen(served)[before:]
    assert [(action, subject) for action, _, subject in told] == [("case.see", case["id"])]
    assert told[0][1].startswith("key:")


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
def test_whoever_asks_for_a_draft_is_told_even_if_none_comes_of_it(served: Served, accept: str) -> None:
    case = a_case(served)

    async def broken(_prompt: Prompt, *, on_token: OnToken | None = None) -> Completion:
        assert on_token is not None
        on_token("您好")
        raise ModelUnavailableError("The model did not answer.")

    served.upstream.complete = broken  # type: ignore[method-assign]
    program = served.with_key("draft")
    program.post(f"/api/v1/cases/{case['id']}/suggestions", headers={"accept": accept})
    ((action, actor, subject),) = seen(served)
    assert (action, subject) == ("case.see", case["id"])
    assert actor.startswith("key:")


def test_whoever_asks_for_a_draft_by_the_page_is_told_before_it_is_written(served: Served) -> None:
    case, agent, told = a_case(served), served.signed_in(), []

    async def complete(_prompt: Prompt, *, on_token: OnToken | None = None) -> Completion:
        del on_token
        told.extend(seen(served))
        raise ModelUnavailableError("The model did not answer.")

    served.upstream.complete = complete  # type: ignore[method-assign]
    agent.post(f"/cases/{case['id']}/suggest")
    assert [(action, subject) for action, _, subject in told[:1]] == [("case.see", case["id"])]


def test_whoever_joins_a_draft_that_is_being_written_is_told_too(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, jobs, asked = a_case(served), served.services.jobs, Semaphore(0)
    begin = jobs.start

    def start(*given: Any, **named: Any) -> Job:
        job = begin(*given, **named)
        asked.release()
        return job

    monkeypatch.setattr(jobs, "start", start)
    served.upstream.answers = [None]
    programs = [served.with_key("draft"), served.with_key("draft")]
    path = f"/api/v1/cases/{case['id']}/suggestions"
    with ThreadPoolExecutor() as pool:
        answers = [pool.submit(one.post, path) for one in programs]
        joined = [asked.acquire(timeout=PATIENCE_S) for _ in programs]
        programs[0].delete(path)
    assert (joined, [one.result().status_code for one in answers]) == ([True, True], [409, 409])
    assert len({actor for _, actor, _ in seen(served)}) == len(programs)


def test_a_reviewer_who_reads_a_draft_is_told(served: Served) -> None:
    a_debtor(served.services.store)
    reviewer = served.signed_in(Role.QA)
    for _ in range(2):
        assert reviewer.get("/review/case-1-draft-rejected").status_code == 200
    assert [(action, subject) for action, _, subject in seen(served)] == [("draft.see", "case-1-draft-rejected")]


def test_what_is_not_there_is_not_told_as_seen(served: Served) -> None:
    for path in ("/cases/none", "/review/none"):
        assert served.signed_in(Role.QA).get(path).status_code == 404
    assert seen(served) == []


def test_a_read_that_the_journal_cannot_tell_of_is_not_shown(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    case_id = a_case(served)["id"]
    a_debtor(served.services.store)
    agent, reviewer, key = served.signed_in(), served.signed_in(Role.QA), served.with_key("read")

    def broken(*_args: object, **_given: object) -> None:
        raise StorageError("The disk is full.")

    monkeypatch.setattr(Looks, "_tell", broken)
    for browser, path in (
        (agent, f"/cases/{case_id}"),
        (agent, f"/cases/{case_id}?again=true"),
        (reviewer, "/review/case-1-draft-rejected"),
        (key, f"/api/v1/cases/{case_id}"),
        (key, f"/api/v1/cases/{case_id}/drafts"),
        (key, "/api/v1/drafts/case-1-draft-edited"),
    ):
        answer = browser.get(path, headers={"accept": "text/html"})
        assert answer.status_code == 503, path
        assert MARK not in answer.text
    assert agent.get(f"/cases/{case_id}/state").status_code == 200


def test_an_erased_case_is_gone_for_people_and_programs(served: Served) -> None:
    a_debtor(served.services.store)
    written = a_case(served)
    writer = served.with_key("read", "draft")
    job = writer.post(f"/api/v1/cases/{written['id']}/suggestions", headers={"accept": "text/event-stream"})
    ids = ["case-1", written["id"]]
    served.services.store.privacy.erase(ids, [an_erasure(one) for one in ids], because=None, salt=None)

    agent, reviewer = served.signed_in(), served.signed_in(Role.QA)
    gone = [
        agent.get("/cases/case-1", headers={"accept": "text/html"}),
        agent.get("/cases/case-1/state"),
        agent.get("/cases/case-1?again=true"),
        agent.post("/cases/case-1/write", data={"text": "x"}),
        agent.post("/drafts/case-1-draft-edited/save", data={"text": "x", "version": "2"}),
        reviewer.get("/review/case-1-draft-rejected"),
        writer.get("/api/v1/cases/case-1"),
        writer.get("/api/v1/drafts/case-1-draft-edited"),
        writer.post("/api/v1/cases/case-1/messages", json={"message": "x"}),
        writer.post("/api/v1/cases/case-1/suggestions"),
        writer.get(f"/api/v1/suggestions/{job.headers['x-job']}/events"),
    ]
    assert [answer.status_code for answer in gone] == [410] * len(gone)
    assert not [answer for answer in gone if MARK in answer.text]
    assert writer.get("/api/v1/cases").json()["rows"] == []
    assert agent.get("/queue").status_code == 200
    assert reviewer.get("/review?tab=all").status_code == 200
    again = writer.post("/api/v1/cases", json={"message": "x", "external_id": "crm-1"})
    assert again.status_code == 201


def test_a_verdict_is_not_kept_for_a_repetition(served: Served) -> None:
    case = a_case(served)
    key = served.with_key("read", "draft")
    key.post(f"/api/v1/cases/{case['id']}/suggestions")
    draft = key.get(f"/api/v1/cases/{case['id']}/drafts").json()[0]
    given = {"json": {"text": f"再不还就联系你家人 {MARK}"}, "headers": {"idempotency-key": "k"}}
    for _ in range(2):
        answer = key.post(f"/api/v1/drafts/{draft['id']}/check", **given)
        assert answer.status_code == 200
        assert "idempotency-replayed" not in answer.headers

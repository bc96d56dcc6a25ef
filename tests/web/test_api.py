"""The contract over HTTP, call by call, and what each refuses."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from drafter.domain import Role
from drafter.web.headers import SAFE
from drafter.web.jobs import Jobs
from tests.web.asking import a_case, a_draft, events, sha256
from tests.web.served import CASE, KIND, THREAT, Served

STREAM = {"accept": "text/event-stream"}


def told(answer: object, status: int, title: str) -> None:
    """Hold an answer to RFC 9457."""
    assert answer.status_code == status, answer.text  # type: ignore[attr-defined] # the client's own type is private
    assert answer.headers["content-type"] == "application/problem+json"  # type: ignore[attr-defined]
    body = answer.json()  # type: ignore[attr-defined]
    assert body.keys() == {"type", "title", "status", "detail"}
    assert (body["status"], body["title"]) == (status, title)
    assert body["type"] == f"urn:drafter:error:{title}"
    assert body["detail"]


def test_a_check_answers_with_a_verdict_and_shows_where_each_finding_stands(agent: TestClient) -> None:
    verdict = agent.post("/api/v1/check", json={"text": THREAT, "lang": "zh", "jurisdiction": "CN"}).json()
    assert verdict["verdict"] == "reject"
    assert verdict["policy"].startswith("CN@")
    assert verdict["failed"] == []
    blocking = [one for one in verdict["findings"] if one["severity"] == "block"]
    assert blocking
    assert all(THREAT[one["start"] : one["end"]] == one["quote"] for one in blocking)
    assert agent.post("/api/v1/check", json={"text": "您好，谢谢您告诉我们。"}).json()["verdict"] == "pass"


def test_a_correct_sum_sent_to_somebody_in_despair_is_rejected(agent: TestClient) -> None:
    facts = {"amount_due": "3200.00", "currency": "CNY"}
    asked = {"text": "您好，您的应还金额是3200.00元，请尽快处理。", "inbound": "我不想活了", "facts": facts}
    assert agent.post("/api/v1/check", json=asked).json()["verdict"] == "reject"


def test_the_whole_trip_goes_alike_on_both_databases(either_served: Served) -> None:
    agent = either_served.signed_in()
    given = {**CASE, "external_id": "crm-7"}
    first, again = agent.post("/api/v1/cases", json=given), agent.post("/api/v1/cases", json=given)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    case = first.json()["case"]["id"]

    suggestion = agent.post(f"/api/v1/cases/{case}/suggestions")
    assert suggestion.status_code == 201
    made = suggestion.json()
    assert (made["case_id"], made["status"], made["source"]) == (case, "awaiting_approval", "model")
    draft = f"/api/v1/drafts/{made['draft_id']}"

    threat = agent.patch(draft, json={"text": THREAT, "version": 1}).json()
    assert (threat["draft"]["status"], threat["draft"]["version"]) == ("rejected", 2)
    told(agent.patch(draft, json={"text": KIND, "version": 1}), 409, "conflict")
    told(
        agent.post(f"{draft}/approval", json={"version": 2, "text_sha256": threat["text_sha256"]}),
        422,
        "not-approvable",
    )

    mended = agent.patch(draft, json={"text": made["text"], "version": 2}).json()
    assert mended["text_sha256"] == sha256(made["text"])
    approval = {"version": 3, "text_sha256": mended["text_sha256"]}
    told(agent.post(f"{draft}/approval", json={**approval, "text_sha256": sha256("another")}), 409, "conflict")
    told(agent.post(f"{draft}/approval", json={**approval, "version": 2}), 409, "conflict")
    approved = agent.post(f"{draft}/approval", json=approval)
    assert approved.json()["draft"]["status"] == "approved"
    before = len(list(either_served.services.store.journal.entries()))
    assert agent.post(f"{draft}/approval", json=approval).status_code == 200
    acts = [one.action for one in either_served.services.store.journal.entries()][before:]
    assert "draft.approve" not in acts
    assert either_served.services.store.journal.first_fault() is None


def test_an_approval_is_taken_back_before_the_text_leaves(agent: TestClient) -> None:
    draft = a_draft(agent)
    path = f"/api/v1/drafts/{draft['id']}"
    agent.post(f"{path}/approval", json={"version": 1, "text_sha256": sha256(str(draft["text"]))})
    withdrawn = agent.delete(f"{path}/approval")
    if withdrawn.status_code == 200:  # it may be on its way already: the desk of the tests gives no time to undo
        assert withdrawn.json()["draft"]["status"] == "awaiting_approval"
    else:
        told(withdrawn, 409, "conflict")


def test_a_text_is_previewed_without_being_kept(agent: TestClient) -> None:
    draft = a_draft(agent)
    path = f"/api/v1/drafts/{draft['id']}"
    assert agent.post(f"{path}/check", json={"text": THREAT}).json()["verdict"] == "reject"
    assert agent.get(path).json()["draft"] == draft


def test_discarding_and_escalating_ask_for_a_reason(agent: TestClient) -> None:
    draft = a_draft(agent)
    for path in (f"/api/v1/drafts/{draft['id']}/discard", f"/api/v1/cases/{draft['case_id']}/escalation"):
        told(agent.post(path, json={"reason": "  "}), 422, "input")
        assert agent.post(path, json={"reason": "要主管看"}).status_code == 200
    assert agent.get("/api/v1/cases", params={"status": "escalated"}).json()["rows"][0]["case_id"] == draft["case_id"]


def test_events_come_in_order_and_count_up_from_one(agent: TestClient) -> None:
    answer = agent.post(f"/api/v1/cases/{a_case(agent)}/suggestions", headers=STREAM)
    assert answer.status_code == 201
    seen = list(events(answer.text))
    assert [number for number, _, _ in seen] == list(range(1, len(seen) + 1))
    kinds = [kind for _, kind, _ in seen if kind != "finding"]
    assert (kinds[0], kinds[-2:]) == ("triage", ["verdict", "done"])
    assert set(kinds[1:-2]) == {"token"}
    assert seen[-1][2]["status"] == "awaiting_approval"


def test_reading_on_behind_an_event_answers_200_as_browsers_expect(agent: TestClient) -> None:
    answer = agent.post(f"/api/v1/cases/{a_case(agent)}/suggestions", headers=STREAM)
    seen = list(events(answer.text))
    path = f"/api/v1/suggestions/{answer.headers['x-job']}/events"
    rest = agent.get(path, headers={"last-event-id": str(len(seen) - 1)})
    assert (rest.status_code, list(events(rest.text))) == (200, seen[-1:])
    assert list(events(agent.get(path).text)) == seen
    told(agent.get(path, headers={"last-event-id": "first"}), 422, "input")
    told(agent.get("/api/v1/suggestions/none/events"), 404, "not-found")


def test_a_draft_that_is_stopped_ends_with_stopped_and_offers_nothing(served: Served, agent: TestClient) -> None:
    served.upstream.answers = [None]
    case = a_case(agent)
    with ThreadPoolExecutor() as pool:
        watching = pool.submit(agent.post, f"/api/v1/cases/{case}/suggestions", headers=STREAM)
        wait_for_token(served, case)
        joined = pool.submit(agent.post, f"/api/v1/cases/{case}/suggestions")
        time.sleep(0.05)
        assert agent.delete(f"/api/v1/cases/{case}/suggestions").status_code == 204
        kinds = [kind for _, kind, _ in events(watching.result(timeout=10).text)]
        told(joined.result(timeout=10), 409, "conflict")
    assert (kinds[0], kinds[-1]) == ("triage", "stopped")
    assert agent.get(f"/api/v1/cases/{case}/drafts").json() == []
    told(agent.delete(f"/api/v1/cases/{case}/suggestions"), 409, "conflict")


def wait_for_token(served: Served, case: str) -> None:
    for _ in range(500):
        job = served.services.jobs.running(case)
        if job is not None and any(one.kind == "token" for one in job.events):
            return
        time.sleep(0.01)
    pytest.fail("the draft was never begun")


async def test_a_draft_that_is_stopped_before_it_begins_blocks_nobody(served: Served, agent: TestClient) -> None:
    case = served.services.store.case(a_case(agent))
    jobs = Jobs(served.services.desk)
    job = jobs.start(case, by="li")
    await jobs.stop(case.id)  # the task has not run yet
    assert [event.kind async for event in job.watch() if event] == ["stopped"]
    assert jobs.running(case.id) is None
    again = jobs.start(case, by="li")
    assert again is not job
    await asyncio.wait_for(jobs.result(again), 10)


def test_a_program_with_a_key_gets_suggestions_and_its_key_can_be_revoked(served: Served) -> None:
    program = served.with_key("read", "draft")
    draft = a_draft(program)
    for method, path in (("POST", "approval"), ("DELETE", "approval"), ("POST", "discard")):
        body = {"version": 1, "text_sha256": sha256(str(draft["text"])), "reason": "no"}
        told(program.request(method, f"/api/v1/drafts/{draft['id']}/{path}", json=body), 403, "forbidden")
    assert served.services.store.drafts.draft(str(draft["id"])).status == "awaiting_approval"
    told(served.with_key("read").post("/api/v1/cases", json=CASE), 403, "forbidden")
    made = program.post("/api/v1/cases", json=CASE, headers={"idempotency-key": "k"})
    assert made.status_code == 201
    (key,) = [one for one in served.services.store.people.api_keys() if "draft" in one.rights]
    served.services.accounts.revoke_key(key.id, by="admin")
    told(program.get("/api/v1/cases"), 401, "sign-in")
    told(program.post("/api/v1/cases", json=CASE, headers={"idempotency-key": "k"}), 401, "sign-in")


def test_an_answer_is_never_given_again_to_a_session_that_has_ended(served: Served, agent: TestClient) -> None:
    key = {"idempotency-key": "k-1"}
    agent.post("/api/v1/cases", json=CASE, headers=key)
    thief = served.browser(cookies={"drafter_session": agent.cookies["drafter_session"]})
    told(thief.post("/api/v1/cases", json=CASE, headers=key), 403, "forbidden")  # without the page's token
    agent.post("/sign-out")
    told(thief.post("/api/v1/cases", json=CASE, headers=key), 401, "sign-in")


def test_one_key_is_for_one_request_and_what_was_refused_may_be_mended_under_it(agent: TestClient) -> None:
    key = {"idempotency-key": "k-2"}
    told(agent.post("/api/v1/cases", json={**CASE, "tier": "best"}, headers=key), 422, "input")
    assert agent.post("/api/v1/cases", json=CASE, headers=key).status_code == 201
    told(agent.post("/api/v1/cases", json={**CASE, "tier": "premium"}, headers=key), 422, "input")
    told(agent.post("/api/v1/cases", json=CASE, headers={"idempotency-key": "k" * 201}), 422, "input")
    assert len(agent.get("/api/v1/cases").json()["rows"]) == 1


def test_two_people_may_use_the_same_idempotency_key(served: Served) -> None:
    key = {"idempotency-key": "k-3"}
    cases = {served.signed_in().post("/api/v1/cases", json=CASE, headers=key).json()["case"]["id"] for _ in range(2)}
    assert len(cases) == 2


def test_two_people_behind_a_proxy_with_one_password_share_no_answer(served: Served) -> None:
    same = {"idempotency-key": "k-5", "authorization": "Basic c2hhcmVk"}
    cases = {served.signed_in().post("/api/v1/cases", json=CASE, headers=same).json()["case"]["id"] for _ in range(2)}
    assert len(cases) == 2


def test_a_suggestion_sent_again_under_its_key_is_not_written_twice(served: Served, agent: TestClient) -> None:
    path, key = f"/api/v1/cases/{a_case(agent)}/suggestions", {"idempotency-key": "k-4"}
    first, again = agent.post(path, headers=key), agent.post(path, headers=key)
    assert first.json() == again.json()
    assert served.upstream._asked == 1


def test_a_cursor_leads_through_every_case_once(agent: TestClient) -> None:
    made = {a_case(agent, message=f"第{number}次，还不上") for number in range(53)}
    seen: list[str] = []
    asked: dict[str, str] = {}
    while True:
        page = agent.get("/api/v1/cases", params=asked).json()
        seen += [row["case_id"] for row in page["rows"]]
        if page["next"] is None:
            break
        asked = {"cursor": page["next"]}
    assert len(seen) == len(made)
    assert set(seen) == made


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "title"),
    [
        ("GET", "/api/v1/nowhere", None, 404, "not-found"),
        ("PUT", "/api/v1/cases", {}, 405, "method-not-allowed"),
        ("GET", "/api/v1/cases/none", None, 404, "not-found"),
        ("GET", "/api/v1/drafts/none", None, 404, "not-found"),
        ("POST", "/api/v1/cases/none/suggestions", None, 404, "not-found"),
        ("POST", "/api/v1/cases", {**CASE, "message": " "}, 422, "message"),
        ("POST", "/api/v1/cases", {**CASE, "message": "长" * 20_001}, 422, "message"),
        ("POST", "/api/v1/cases", {**CASE, "facts": {"colour": "red"}}, 422, "input"),
        ("POST", "/api/v1/cases", {**CASE, "unknown": 1}, 422, "input"),
        ("POST", "/api/v1/check", {"text": ""}, 422, "input"),
        ("POST", "/api/v1/check", {"text": "a", "jurisdiction": "FR"}, 422, "input"),
        ("PATCH", "/api/v1/drafts/none", {"text": "a", "version": 1}, 404, "not-found"),
        ("PATCH", "/api/v1/drafts/none", {"text": "a", "version": 0}, 422, "input"),
        ("POST", "/api/v1/drafts/none/approval", {"version": 1, "text_sha256": "short"}, 422, "input"),
        ("GET", "/api/v1/cases?cursor=made-up", None, 422, "input"),
        ("GET", "/api/v1/cases?status=lost", None, 422, "input"),
        ("GET", f"/api/v1/cases?search={'x' * 201}", None, 422, "input"),
    ],
)
def test_an_error_is_told_as_a_problem(  # noqa: PLR0917 - one parameter a column
    agent: TestClient, method: str, path: str, body: object, status: int, title: str
) -> None:
    told(agent.request(method, path, json=body), status, title)


def test_a_body_that_is_no_json_is_told_as_a_problem(agent: TestClient) -> None:
    told(agent.post("/api/v1/check", content=b"{", headers={"content-type": "application/json"}), 422, "input")
    lone = rb'{"text": "\ud800"}'
    told(agent.post("/api/v1/check", content=lone, headers={"content-type": "application/json"}), 422, "input")


def test_more_than_a_megabyte_is_refused_however_it_is_sent(served: Served, agent: TestClient) -> None:
    for client in (agent, served.browser()):
        answer = client.post("/api/v1/check", content=b" " * 1_000_001)
        told(answer, 413, "too-large")
        assert answer.headers["content-security-policy"] == SAFE["content-security-policy"]
    told(agent.post("/api/v1/check", content=(b" " * 100_000 for _ in range(11))), 413, "too-large")
    page = agent.post("/cases/new", data={"message": "x" * 1_000_001}, headers={"accept": "text/html"})
    assert page.status_code == 413
    assert page.headers["content-type"].startswith("text/html")


def test_a_nul_character_is_the_callers_mistake_on_both_databases(either_served: Served) -> None:
    agent = either_served.signed_in()
    case = a_case(agent)
    told(agent.get("/api/v1/cases/a%00b"), 404, "not-found")
    told(agent.get("/api/v1/cases", params={"search": "a\0b"}), 404, "not-found")
    for more in ({"message": "a\0b"}, {"external_id": "a\0b"}, {"channel": "a\0b"}):
        assert agent.post("/api/v1/cases", json={**CASE, **more}).status_code == 422
    told(agent.post(f"/api/v1/cases/{case}/escalation", json={"reason": "a\0b"}), 422, "input")
    assert agent.post(f"/cases/{case}/escalate", data={"reason": "a\0b"}).status_code == 422
    assert agent.post("/sign-in", data={"name": "a\0b", "password": "x"}).status_code == 422


def test_a_fault_of_our_own_is_told_without_its_trace(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    class BrokenReviews:
        def page(self, *_: object, **__: object) -> None:
            raise RuntimeError("the debtor's text")

    broken = replace(served.services, reviews=BrokenReviews())  # type: ignore[arg-type] # a stand-in
    monkeypatch.setattr(served.client.app.state, "services", broken)
    browser = served.browser(raise_server_exceptions=False)
    reviewer = served.signed_in(Role.QA)
    browser.cookies = reviewer.cookies
    answer = browser.get("/api/v1/review")
    told(answer, 500, "internal")
    assert "debtor" not in answer.text
    assert answer.headers["content-security-policy"] == SAFE["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"


def test_the_description_of_the_api_names_every_call_of_the_contract(served: Served) -> None:
    described = served.client.get("/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    calls = {f"{method.upper()} {path}" for path, item in described["paths"].items() for method in item}
    assert calls >= {
        "POST /api/v1/check",
        "POST /api/v1/cases",
        "POST /api/v1/cases/{case_id}/suggestions",
        "GET /api/v1/drafts/{draft_id}",
        "PATCH /api/v1/drafts/{draft_id}",
        "POST /api/v1/drafts/{draft_id}/approval",
        "POST /api/v1/drafts/{draft_id}/discard",
        "POST /api/v1/cases/{case_id}/escalation",
        "GET /api/v1/review",
        "POST /api/v1/review/{draft_id}/ruling",
        "GET /healthz",
        "GET /readyz",
    }


def test_made_up_methods_are_not_kept_in_the_metrics(served: Served) -> None:
    served.client.request("BREW", "/queue")
    assert 'method="BREW"' not in served.client.get("/metrics").text


def test_a_sentence_of_a_single_letter_is_a_sentence_too(served: Served) -> None:
    agent = served.signed_in()
    case = a_case(agent)
    made = agent.post(f"/api/v1/cases/{case}/suggestions", json={"sentence": "嗯"})
    assert made.status_code == 201, made.text


def test_a_wish_is_a_yes_or_a_no_and_no_number(served: Served) -> None:
    agent = served.signed_in()
    case = a_case(agent)
    told(agent.post(f"/api/v1/cases/{case}/suggestions", json={"shorter": 0}), 422, "input")

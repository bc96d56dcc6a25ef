"""The trip over HTTP: a case comes in, a draft comes out, a person lets it go; and everything that must not happen."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient

from drafter.domain import Role
from tests.web.asking import a_case, a_draft, events, sha256
from tests.web.served import CASE, THREAT, Served, served

__all__ = ["served"]


def test_nobody_gets_in_without_a_session_or_a_key(served: Served) -> None:
    for method, path in (("GET", "/api/v1/cases"), ("POST", "/api/v1/check"), ("POST", "/api/v1/drafts/x/approval")):
        answer = served.client.request(method, path, json={})
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"
        assert set(answer.json()) == {"type", "title", "status", "detail"}
    page = served.client.get("/queue", headers={"accept": "text/html"})
    assert (page.status_code, page.headers["location"]) == (303, "/sign-in?next=/queue")


def test_the_same_external_id_is_the_same_case(served: Served) -> None:
    agent = served.signed_in()
    first = agent.post("/api/v1/cases", json={**CASE, "external_id": "crm-1"})
    again = agent.post("/api/v1/cases", json={**CASE, "external_id": "crm-1"})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["case"]["id"] == again.json()["case"]["id"]


def test_a_draft_is_watched_while_it_is_written_and_read_again_behind_the_last_event(served: Served) -> None:
    agent = served.signed_in()
    served.upstream.answers = [THREAT, served.upstream.answers[0]]
    answer = agent.post(f"/api/v1/cases/{a_case(agent)}/suggestions", headers={"accept": "text/event-stream"})
    told = list(events(answer.text))
    kinds = [kind for _, kind, _ in told]
    assert kinds[0] == "triage"
    assert [kind for kind in kinds if kind == "verdict"] == ["verdict", "verdict"]
    assert kinds.index("finding") < kinds.index("verdict")
    assert kinds[-1] == "done"
    assert [number for number, _, _ in told] == list(range(1, len(told) + 1))
    rest = agent.get(f"/api/v1/suggestions/{answer.headers['x-job']}/events", headers={"last-event-id": "2"})
    assert list(events(rest.text)) == told[2:]


def test_a_person_approves_exactly_what_passed_and_a_second_click_changes_nothing(served: Served) -> None:
    agent = served.signed_in()
    draft = a_draft(agent)
    approval = {"version": 1, "text_sha256": sha256(str(draft["text"]))}
    wrong = agent.post(f"/api/v1/drafts/{draft['id']}/approval", json={**approval, "text_sha256": "0" * 64})
    assert wrong.status_code == 409
    first = agent.post(f"/api/v1/drafts/{draft['id']}/approval", json=approval)
    again = agent.post(f"/api/v1/drafts/{draft['id']}/approval", json=approval)
    assert (first.status_code, again.status_code) == (200, 200)
    approvals = [one for one in served.services.store.journal.entries() if one.action == "draft.approve"]
    assert len(approvals) == 1
    assert served.services.store.journal.first_fault() is None


def test_an_edit_is_checked_at_once_and_a_stale_one_is_refused(served: Served) -> None:
    agent = served.signed_in()
    draft = a_draft(agent)
    threat = {"text": f"{draft['text']}再不还我们就上门找您家人。", "version": 1}
    edited = agent.patch(f"/api/v1/drafts/{draft['id']}", json=threat)
    assert edited.json()["draft"]["status"] == "rejected"
    approval = {"version": 2, "text_sha256": sha256(threat["text"])}  # type: ignore[arg-type] # it is a text
    assert agent.post(f"/api/v1/drafts/{draft['id']}/approval", json=approval).status_code == 422
    assert agent.patch(f"/api/v1/drafts/{draft['id']}", json=threat).status_code == 409


def test_a_newer_message_of_the_debtor_makes_the_draft_stale(served: Served) -> None:
    agent = served.signed_in()
    draft = a_draft(agent)
    agent.post(f"/api/v1/cases/{draft['case_id']}/messages", json={"message": "还有，我下周五发工资"})
    approval = {"version": 1, "text_sha256": sha256(str(draft["text"]))}
    assert agent.post(f"/api/v1/drafts/{draft['id']}/approval", json=approval).status_code == 409
    assert agent.get(f"/api/v1/drafts/{draft['id']}").json()["draft"]["newest_message"] == 2


def test_a_program_may_ask_for_drafts_and_never_approve(served: Served) -> None:
    program = served.with_key("read", "draft")
    draft = a_draft(program)
    approval = {"version": 1, "text_sha256": sha256(str(draft["text"]))}
    answer = program.post(f"/api/v1/drafts/{draft['id']}/approval", json=approval)
    assert (answer.status_code, answer.json()["title"]) == (403, "forbidden")


@pytest.mark.parametrize("role", [Role.QA, Role.QA_LEAD, Role.ADMIN])
def test_only_agents_approve(served: Served, role: Role) -> None:
    draft = a_draft(served.signed_in())
    approval = {"version": 1, "text_sha256": sha256(str(draft["text"]))}
    assert served.signed_in(role).post(f"/api/v1/drafts/{draft['id']}/approval", json=approval).status_code == 403


def test_a_request_sent_again_under_its_key_gets_the_first_answer(served: Served) -> None:
    agent = served.signed_in()
    key = {"idempotency-key": "k-1"}
    first = agent.post("/api/v1/cases", json=CASE, headers=key)
    again = agent.post("/api/v1/cases", json=CASE, headers=key)
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
    other = agent.post("/api/v1/cases", json={**CASE, "tier": "premium"}, headers=key)
    assert other.status_code == 422


def test_a_form_of_another_page_changes_nothing(served: Served) -> None:
    agent = served.signed_in()
    case = a_case(agent)
    del agent.headers["x-csrf-token"]
    answer = agent.post(f"/cases/{case}/message", data={"message": "hello", "csrf": "guessed"})
    assert answer.status_code == 403
    assert agent.get(f"/api/v1/cases/{case}").json()["case"]["message_number"] == 1


def test_a_stolen_cookie_is_dead_after_sign_out(served: Served) -> None:
    agent = served.signed_in()
    cookie = agent.cookies["drafter_session"]
    agent.post("/sign-out")
    thief = TestClient(served.client.app, cookies={"drafter_session": cookie})
    assert thief.get("/api/v1/cases").status_code == 401


def test_a_sign_in_link_works_once_and_its_cookie_is_kept_from_scripts(served: Served) -> None:
    link = served.services.accounts.link_for(served.person(Role.AGENT))
    first = served.client.post(f"/sign-in/link/{link}")
    flags = first.headers["set-cookie"].lower()
    assert "httponly" in flags
    assert "samesite=lax" in flags
    assert served.client.post(f"/sign-in/link/{link}").status_code == 401


def test_a_sign_in_never_leads_to_another_site(served: Served) -> None:
    served.services.accounts.add("lin", shown_as="Lin", role=Role.AGENT, lang="zh", password="kindness is fast", by="t")
    form = {"name": "lin", "password": "kindness is fast", "next": "//evil.example"}
    assert served.client.post("/sign-in", data=form).headers["location"] == "/"
    for foreign in ({"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}, {"origin": "null"}):
        assert served.client.post("/sign-in", data=form, headers=foreign).status_code == 403


def test_a_hostile_message_is_shown_as_text_and_no_page_runs_anything_inline(served: Served) -> None:
    agent = served.signed_in()
    evil = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>\u202eabc 还不上了"
    case = a_case(agent, message=evil)
    for path in ("/queue", f"/cases/{case}"):
        page = agent.get(path, headers={"accept": "text/html"})
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
        assert not re.search(r"<[^>]+\s(?:on\w+|style)=", page.text)
        assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", page.text))
        policy = page.headers["content-security-policy"]
        assert "unsafe-inline" not in policy
        assert "script-src 'self'" in policy


def test_an_agent_goes_the_whole_way_by_forms_alone(served: Served) -> None:
    agent = served.signed_in()
    case = a_case(agent)
    assert agent.post(f"/cases/{case}/suggest", data={"wish": ""}).headers["location"] == f"/cases/{case}"
    page = agent.get(f"/cases/{case}").text
    draft_id = re.search(r'action="/drafts/(\w+)/approve"', page)[1]  # type: ignore[index] # the page has the form
    text = agent.get(f"/api/v1/drafts/{draft_id}").json()["draft"]["text"]
    done = agent.post(f"/drafts/{draft_id}/approve", data={"text": text, "version": "1"})
    assert done.headers["location"] == f"/cases/{case}?told=approved"
    served.services.deliveries.release()
    assert served.services.store.drafts.draft(draft_id).status == "queued"
    copied = agent.post(f"/drafts/{draft_id}/copied", data={"text_sha256": sha256(text)})
    assert copied.status_code == 303, copied.text
    assert served.services.store.drafts.draft(draft_id).status == "delivered"


def test_a_case_that_somebody_took_is_among_their_own(served: Served) -> None:
    agent, colleague = served.signed_in(), served.signed_in()
    case = a_case(agent)
    agent.post(f"/cases/{case}/take")
    assert f'href="/cases/{case}"' in agent.get("/queue", params={"tab": "mine"}).text
    assert f'href="/cases/{case}"' not in colleague.get("/queue", params={"tab": "mine"}).text


def test_a_threat_typed_into_the_form_is_kept_and_not_approved(served: Served) -> None:
    agent = served.signed_in()
    draft = a_draft(agent)
    answer = agent.post(f"/drafts/{draft['id']}/approve", data={"text": "再不还钱就上门找你家人", "version": "1"})
    assert answer.status_code == 422
    assert 'class="verdict reject"' in answer.text
    assert served.services.store.drafts.draft(str(draft["id"])).status == "rejected"


@pytest.mark.parametrize(("lang", "word"), [("zh", "案件队列"), ("en", "Queue")])
def test_pages_speak_the_language_that_was_chosen(served: Served, lang: str, word: str) -> None:
    agent = served.signed_in()
    agent.post("/language", data={"lang": lang, "back": "/queue"})
    assert f"<h1>{word}</h1>" in agent.get("/queue").text


def test_errors_are_told_as_pages_to_people_and_as_problems_to_programs(served: Served) -> None:
    agent = served.signed_in()
    assert agent.get("/api/v1/cases/none").json()["title"] == "not-found"
    assert agent.get("/nowhere", headers={"accept": "text/html"}).headers["content-type"].startswith("text/html")
    too_large = agent.post("/api/v1/check", content=b"{" + b" " * 1_100_000 + b"}")
    assert too_large.status_code == 413


def test_the_desk_tells_that_it_is_up_and_ready(served: Served) -> None:
    assert served.client.get("/healthz").json() == {"status": "ok"}
    ready = served.client.get("/readyz").json()
    assert ready["checks"]["model"] == "fake-upstream"
    assert "drafter_http_requests_total" in served.client.get("/metrics").text

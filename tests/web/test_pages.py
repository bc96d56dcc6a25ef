"""The console as a browser without scripts sees it: forms lead the whole way, and nothing on a page runs by itself."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update

from drafter.domain import Role
from drafter.store.tables import cases
from tests.daytime import where_it_is_noon
from tests.web.asking import a_case, a_draft, sha256
from tests.web.served import CASE, KIND, THREAT, Served

HTML = {"accept": "text/html"}
HOSTILE = {
    "script": "<script>alert(1)</script> 还不上了",
    "closing": "</textarea></bdi></title><script src=//evil.example></script> 还不上了",
    "attribute": '" onmouseover="alert(1)" x=\'还不上\' `\' style="x" autofocus onfocus=alert(2)',
    "template": "{{ 7 * 7 }} {% include 'base.html' %} %(name)s {0} ${1} 还不上",
    "bidi": "\u202e\u2066还不上\u2069\u200f\u061c rtl",
    "long": "这个月实在还不上，" * 2_222 + "好",
    "emoji": "😭👩‍👩‍👧‍👦🇨🇳 还不上 \U0001f9ff é",
}
VOID = frozenset({"meta", "link", "input", "br", "img", "hr", "source"})


class Page(HTMLParser):
    """Reads a page and complains of whatever could run or paint by itself."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.texts: list[str] = []
        self.fields: dict[str, str] = {}
        self.forms: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        self.faults += [
            f"<{tag}> is never closed" for tag in self._open if tag not in ("li", "dt", "dd", "option", "p")
        ]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        names = [name for name, _ in attrs]
        self.faults += [f"<{tag} {name}>" for name in names if name.startswith("on") or name == "style"]
        self.faults += [f"<{tag}> has {name} twice" for name in set(names) if names.count(name) > 1]
        if tag in ("style", "iframe", "object", "embed", "base") or (tag == "script" and "src" not in given):
            self.faults.append(f"<{tag}>")
        for name in ("src", "href", "action", "formaction"):
            if (name in given and not given[name].startswith(("/", "#"))) or given.get(name, "").startswith("//"):
                self.faults.append(f"<{tag} {name}={given[name]!r}>")
        if tag == "form" and given.get("method") == "post":
            self.forms.append(given["action"])
        if "name" in given:
            self.fields[given["name"]] = given.get("value", "")
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self._open:
            self.faults.append(f"</{tag}> closes nothing")
            return
        while self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        self.texts.append(data)
        if self._open and self._open[-1] == "script" and data.strip():
            self.faults.append(f"script: {data[:40]!r}")

    @property
    def text(self) -> str:
        return "".join(self.texts)


def opened(client: TestClient, path: str, *, status: int = 200) -> Page:
    answer = client.get(path, headers=HTML)
    assert answer.status_code == status, answer.text
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert {"default-src 'none'", "script-src 'self'", "style-src 'self'"} <= {one.strip() for one in policy.split(";")}
    assert answer.headers["cache-control"] == "no-store"
    page = Page(answer.text)
    assert page.faults == []
    return page


def by_forms(served: Served) -> TestClient:
    """Return an agent's browser that brings the page's token only where a form has it."""
    return served.browser(cookies={"drafter_session": served.signed_in().cookies["drafter_session"].strip('"')})


def with_time_to_undo(served: Served) -> None:
    approvals = replace(served.services.approvals, undo=timedelta(hours=1))
    served.client.app.state.services = replace(served.services, approvals=approvals)


def test_an_agent_goes_from_a_new_case_to_a_copied_reply_by_forms_alone(served: Served) -> None:
    agent = by_forms(served)
    form = opened(agent, "/cases/new")
    assert form.forms[-1] == "/cases/new"
    facts = {"institution": "青禾银行", "debtor_name": "周晓", "amount_due": "4680.00", "currency": "CNY"}
    given = {"csrf": form.fields["csrf"], "message": CASE["message"], "tier": "general", **facts}
    made = agent.post("/cases/new", data=given)
    assert made.status_code == 303
    case = made.headers["location"]
    assert "4,680.00" in opened(agent, case).text
    with served.services.store._engine.begin() as connection:
        connection.execute(update(cases).values(time_zone=where_it_is_noon()))

    csrf = {"csrf": form.fields["csrf"]}
    assert agent.post(f"{case}/suggest", data={**csrf, "wish": "warmer"}).headers["location"] == case
    page = opened(agent, case)
    (approve,) = [one for one in page.forms if one.endswith("/approve")]
    draft_id = approve.split("/")[2]
    text = served.services.store.drafts.draft(draft_id).text
    assert text in page.text

    checked = agent.post(f"/drafts/{draft_id}/check", data={**csrf, "text": THREAT})
    assert Page(checked.text).faults == []
    assert 'class="verdict reject"' in checked.text
    saved = agent.post(f"/drafts/{draft_id}/save", data={**csrf, "text": f"{text}\r\n请保重。", "version": "1"})
    assert saved.headers["location"] == f"{case}?told=saved"
    assert served.services.store.drafts.draft(draft_id).text == f"{text}\n请保重。"
    assert agent.post(f"/drafts/{draft_id}/save", data={**csrf, "text": text, "version": "1"}).status_code == 409

    done = agent.post(approve, data={**csrf, "text": f"{text}\r\n请保重。", "version": "2"})
    assert done.headers["location"] == f"{case}?told=approved"
    served.services.deliveries.release()
    assert 'data-copied="' in agent.get(case).text
    noted = agent.post(f"/drafts/{draft_id}/copied", data={**csrf, "text_sha256": sha256(f"{text}\n请保重。")})
    assert noted.status_code == 303
    assert served.services.store.drafts.draft(draft_id).status == "delivered"
    opened(agent, case)
    opened(agent, "/queue?tab=answered")


def test_an_approval_is_undone_and_the_draft_discarded_by_forms(served: Served) -> None:
    with_time_to_undo(served)
    agent = served.signed_in()
    draft = a_draft(agent)
    case = f"/cases/{draft['case_id']}"
    agent.post(f"/drafts/{draft['id']}/approve", data={"text": str(draft["text"]), "version": "1"})
    assert f"/drafts/{draft['id']}/withdraw" in opened(agent, case).forms
    undone = agent.post(f"/drafts/{draft['id']}/withdraw")
    assert undone.headers["location"] == f"{case}?told=withdrawn"
    assert agent.post(f"/drafts/{draft['id']}/withdraw").status_code == 409
    assert agent.post(f"/drafts/{draft['id']}/discard", data={"reason": " "}).status_code == 422
    gone = agent.post(f"/drafts/{draft['id']}/discard", data={"reason": "不合适"})
    assert gone.headers["location"] == f"{case}?told=discarded"
    assert served.services.store.drafts.draft(str(draft["id"])).status == "discarded"
    opened(agent, case)


def test_a_second_click_on_approve_tells_that_it_is_approved_also_after_an_edit(served: Served) -> None:
    with_time_to_undo(served)
    agent = served.signed_in()
    draft = a_draft(agent)
    form = {"text": f"{draft['text']}请保重。", "version": "1"}
    clicks = [agent.post(f"/drafts/{draft['id']}/approve", data=form) for _ in range(2)]
    assert [click.headers.get("location") for click in clicks] == [f"/cases/{draft['case_id']}?told=approved"] * 2
    approvals = [one for one in served.services.store.journal.entries() if one.action == "draft.approve"]
    assert len(approvals) == 1


def test_an_edit_over_a_colleagues_newer_one_is_refused_and_nothing_is_approved(served: Served) -> None:
    agent = served.signed_in()
    draft = a_draft(agent)
    agent.patch(f"/api/v1/drafts/{draft['id']}", json={"text": f"{draft['text']}请保重。", "version": 1})
    answer = agent.post(f"/drafts/{draft['id']}/approve", data={"text": str(draft["text"]), "version": "1"})
    assert answer.status_code == 409
    assert served.services.store.drafts.draft(str(draft["id"])).status == "awaiting_approval"


def test_a_newer_message_shows_on_the_page_and_closes_the_approval(served: Served) -> None:
    agent = served.signed_in()
    draft = a_draft(agent)
    case = f"/cases/{draft['case_id']}"
    state = agent.get(f"{case}/state").json()
    assert agent.post(f"{case}/message", data={"message": "下周五发工资"}).status_code == 303
    assert agent.get(f"{case}/state").json() != state
    answer = agent.post(f"/drafts/{draft['id']}/approve", data={"text": str(draft["text"]), "version": "1"})
    assert answer.status_code == 409
    assert re.search(r'id="approve"[^>]* disabled', answer.text)
    assert "下周五发工资" in opened(agent, case).text


def test_a_case_is_put_before_a_lead_with_a_reason_only(served: Served) -> None:
    agent = served.signed_in()
    case = a_case(agent)
    assert agent.post(f"/cases/{case}/escalate", data={"reason": "  "}).status_code == 422
    assert agent.post(f"/cases/{case}/escalate", data={"reason": "要主管看"}).status_code == 303
    assert f'href="/cases/{case}"' in agent.get("/queue", params={"tab": "escalated"}).text


def test_a_case_that_a_person_must_answer_shows_what_to_do_and_takes_a_humane_reply(served: Served) -> None:
    agent = served.signed_in()
    case = a_case(agent, message="我不想活了，活着太累")
    page = opened(agent, f"/cases/{case}")
    assert f"/cases/{case}/write" in page.forms
    answer = agent.post(f"/cases/{case}/write", data={"text": "您好，我很担心您。您现在安全吗？"})
    assert answer.status_code == 303
    opened(agent, answer.headers["location"])


def test_what_was_typed_into_a_new_case_is_kept_when_something_is_wrong_with_it(served: Served) -> None:
    agent = served.signed_in()
    answer = agent.post("/cases/new", data={"message": "<b>还不上</b>", "amount_due": "many", "debtor_name": '"周"'})
    assert answer.status_code == 422
    assert Page(answer.text).faults == []
    assert "&lt;b&gt;还不上&lt;/b&gt;" in answer.text
    assert 'value="&#34;周&#34;"' in answer.text


@pytest.mark.parametrize("kind", HOSTILE)
def test_whatever_a_debtor_writes_is_shown_as_text_and_nothing_else(served: Served, kind: str) -> None:
    agent, evil = served.signed_in(), HOSTILE[kind]
    short = evil[:60]
    facts = {**dict(CASE["facts"]), "debtor_name": short, "authorised_offers": [short]}  # type: ignore[call-overload]
    case = a_case(agent, message=evil, external_id=short, facts=facts, conversation=[{"by": "debtor", "text": evil}])
    page = opened(agent, f"/cases/{case}")
    assert page.text.count(evil) >= 2  # the turn before and the newest message
    for path in ("/queue", "/queue/rows", f"/queue?search={short[:5]}"):
        assert short[:30] in opened(agent, path).text
    raw = agent.get(f"/cases/{case}").text
    assert "<script>alert" not in raw
    assert "evil.example></script>" not in raw


def test_what_the_model_writes_is_shown_as_text_too(served: Served) -> None:
    agent, evil = served.signed_in(), f'{KIND}</textarea><script>alert(1)</script>" onclick=alert(1)'
    served.upstream.answers = [evil]
    draft = a_draft(agent)
    page = opened(agent, f"/cases/{draft['case_id']}?draft={draft['id']}")
    assert str(draft["text"]) in page.text
    assert "<script>alert" not in agent.get(f"/cases/{draft['case_id']}?draft={draft['id']}").text


def test_what_an_address_brings_along_is_shown_as_text_too(served: Served) -> None:
    agent, evil = served.signed_in(), '"><script>alert(1)</script>'
    for path in ("/queue", "/cases/new", "/sign-in"):
        asked = dict.fromkeys(("search", "tab", "tier", "told", "next", "draft"), evil)
        answer = agent.get(path, params=asked, headers=HTML)
        assert Page(answer.text).faults == []
        assert "<script>alert" not in answer.text
    assert "<script>alert" not in agent.get(f"/{evil}", headers=HTML).text


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_page_speaks_both_languages_and_runs_nothing_inline(served: Served, lang: str) -> None:
    agent, reviewer, nobody = served.signed_in(), served.signed_in(Role.QA), served.browser()
    served.upstream.answers = [THREAT, KIND]
    draft = a_draft(agent)
    for browser in (agent, reviewer, nobody):
        browser.post("/language", data={"lang": lang})
    paths = [
        (agent, "/queue", "案件队列", "Queue"),
        (agent, "/cases/new", "新建案件", "New case"),
        (agent, f"/cases/{draft['case_id']}", "客户与账户", "Account"),
        (reviewer, f"/cases/{draft['case_id']}", "客户与账户", "Account"),
        (reviewer, "/review", "质检", "Review"),
        (nobody, "/sign-in", "登录", "Sign in"),
    ]
    for browser, path, chinese, english in paths:
        page = opened(browser, path)
        assert (chinese if lang == "zh" else english) in page.text
        raw = browser.get(path, headers=HTML).text
        assert f'<html lang="{"zh-CN" if lang == "zh" else "en"}">' in raw
    opened(agent, "/nowhere", status=404)
    opened(agent, "/cases/none", status=404)
    opened(agent, "/review", status=403)


def test_the_language_follows_the_browser_until_one_is_chosen(served: Served) -> None:
    for header, found in (("en-GB,en;q=0.9", "en"), ("zh-TW,zh;q=0.9", "zh-CN"), ("fr", "zh-CN"), ("", "zh-CN")):
        page = served.browser().get("/sign-in", headers={"accept-language": header}).text
        assert f'<html lang="{found}">' in page


def test_changing_the_language_on_a_page_that_answers_a_form_leads_back_to_the_page(served: Served) -> None:
    agent = served.signed_in()
    case = f"/cases/{a_case(agent)}"
    wrong = agent.post(f"{case}/write", data={"text": " "}, headers={"referer": f"http://testserver{case}"})
    assert wrong.status_code == 422
    assert f'name="back" value="{case}"' in wrong.text
    assert 'name="back" value="/"' in agent.post(f"{case}/write", data={"text": " "}).text
    outside = agent.post(f"{case}/write", data={"text": " "}, headers={"referer": "http://evil.example//evil.example"})
    back = Page(outside.text).fields["back"]
    assert agent.post("/language", data={"lang": "en", "back": back}).headers["location"] == "/"


def test_changing_the_language_keeps_what_was_filtered_by(served: Served) -> None:
    agent = served.signed_in()
    back = opened(agent, "/queue?tab=escalated&search=a%26b").fields["back"]
    assert agent.post("/language", data={"lang": "en", "back": back}).headers["location"] == back
    assert back == "/queue?tab=escalated&search=a%26b"
    assert opened(agent, f"/queue?search={'a' * 1_000}").fields["back"] == "/queue"


def test_a_reader_sees_the_case_and_is_offered_nothing_they_may_not_do(served: Served) -> None:
    draft = a_draft(served.signed_in())
    for role in (Role.QA, Role.QA_LEAD, Role.ADMIN):
        forms = opened(served.signed_in(role), f"/cases/{draft['case_id']}").forms
        assert set(forms) == {"/language", "/sign-out", f"/cases/{draft['case_id']}/reveal"}


def test_what_the_pages_need_is_served_by_the_desk_itself(served: Served) -> None:
    raw = served.client.get("/sign-in").text
    needed = set(re.findall(r'(?:src|href)="(/static/[^"]+)"', raw))
    assert len(needed) >= 3
    for path in needed:
        answer = served.client.get(path)
        assert answer.status_code == 200
        assert answer.headers["x-content-type-options"] == "nosniff"
    for path in ("/static/../app.py", "/static/%2e%2e/app.py", "/static/none.js"):
        assert served.client.get(path).status_code == 404

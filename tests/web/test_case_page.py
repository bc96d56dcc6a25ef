"""The page of a case: versions to choose from, facts for one reply, leads, colleagues, and texts that would do harm."""

from __future__ import annotations

import json
import re
from itertools import pairwise

import pytest
from fastapi.testclient import TestClient

from drafter.desk.intake import read_message
from drafter.domain import Draft, Role, Turn
from drafter.errors import ModelUnavailableError
from tests.web.asking import a_case, a_draft, events
from tests.web.served import CASE, KIND, THREAT, Served
from tests.web.test_pages import HTML, Page, by_forms, opened, with_time_to_undo

OTHER = KIND.replace("您辛苦了", "真的辛苦您了")
PROMISED = "周晓您好，谢谢您告诉我近况。可以为您办理：分三期归还，每期1560元。您看方便吗？"
OFFER = {"offers": "分三期归还，每期1560元\r\n"}


def drafts_of(served: Served, case: str) -> list[Draft]:
    return served.services.store.drafts.of_case(case)


def with_versions(served: Served, agent: TestClient, *answers: str) -> str:
    """Return a case in which each of these answers was asked for."""
    case = a_case(agent)
    for answer in answers:
        served.upstream.answers = [answer]
        assert agent.post(f"/api/v1/cases/{case}/suggestions").status_code == 201
    return case


def shown(agent: TestClient, case: str, draft: str = "") -> str:
    return agent.get(f"/cases/{case}", params={"draft": draft} if draft else {}, headers=HTML).text


def choices(html: str) -> list[tuple[str, str]]:
    """Return draft and verdict of every version in the strip, the chosen one marked."""
    strip = re.search(r'<nav class="versions".*?</nav>', html, re.DOTALL)
    links = re.findall(r'data-draft="(\w+)"[^>]*>.*?class="mark (\w+)"', strip[0], re.DOTALL) if strip else []
    return [(draft, verdict) for draft, verdict in links]


def test_of_several_versions_each_shows_its_verdict_and_one_act_takes_one(served: Served) -> None:
    agent = served.signed_in()
    case = with_versions(served, agent, KIND, OTHER)
    first, second = sorted(drafts_of(served, case), key=lambda one: one.created_at)
    agent.patch(
        f"/api/v1/drafts/{first.id}", json={"text": THREAT.format(debtor_name="周晓", amount_due="4680"), "version": 1}
    )

    html = shown(agent, case)
    assert choices(html) == [(first.id, "reject"), (second.id, "pass")]
    assert f'data-draft="{second.id}" data-number="2" aria-current="true"' in html
    assert second.text in re.search(r'<textarea id="text".*?</textarea>', html, re.DOTALL)[0]  # type: ignore[index]

    taken = shown(agent, case, first.id)
    assert f'action="/drafts/{first.id}/approve"' in taken
    assert re.search(r'id="approve"[^>]* disabled', taken)
    assert opened(agent, f"/cases/{case}?draft={first.id}").text.count(second.text) >= 1  # to compare with


def test_only_one_version_is_approved_and_then_there_is_nothing_to_choose(served: Served) -> None:
    with_time_to_undo(served)
    agent = served.signed_in()
    case = with_versions(served, agent, KIND, OTHER)
    second, first = drafts_of(served, case)
    answer = agent.post(f"/drafts/{first.id}/approve", data={"text": first.text, "version": "1"})
    assert answer.headers["location"] == f"/cases/{case}?told=approved"
    assert {one.id: one.status for one in drafts_of(served, case)} == {first.id: "approved", second.id: "superseded"}
    html = shown(agent, case)
    assert choices(html) == []
    assert f"/cases/{case}/suggest" not in Page(html).forms


def test_what_the_guardrails_sent_back_before_anybody_saw_it_is_no_version(served: Served) -> None:
    agent = served.signed_in()
    served.upstream.answers = [THREAT, KIND]
    case = a_case(agent)
    agent.post(f"/api/v1/cases/{case}/suggestions")
    assert [(one.status, one.offered) for one in drafts_of(served, case)].count(("rejected", False)) == 1
    assert choices(shown(agent, case)) == []


def test_of_drafts_that_were_all_rejected_the_one_that_was_offered_is_shown(served: Served) -> None:
    agent = served.signed_in()
    case = a_case(agent)
    served.upstream.answers = [f"{number}{THREAT}" for number in range(3)]
    agent.post(f"/api/v1/cases/{case}/suggestions")
    offered = [one for one in drafts_of(served, case) if one.offered]
    assert len(offered) == 1
    assert f'action="/drafts/{offered[0].id}/approve"' in shown(agent, case)


def test_an_edit_of_an_older_version_stays_with_that_version(served: Served) -> None:
    agent = served.signed_in()
    case = with_versions(served, agent, KIND, OTHER)
    _second, first = drafts_of(served, case)
    saved = agent.post(f"/drafts/{first.id}/save", data={"text": f"{first.text}请保重。", "version": "1"})
    assert saved.headers["location"] == f"/cases/{case}?told=saved&draft={first.id}"


def test_a_fact_that_an_agent_adds_by_the_form_lets_its_text_pass_and_goes_into_the_next_version(
    served: Served,
) -> None:
    agent = by_forms(served)
    case = a_case(served.signed_in())
    csrf = {"csrf": opened(agent, f"/cases/{case}").fields["csrf"]}
    agent.post(f"/cases/{case}/suggest", data=csrf)
    (draft,) = drafts_of(served, case)
    form = {**csrf, "text": PROMISED, "version": "1"}
    assert agent.post(f"/drafts/{draft.id}/approve", data=form).status_code == 422

    (edited,) = drafts_of(served, case)
    added = agent.post(f"/drafts/{draft.id}/facts", data={**form, **OFFER, "version": str(edited.version)})
    assert added.headers["location"] == f"/cases/{case}?told=added"
    page = opened(agent, f"/cases/{case}")
    assert OFFER["offers"].strip() in page.text
    assert page.fields["offers"] == OFFER["offers"].strip()  # what the next version is asked for with

    agent.post(f"/cases/{case}/suggest", data={**csrf, "wish": "again", **OFFER})
    newest = drafts_of(served, case)[0]
    assert newest.added.authorised_offers == (OFFER["offers"].strip(),)
    version = str(served.services.store.drafts.draft(draft.id).version)
    done = agent.post(f"/drafts/{draft.id}/approve", data={**form, "version": version})
    assert done.headers["location"] == f"/cases/{case}?told=approved"


def test_a_draft_is_asked_for_with_a_fact_through_the_api_as_well(served: Served) -> None:
    agent = served.signed_in()
    case = a_case(agent)
    wish = {"added": {"actions_taken": ["已为您提交了分期申请"], "follow_up_date": "2026-12-24"}}
    made = agent.post(f"/api/v1/cases/{case}/suggestions", json=wish)
    assert made.status_code == 201
    draft = served.services.store.drafts.draft(made.json()["draft_id"])
    assert draft.added.names == ("actions_taken", "follow_up_date")
    assert "2026年12月24日" in draft.text
    told = [one for one in served.services.store.journal.entries(subject=case) if one.action == "case.suggest"]
    assert told[-1].detail["added"] == "actions_taken, follow_up_date"


@pytest.mark.parametrize("wrong", [{"follow_up": "soon"}, {"offers": "x" * 501}, {"done": "a\n" * 11}])
def test_a_fact_that_is_none_is_told_and_what_was_typed_is_still_there(served: Served, wrong: dict[str, str]) -> None:
    agent = served.signed_in()
    draft = a_draft(agent)
    answer = agent.post(f"/drafts/{draft['id']}/facts", data={"text": "我写了很久的字", "version": "1", **wrong})
    assert answer.status_code == 422
    assert "我写了很久的字" in Page(answer.text).text
    assert served.services.store.drafts.draft(str(draft["id"])).version == 1


def test_what_was_typed_over_a_colleagues_edit_stands_beside_it(served: Served) -> None:
    agent = served.signed_in()
    draft = a_draft(agent)
    agent.patch(f"/api/v1/drafts/{draft['id']}", json={"text": f"{draft['text']}请保重。", "version": 1})
    answer = agent.post(f"/drafts/{draft['id']}/save", data={"text": "我打的字", "version": "1"})
    assert answer.status_code == 409
    kept = re.search(r'<div id="kept">.*?</div>', answer.text, re.DOTALL)
    assert kept is not None
    assert "我打的字" in kept[0]
    assert f"{draft['text']}请保重。" in answer.text


def test_the_state_of_a_case_is_another_whenever_anything_happens_in_it(served: Served) -> None:
    agent, lead = served.signed_in(), served.signed_in(Role.LEAD)
    case = a_case(agent)
    seen = []

    def note() -> None:
        seen.append(agent.get(f"/cases/{case}/state").json()["mark"])

    note()
    made = agent.post(f"/api/v1/cases/{case}/suggestions").json()
    note()
    agent.patch(f"/api/v1/drafts/{made['draft_id']}", json={"text": PROMISED, "version": 1})
    note()
    agent.post(f"/cases/{case}/take")
    note()
    agent.post(f"/cases/{case}/escalate", data={"reason": "要主管看"})
    note()
    lead.post(f"/cases/{case}/hand-back")
    note()
    agent.post(f"/cases/{case}/message", data={"message": "下周五发工资"})
    note()
    assert all(before != after for before, after in pairwise(seen))
    assert agent.get(f"/cases/{case}/state").json()["mark"] == seen[-1]
    assert f'data-mark="{seen[-1]}"' in shown(agent, case)
    assert agent.get("/cases/none/state").status_code == 404


def test_colleagues_see_who_else_has_a_case_open_and_who_is_typing(served: Served) -> None:
    ann, ben = served.signed_in(), served.signed_in()
    case = a_case(ann)
    assert ann.get(f"/cases/{case}/state").json()["here"] == []
    (here,) = ben.get(f"/cases/{case}/state").json()["here"]
    assert here["typing"] is False
    ann.get(f"/cases/{case}/state?typing=true")
    (here,) = ben.get(f"/cases/{case}/state").json()["here"]
    assert here["typing"] is True
    assert here["name"]


def test_a_lead_sees_why_a_case_was_escalated_and_approves_or_hands_it_back(served: Served) -> None:
    with_time_to_undo(served)
    agent, lead = served.signed_in(), served.signed_in(Role.LEAD)
    draft = a_draft(agent)
    case, approve = draft["case_id"], f"/drafts/{draft['id']}/approve"
    agent.post(f"/cases/{case}/escalate", data={"reason": "<b>要主管看</b>"})

    for_agent = opened(agent, f"/cases/{case}")
    assert "<b>要主管看</b>" in for_agent.text
    assert not {approve, f"/cases/{case}/hand-back"} & set(for_agent.forms)
    form = {"text": str(draft["text"]), "version": "1"}
    assert agent.post(approve, data=form).status_code == 403
    assert agent.post(f"/cases/{case}/hand-back").status_code == 403

    assert {approve, f"/cases/{case}/hand-back"} <= set(opened(lead, f"/cases/{case}").forms)
    assert lead.post(f"/cases/{case}/hand-back").headers["location"] == f"/cases/{case}?told=handed-back"
    assert lead.post(f"/cases/{case}/hand-back").status_code == 409
    assert approve in opened(agent, f"/cases/{case}").forms

    agent.post(f"/cases/{case}/escalate", data={"reason": "要主管看"})
    assert lead.post(approve, data=form).headers["location"] == f"/cases/{case}?told=approved"


def test_a_case_is_handed_back_through_the_api_by_a_lead_and_by_no_program(served: Served) -> None:
    agent, lead = served.signed_in(), served.signed_in(Role.LEAD)
    case = a_case(agent)
    assert agent.post(f"/api/v1/cases/{case}/escalation", json={"reason": "要主管看"}).status_code == 200
    assert served.with_key("read", "draft").delete(f"/api/v1/cases/{case}/escalation").status_code == 403
    assert lead.delete(f"/api/v1/cases/{case}/escalation").json() == {"case_id": case, "status": "open"}


@pytest.mark.parametrize(
    "words", ["您是高风险客户。", "您属于 C 类客户。", "您的评分是62分。", "内部备注写着您失联过。"]
)
def test_what_is_said_among_colleagues_cannot_be_approved(served: Served, words: str) -> None:
    agent = served.signed_in()
    draft = a_draft(agent)
    text = f"{draft['text']}{words}"
    checked = agent.post(f"/drafts/{draft['id']}/check", data={"text": text})
    assert 'class="verdict reject"' in checked.text
    assert agent.post(f"/drafts/{draft['id']}/approve", data={"text": text, "version": "1"}).status_code == 422
    assert served.services.store.drafts.draft(str(draft["id"])).status == "rejected"


def test_why_there_is_no_draft_is_told_in_the_readers_language(served: Served) -> None:
    async def fails(*_: object, **__: object) -> None:
        raise ModelUnavailableError(
            "The text has changed since you read it; nothing was approved. Read it again, then approve."
        )

    served.upstream.complete = fails  # type: ignore[method-assign, assignment]
    agent = served.signed_in()
    streamed = agent.post(f"/api/v1/cases/{a_case(agent)}/suggestions", headers={"accept": "text/event-stream"})
    told = next(data for _, kind, data in events(streamed.text) if kind == "error")
    assert re.search("[\u4e00-\u9fff]", str(told["detail"]))


EVIL = "<script>alert(1)</script>\u202e\u2066\u200b" + "W" * 200 + "😭👩‍👩‍👧‍👦"


def test_hostile_text_is_isolated_wherever_it_is_shown(served: Served) -> None:
    agent, lead = served.signed_in(), served.signed_in(Role.LEAD)
    facts = {**dict(CASE["facts"]), "debtor_name": EVIL, "authorised_offers": [EVIL], "official_channels": [EVIL]}  # type: ignore[call-overload]
    said = [Turn(by="debtor", text=EVIL).model_dump(mode="json")]
    case = a_case(agent, message=f"{EVIL} 这个月还不上", external_id=EVIL[:190], facts=facts, conversation=said)
    made = agent.post(
        f"/api/v1/cases/{case}/suggestions", json={"sentence": EVIL, "added": {"authorised_offers": [EVIL]}}
    )
    assert made.status_code == 201
    agent.post(f"/cases/{case}/escalate", data={"reason": EVIL})
    for client in (agent, lead):
        for path in (f"/cases/{case}", "/queue", f"/cases/{case}/beside", "/queue?tab=escalated"):
            raw = client.get(path, headers=HTML).text
            assert Page(raw).faults == []
            assert "<script>alert" not in raw
            assert loose(raw) == []


def loose(html: str) -> list[str]:
    """Return where a bidirectional control stands in no element that keeps it to itself, nor in a field."""
    isolating = re.compile(
        r"<(bdi|textarea|title|q)\b[^>]*>.*?</\1>|<[^>]*\bdir=\"auto\"[^>]*>[^<]*(?:<(?:mark|sup|ins|del)\b.*?)*</(?:p|bdi|li)>|<[^>]+>",
        re.DOTALL,
    )
    return [piece[:80] for piece in isolating.split(html) if piece and "\u202e" in piece]


def test_a_message_with_a_nul_or_of_a_megabyte_is_refused_and_told(served: Served) -> None:
    agent = served.signed_in()
    case = a_case(agent)
    nul = agent.post(f"/cases/{case}/message", data={"message": "还\0不上"}, headers=HTML)
    assert nul.status_code == 422
    assert Page(nul.text).faults == []
    long = agent.post(f"/cases/{case}/message", data={"message": "W" * 1_000_000}, headers=HTML)
    assert long.status_code in (413, 422)
    assert Page(long.text).faults == []
    assert served.services.store.case(case).message_number == 1


def test_the_longest_message_leaves_a_page_of_a_size_that_a_browser_shows(served: Served) -> None:
    agent = served.signed_in()
    case = a_case(agent, message=("这个月实在还不上，能不能缓一缓？" * 1250)[:20_000])
    html = shown(agent, case)
    assert Page(html).faults == []
    assert len(html) < 2_000_000
    assert html.count("<q>") < 20


def test_a_newer_message_leaves_the_page_of_the_old_draft_with_a_way_to_a_fresh_one(served: Served) -> None:
    agent = served.signed_in()
    draft = a_draft(agent)
    case = str(draft["case_id"])
    served.services.casework.add_message(case, read_message("下周五发工资"), by="crm")
    html = shown(agent, case, str(draft["id"]))
    assert re.search(r'id="approve"[^>]* disabled', html)
    assert re.search(r'<form[^>]*id="suggest".*?class="main"', html, re.DOTALL)
    assert json.loads(agent.get(f"/cases/{case}/state").text)["message_number"] == 2


def test_a_page_that_is_loaded_again_once_the_text_has_left_no_longer_tells_of_an_undo(served: Served) -> None:
    with_time_to_undo(served)
    agent = served.signed_in()
    draft = a_draft(agent)
    done = agent.post(f"/drafts/{draft['id']}/approve", data={"text": str(draft["text"]), "version": "1"})
    assert 'id="told"' in agent.get(done.headers["location"], headers=HTML).text
    agent.post(f"/drafts/{draft['id']}/withdraw")
    assert 'id="told"' not in agent.get(done.headers["location"], headers=HTML).text

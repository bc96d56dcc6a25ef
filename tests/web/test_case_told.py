"""What the page of a case tells: each thing once, in its place, and nothing that nobody is meant to act on."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from drafter.desk.intake import read_message
from drafter.domain import Role
from tests.web.asking import a_case, a_draft, sha256
from tests.web.served import KIND, THREAT, Served
from tests.web.test_pages import HTML, with_time_to_undo

DESPAIR = "我真的撑不下去了，活着没什么意思，你们别再找我了。"


def shown(reader: TestClient, path: object) -> str:
    return reader.get(str(path), headers=HTML).text


def part(html: str, begin: str, end: str) -> str:
    """Return the HTML from one thing up to another."""
    return html[html.index(begin) :].partition(end)[0]


def approved(agent: TestClient) -> dict[str, object]:
    draft = a_draft(agent)
    done = agent.post(f"/drafts/{draft['id']}/approve", data={"text": str(draft["text"]), "version": "1"})
    assert done.status_code == 303
    return draft


def test_the_newest_message_shows_when_it_was_written_as_those_before_do(served: Served) -> None:
    agent = served.signed_in()
    case = a_case(agent)
    served.services.casework.add_message(case, read_message("下周五发工资"), by="crm")
    talk = part(shown(agent, f"/cases/{case}"), '<ol class="messages"', "</ol>")
    assert talk.count("<li ") == talk.count("<time ") == 2
    at = served.services.store.queue.status(case).message_at
    assert f'datetime="{at.isoformat()}"' in talk[talk.index("newest") :]


def test_whoever_opens_an_escalated_case_reads_once_who_escalated_it_when_and_why(served: Served) -> None:
    ann = served.signed_in()
    case = a_case(ann)
    done = ann.post(f"/cases/{case}/escalate", data={"reason": "金额太大"})
    html = shown(ann, done.headers["location"])
    banner = part(html, 'id="before-lead"', "</section>")
    (act,) = [one for one in served.services.store.journal.entries(subject=case) if one.action == "case.escalate"]
    assert served.services.store.people.person(act.actor).shown_as in banner
    assert re.search(r"2\d{3}/\d+/\d+ \d\d:\d\d", banner)
    assert "原因：<bdi>金额太大</bdi>" in banner
    assert "autofocus" in banner
    assert (
        html.count('class="banner') - html.count('class="banner warn" role="status" hidden') == 2
    )  # and the session's
    assert 'id="told"' not in html


def test_a_case_that_a_program_escalated_names_nobody(served: Served) -> None:
    case = a_case(served.signed_in())
    served.services.casework.escalate(case, reason="要主管看", by="key:crm")
    assert "上报主管。" in part(shown(served.signed_in(), f"/cases/{case}"), 'id="before-lead"', "</section>")


def test_of_several_hand_over_cards_only_the_gravest_offers_its_reply_and_the_lead_at_once(served: Served) -> None:
    agent = served.signed_in()
    case = a_case(agent, message=DESPAIR)
    first, second = re.findall(r'<article class="card hand">.*?</article>', shown(agent, f"/cases/{case}"), re.DOTALL)
    assert 'class="main"' in first
    assert f'action="/cases/{case}/escalate"' in first
    assert "<details" not in first
    assert 'class="main"' not in second
    assert "/escalate" not in second
    assert second.index("<details") < second.index("<textarea")

    reason = re.search(r'name="reason" value="([^"]+)"', first)
    assert reason is not None
    agent.post(f"/cases/{case}/escalate", data={"reason": reason[1]})
    assert served.services.store.queue.status(case).escalated_because == reason[1]
    assert 'id="escalate-now"' not in shown(agent, f"/cases/{case}")


def test_whoever_only_reads_can_neither_use_nor_escalate_from_a_hand_over_card(served: Served) -> None:
    case = a_case(served.signed_in(), message=DESPAIR)
    cards = part(shown(served.signed_in(Role.QA), f"/cases/{case}"), 'id="handover"', 'id="kept"')
    assert 'class="card hand"' in cards
    assert "<form" not in cards


def test_earlier_drafts_hold_neither_what_nobody_saw_nor_what_can_be_chosen_above(served: Served) -> None:
    agent = served.signed_in()
    served.upstream.answers = [THREAT, KIND]
    case = a_case(agent)
    agent.post(f"/api/v1/cases/{case}/suggestions")
    html = shown(agent, f"/cases/{case}")
    assert "历史草稿" not in html  # of two, one was sent back before anybody saw it

    served.upstream.answers = [KIND.replace("您辛苦了", "真的辛苦您了")]
    agent.post(f"/api/v1/cases/{case}/suggestions")
    html = shown(agent, f"/cases/{case}")
    assert html.count('class="version') > 1
    assert "历史草稿" not in html

    draft = served.services.store.drafts.of_case(case)[0]
    agent.post(f"/drafts/{draft.id}/approve", data={"text": draft.text, "version": "1"})
    assert "历史草稿" in shown(agent, f"/cases/{case}")


def test_a_signal_is_told_once_with_all_that_shows_it(served: Served) -> None:
    agent = served.signed_in()
    case = a_case(agent, message="上个月失业了，这个月还不上，失业之后真的还不上。")
    told = part(shown(agent, f"/cases/{case}"), '<ul class="evidence">', "</ul>")
    assert told.count("经济困难") == 1
    assert [told.count(f"<bdi>{quote}</bdi>") for quote in ("失业", "还不上")] == [1, 1]


def test_what_waits_to_be_copied_is_not_called_answered(served: Served) -> None:
    with_time_to_undo(served)
    agent = served.signed_in()
    draft = approved(agent)
    page = f"/cases/{draft['case_id']}"
    assert part(shown(agent, page), 'id="case-head"', "</header>").count("已批准，待复制") == 1
    assert part(shown(agent, page), 'id="draft-title"', "</header>").count("已批准，待复制") == 1


def test_once_it_was_copied_it_is_answered(served: Served) -> None:
    agent = served.signed_in()
    draft = approved(agent)
    served.services.deliveries.release()
    page = f"/cases/{draft['case_id']}"
    assert "已批准，待复制" in shown(agent, page)
    agent.post(f"/drafts/{draft['id']}/copied", data={"text_sha256": sha256(str(draft["text"]))})
    assert "已批准，待复制" not in shown(agent, page)


def test_a_text_that_contact_hours_hold_back_says_so_and_in_which_zone_its_time_is(served: Served) -> None:
    agent = served.signed_in()
    # Wherever it is eleven at night now.
    ahead = (23 - datetime.now(UTC).hour + 12) % 24 - 12
    case = a_case(agent, time_zone=f"Etc/GMT{-ahead:+d}")
    agent.post(f"/api/v1/cases/{case}/suggestions")
    (draft,) = served.services.store.drafts.of_case(case)
    agent.post(f"/drafts/{draft.id}/approve", data={"text": draft.text, "version": "1"})
    html = shown(agent, f"/cases/{case}")
    assert "法律规定不得联系" in html
    assert "GMT" in html
    with_time_to_undo(served)
    assert "法律规定不得联系" not in shown(agent, f"/cases/{approved(agent)['case_id']}")


@pytest.mark.parametrize(("message", "says"), [("下周五发工资", "请重新起草"), (DESPAIR, "须人工回复")])
def test_a_stale_draft_is_out_of_date_and_one_button_goes_on(served: Served, message: str, says: str) -> None:
    agent = served.signed_in()
    draft = a_draft(agent)
    served.services.casework.add_message(str(draft["case_id"]), read_message(message), by="crm")
    html = shown(agent, f"/cases/{draft['case_id']}?draft={draft['id']}")
    card = part(html, '<section class="card draft"', "</section>")
    assert "已过时" in card
    assert "待批准" not in card
    assert says in part(card, 'id="stale"', "</p>")
    assert card.count("重新起草 <kbd>") == (0 if message == DESPAIR else 1)
    assert "起草回复" not in card


def test_what_may_be_approved_is_said_only_where_it_may(served: Served) -> None:
    agent = served.signed_in()
    draft = a_draft(agent)
    page = f"/cases/{draft['case_id']}?draft={draft['id']}"
    assert re.search(r'id="exactly">', shown(agent, page))
    agent.patch(f"/api/v1/drafts/{draft['id']}", json={"text": "再不还款，我们就去您单位找您领导谈。", "version": 1})
    assert re.search(r'id="exactly" hidden>', shown(agent, page))


def test_how_a_draft_was_made_stands_at_the_foot_of_its_card(served: Served) -> None:
    agent = served.signed_in()
    draft = a_draft(agent)
    html = shown(agent, f"/cases/{draft['case_id']}")
    assert html.count("fake-upstream") == 1
    assert html.index('id="how"') > html.index("弃用这份草稿")
    assert re.search(r"<dd>[\d.]+ 秒</dd>", html)

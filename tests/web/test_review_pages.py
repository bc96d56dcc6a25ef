"""The reviewers' console as a browser without scripts sees it: every form of it leads where it should."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from drafter.domain import Person, Role
from tests.reviewed import FALSELY_FOUND, PHRASE, THREAT, keep
from tests.web.served import Served, application
from tests.web.test_pages import Page, opened

OVERTURN = {"version": "1", "outcome": "overturned", "reason": "rule-too-broad"}
EXCEPTION = {**OVERTURN, "scope": "phrase-exception", "unless": PHRASE}
UPHELD = {"version": "1", "outcome": "upheld"}


@pytest.fixture
def desk(tmp_path: Path, upgraded_file: Path) -> Iterator[Served]:
    """Give a desk with three rejected drafts, where nobody rules a second time unless it is asked for."""
    with running(tmp_path, upgraded_file, double=0) as served:
        yield served


@contextmanager
def running(tmp_path: Path, upgraded_file: Path, *, double: float) -> Iterator[Served]:
    shutil.copy(upgraded_file, tmp_path / "drafter.sqlite3")
    made = application(tmp_path, review_double=double, review_sample=0)
    with TestClient(made.app, follow_redirects=False) as client:
        served = Served(client, made.services, made.upstream)
        store = served.services.store
        keep(store, "d1", THREAT, model="m1")
        keep(store, "d2", FALSELY_FOUND, model="m1", prompt_version="zh@2")
        keep(store, "d3", THREAT, model="m2")
        yield served


def a_reviewer(served: Served, role: Role = Role.QA) -> tuple[TestClient, Person]:
    before = {one.id for one in served.services.store.people.all()}
    browser = served.signed_in(role)
    (person,) = [one for one in served.services.store.people.all() if one.id not in before]
    return browser, person


def listed(browser: TestClient, query: str = "") -> list[str]:
    return re.findall(r'class="row" href="/review/(\w+)\?', browser.get(f"/review?{query}").text)


def counts(browser: TestClient, query: str = "") -> dict[str, int]:
    text = browser.get(f"/review?{query}").text
    found = re.findall(r'href="/review\?tab=(\w+)[^"]*"[^>]*>[^<]*<span class="count">(\d+)', text)
    return {tab: int(number) for tab, number in found}


def journal(served: Served, draft_id: str) -> list[str]:
    return [one.action for one in served.services.store.journal.entries(subject=draft_id)]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_page_of_the_review_speaks_both_languages_and_runs_nothing_inline(desk: Served, lang: str) -> None:
    lead, _ = a_reviewer(desk, Role.QA_LEAD)
    lead.post("/language", data={"lang": lang})
    lead.post("/review/d2/ruling", data=EXCEPTION)
    (proposal,) = desk.services.store.proposals.all()
    for path in ("/review", "/review?tab=all&model=m1&since=2026-01-01", "/review/d1", "/review/d2", "/review/team"):
        assert opened(lead, path).text
    for path in ("/review/proposals", f"/review/proposals/{proposal.id}"):
        assert opened(lead, path).text
    opened(lead, "/review/none", status=404)
    opened(lead, "/review/proposals/none", status=404)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("rule=home-visit-threat", ["d2"]),
        ("tier=premium", []),
        ("tier=general", ["d3", "d2", "d1"]),
        ("model=m2", ["d3"]),
        ("prompt=zh@2", ["d2"]),
        ("since=2026-03-03", []),
        ("since=2026-03-02&until=2026-03-02", ["d3", "d2", "d1"]),
        ("until=2026-03-01", []),
        ("agent=nobody", []),
        ("since=nonsense&tier=none", ["d3", "d2", "d1"]),
        ("model=m1&rule=home-visit-threat", ["d2"]),
    ],
)
def test_filters_narrow_list_and_counts_alike(desk: Served, query: str, found: list[str]) -> None:
    reviewer, _ = a_reviewer(desk)
    assert listed(reviewer, query) == found
    assert counts(reviewer, query)["unassigned"] == len(found)


def test_a_filter_that_is_set_is_shown_kept_and_cleared(desk: Served) -> None:
    reviewer, _ = a_reviewer(desk)
    page = reviewer.get("/review?tab=all&model=m1&rule=home-visit-threat").text
    assert re.search(r'class="chip">[^<]*：m1 <a href="/review\?tab=all&amp;rule=home-visit-threat"', page)
    assert 'href="/review/d2?tab=all&amp;rule=home-visit-threat&amp;model=m1"' in page
    assert 'href="/review?tab=mine&amp;rule=home-visit-threat&amp;model=m1"' in page
    assert '<a href="/review?tab=all">' in page
    assert "active-filters" not in reviewer.get("/review?tab=all&tier=none").text


def test_what_is_to_review_is_counted_and_listed_alike_while_drafts_change_hands(desk: Served) -> None:
    reviewer, _ = a_reviewer(desk)
    reviewer.post("/review/d1/claim")
    assert (listed(reviewer), counts(reviewer)["unassigned"]) == (["d3", "d2"], 2)
    assert (listed(reviewer, "tab=mine"), counts(reviewer)["mine"]) == (["d1"], 1)
    reviewer.post("/review/d1/release")
    assert counts(reviewer)["unassigned"] == 3


def test_the_lead_gives_ticked_drafts_to_a_reviewer_and_takes_them_back(desk: Served) -> None:
    lead, _ = a_reviewer(desk, Role.QA_LEAD)
    reviewer, person = a_reviewer(desk)
    assert "/review/assign" not in reviewer.get("/review").text
    given = lead.post("/review/assign?tab=all", data={"to": person.id, "draft": ["d1", "d2"]})
    assert given.headers["location"] == "/review?tab=all&told=given&done=2&of=2"
    assert (listed(lead, "tab=assigned"), counts(lead)["assigned"]) == (["d2", "d1"], 2)
    again = lead.post("/review/assign", data={"to": person.id, "draft": ["d2", "d3"]})
    assert "told=given-some&done=1&of=2" in again.headers["location"]
    reviewer.post("/review/d1/ruling", data=UPHELD)
    back = lead.post("/review/recall", data={"draft": ["d1", "d2"]})
    assert "told=taken-some&done=1&of=2" in back.headers["location"]
    assert listed(reviewer, "tab=mine") == ["d3"]
    lead.post("/review/recall", data={"whose": person.id})
    assert listed(reviewer, "tab=mine") == []
    assert [one for one in journal(desk, "d2") if one.startswith("review")] == ["review.assign", "review.recall"]


def test_the_lead_gives_out_so_many_of_the_oldest_that_the_filters_find(desk: Served) -> None:
    lead, _ = a_reviewer(desk, Role.QA_LEAD)
    reviewer, person = a_reviewer(desk)
    lead.post("/review/assign?tab=unassigned&model=m1", data={"to": person.id, "most": "5"})
    assert listed(reviewer, "tab=mine") == ["d2", "d1"]


@pytest.mark.parametrize("form", [{}, {"draft": "d1"}, {"to": "somebody", "most": "no"}, {"most": "2"}])
def test_giving_out_nothing_or_to_nobody_does_nothing(desk: Served, form: dict[str, str]) -> None:
    lead, _ = a_reviewer(desk, Role.QA_LEAD)
    told = lead.post("/review/assign", data=form).headers["location"]
    assert "told=none" in told
    assert 'role="alert"' in lead.get(told).text
    assert "told=none" in lead.post("/review/recall", data={}).headers["location"]


def test_the_lead_alone_sees_how_far_and_how_alike_the_reviewers_are(tmp_path: Path, upgraded_file: Path) -> None:
    with running(tmp_path, upgraded_file, double=1) as desk:
        first, person = a_reviewer(desk)
        second, _ = a_reviewer(desk)
        for browser in (first, second):
            browser.post("/review/d1/ruling", data=UPHELD)
        first.post("/review/d2/claim")
        assert first.get("/review/team").status_code == 403
        lead, _ = a_reviewer(desk, Role.QA_LEAD)
        assert "100 %" in opened(lead, "/review/team").text
        cells = r'.*?<td class="number">(\d+)</td><td class="number">(\d+)</td>'
        row = re.search(person.shown_as + cells, lead.get("/review/team").text, re.DOTALL)
        assert row
        assert row.groups() == ("1", "1")


def test_a_second_reviewer_sees_nothing_of_the_first_ruling_anywhere(tmp_path: Path, upgraded_file: Path) -> None:
    with running(tmp_path, upgraded_file, double=1) as desk:
        first, who = a_reviewer(desk)
        second, _ = a_reviewer(desk)
        first.post("/review/d2/ruling", data={**EXCEPTION, "note": "只是送资料"})
        for path in ("/review", "/review/d2", "/review/d1", "/review?tab=all", "/review/proposals"):
            page = second.get(path).text
            assert "只是送资料" not in page
            assert f"{who.shown_as} ·" not in page
        assert '<span class="status overturned">' not in second.get("/review?tab=all").text
        assert "只是送资料" in first.get("/review/d2").text
        assert "d2" not in listed(first)


def test_everything_typed_is_still_there_when_a_ruling_is_refused(desk: Served) -> None:
    reviewer, _ = a_reviewer(desk)
    typed = {
        "version": "1",
        "outcome": "overturned",
        "finding-0": "false-hit",
        "comment-0": "只是送资料",
        "reason": "law-outdated",
        "scope": "phrase-exception",
        "unless": "(帮扶",
        "missed-1": "harassment",
        "words-1": "您看方便吗",
        "note": "我的备注",
        "because": "拿不准",
    }
    answer = reviewer.post("/review/d2/ruling", data=typed)
    assert answer.status_code == 422
    page = Page(answer.text)
    assert page.fields["comment-0"] == "只是送资料"
    assert page.fields["unless"] == "(帮扶"
    assert page.fields["because"] == "拿不准"
    for words in ("我的备注", "您看方便吗"):
        assert words in page.text
    checked = re.findall(r'name="([\w-]+)" value="([\w-]+)"(?: required)? checked', answer.text)
    assert checked == [("finding-0", "false-hit"), ("outcome", "overturned")]
    chosen = re.findall(r'<option value="([\w-]+)" selected', answer.text)
    assert chosen == ["law-outdated", "phrase-exception", "harassment"]


def test_asking_for_names_keeps_what_was_typed_and_is_noted_each_time_they_are_shown(desk: Served) -> None:
    reviewer, _ = a_reviewer(desk)
    assert "欧阳静" not in reviewer.get("/review/d2").text
    shown = reviewer.post("/review/d2/reveal", data={"note": "我的备注", "outcome": "overturned"}).text
    assert "欧阳静" in shown
    assert "我的备注" in shown
    refused = reviewer.post("/review/d2/ruling", data={**OVERTURN, "scope": "rule-change", "revealed": "yes"})
    assert refused.status_code == 422
    assert "欧阳静" in refused.text
    assert journal(desk, "d2").count("draft.reveal") == 2


def test_what_was_missed_is_marked_by_its_words_as_they_are_shown(desk: Served) -> None:
    reviewer, _ = a_reviewer(desk)
    shown = Page(reviewer.get("/review/d2").text).text
    assert "欧阳静" not in shown
    words = re.search(r"\[姓名\d\]您好", shown)
    assert words
    form = {
        **UPHELD,
        "outcome": "missed",
        "missed-0": "privacy-leak",
        "words-0": words[0],
        "missed-1": "harassment",
        "words-1": "上门",
        "missed-2": "false-urgency",
    }
    assert reviewer.post("/review/d2/ruling", data=form).status_code == 303
    (ruling,) = desk.services.store.review.rulings("d2")
    places = [FALSELY_FOUND[one.start : one.end] for one in ruling.misses]
    assert places == ["欧阳静您好", "上门", FALSELY_FOUND]


@pytest.mark.parametrize("words", ["这些字不在里面", "欧阳静 您好"])
def test_words_that_are_not_in_the_text_are_told(desk: Served, words: str) -> None:
    reviewer, _ = a_reviewer(desk)
    form = {**UPHELD, "outcome": "missed", "missed-0": "harassment", "words-0": words}
    assert reviewer.post("/review/d2/ruling", data=form).status_code == 422
    form = {**UPHELD, "outcome": "missed", "words-0": "上门"}
    assert reviewer.post("/review/d2/ruling", data=form).status_code == 422
    assert desk.services.store.review.rulings("d2") == ()


def test_a_ruling_leads_to_the_next_of_the_list_and_can_be_taken_back_from_there(desk: Served) -> None:
    reviewer, _ = a_reviewer(desk)
    done = reviewer.post("/review/d3/ruling?tab=unassigned&model=m1", data=UPHELD).headers["location"]
    assert done.startswith("/review/d2?tab=unassigned&model=m1&told=ruled")
    assert 'action="/review/d3/undo?tab=unassigned&amp;model=m1"' in reviewer.get(done).text
    assert 'action="/review/d3/undo' not in a_reviewer(desk)[0].get(done).text
    assert reviewer.post("/review/d3/undo").status_code == 303
    assert desk.services.store.review.item("d3").status == "open"
    late = reviewer.post("/review/d3/undo")
    assert late.status_code == 409
    assert reviewer.post("/review/none/undo").status_code == 404
    last = reviewer.post("/review/d3/ruling?rule=harassment", data=UPHELD).headers["location"]
    assert last.startswith("/review?tab=unassigned&rule=harassment&told=end")
    assert 'action="/review/d3/undo' in reviewer.get(last).text


def test_a_draft_put_before_the_lead_is_settled_by_the_lead(desk: Served) -> None:
    reviewer, _ = a_reviewer(desk)
    lead, _ = a_reviewer(desk, Role.QA_LEAD)
    assert reviewer.post("/review/d2/escalate", data={"because": " ", "note": "我的备注"}).status_code == 422
    assert reviewer.post("/review/d2/escalate", data={"because": "欧阳静的案子拿不准"}).status_code == 303
    assert 'name="outcome"' not in reviewer.get("/review/d2").text
    page = lead.get("/review/d2").text
    assert "案子拿不准" in page
    assert "欧阳静" not in page
    assert 'name="final"' in page
    assert lead.post("/review/d2/ruling", data={**OVERTURN, "final": "yes"}).status_code == 303
    assert desk.services.store.review.item("d2").status == "final"


def test_a_proposal_is_weighed_and_goes_live_when_a_second_person_approves(desk: Served, tmp_path: Path) -> None:
    lead, _ = a_reviewer(desk, Role.QA_LEAD)
    other, _ = a_reviewer(desk, Role.QA_LEAD)
    reviewer, _ = a_reviewer(desk)
    lead.post("/review/d2/ruling", data={**EXCEPTION, "note": "欧阳静要的是资料"})
    (one,) = desk.services.store.proposals.all()
    path = f"/review/proposals/{one.id}"
    assert f'href="{path}"' in reviewer.get("/review/proposals").text
    for browser in (lead, reviewer):
        assert f'action="{path}/approve"' not in browser.get(path).text
    assert lead.post(f"{path}/approve").status_code == 403
    assert reviewer.post(f"{path}/approve").status_code == 403
    page = opened(other, path)
    assert "欧阳静" not in page.text
    assert re.search(r"1\D+3|3\D+1", page.text)
    assert other.post(f"{path}/decline", data={"reason": " "}).status_code == 422
    assert other.post(f"{path}/approve").headers["location"] == "/review/proposals?told=approved"
    live = tmp_path / "rules" / f"{one.id}.yaml"
    assert json.loads(live.read_text(encoding="utf-8"))["unless"] == PHRASE
    live.unlink()
    assert other.post("/review/proposals/publish").status_code == 303
    assert live.exists()
    assert other.post(f"{path}/approve").status_code == 409
    assert "/approve" not in opened(other, path).text


def test_reviewed_texts_are_exported_without_persons_and_the_journal_tells_who_did(desk: Served) -> None:
    reviewer, _ = a_reviewer(desk)
    reviewer.post("/review/d2/ruling", data=OVERTURN)
    answer = reviewer.post("/review/export")
    assert "attachment" in answer.headers["content-disposition"]
    (line,) = answer.text.splitlines()
    found = json.loads(line)
    assert (found["id"], found["label"]) == ("d2", "pass")
    assert "欧阳静" not in line
    assert journal(desk, "review") == ["review.export"]


def test_the_queue_reads_its_texts_in_one_query(desk: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    reviews = desk.services.store.review
    asked: list[object] = []
    monkeypatch.setattr(type(reviews), "text", lambda *given: asked.append(given))
    reviewer, _ = a_reviewer(desk)
    assert len(listed(reviewer)) == 3
    assert asked == []


def test_an_administrator_neither_reviews_nor_leads_the_review(desk: Served) -> None:
    admin = desk.signed_in(Role.ADMIN)
    for path in ("/review", "/review/team", "/review/proposals", "/review/d1"):
        assert admin.get(path).status_code == 403
    assert admin.post("/review/assign", data={}).status_code == 403

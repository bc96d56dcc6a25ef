from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from drafter.bootstrap import guard_for
from drafter.desk.approval import Approvals
from drafter.domain import Act, Case, DebtorMessage, Judgement, ReviewFilter, ReviewStep, Tier, Triage, is_drawn, lot
from drafter.errors import ConflictError, InputError, NotFoundError
from drafter.store.repository import SqlStore
from drafter.store.upgrading import downgrade, upgrade
from tests.reviewed import (
    AGENT,
    ANNA,
    AT,
    BEN,
    FACTS,
    FALSELY_FOUND,
    INBOUND,
    KIND,
    LEAD,
    THREAT,
    Clock,
    drawn_id,
    keep,
    reviews_of,
)

UPHELD = Judgement(outcome="upheld")


@pytest.fixture
def store(url: str) -> Iterator[SqlStore]:
    store = SqlStore.open(url)
    yield store
    store.close()


def ids(store: SqlStore, wanted: ReviewFilter | None = None, *, sample: float = 0) -> list[str]:
    return [item.draft_id for item in store.review.page(wanted or ReviewFilter(), sample=sample).items]


def approvals_of(store: SqlStore) -> Approvals:
    return Approvals(drafts=store.drafts, case=store.case, guard=guard_for, clock=Clock())


def test_the_queue_holds_the_rejected_and_the_sample_of_the_passed(store: SqlStore) -> None:
    drawn, left = drawn_id("sample", 0.05), drawn_id("sample", 0.05, drawn=False)
    keep(store, drawn, KIND)
    keep(store, left, KIND)
    keep(store, "rejected", THREAT)
    assert set(ids(store, sample=0.05)) == {drawn, "rejected"}
    assert set(ids(store, sample=0.05)) == {drawn, "rejected"}
    assert set(ids(store, sample=0)) == {"rejected"}
    assert set(ids(store, sample=1)) == {drawn, left, "rejected"}


def test_lots_draw_about_the_share_that_is_asked_for() -> None:
    share = sum(is_drawn("sample", f"d{n}", 0.05) for n in range(4_000)) / 4_000
    assert 0.04 < share < 0.06
    assert lot("sample", "d1") != lot("second", "d1")


def test_a_draft_that_was_ruled_on_stays_though_the_sample_shrinks(store: SqlStore) -> None:
    keep(store, "d1", KIND)
    reviews_of(store, Clock(), sample=1).rule("d1", UPHELD, by=ANNA)
    assert ids(store, sample=0) == ["d1"]


def test_a_draft_is_rejected_where_any_version_was(store: SqlStore) -> None:
    keep(store, "d1", KIND)
    keep(store, "d2", THREAT)
    approvals_of(store).edit("d1", THREAT, version=1, by=AGENT)
    approvals_of(store).edit("d2", KIND, version=1, by=AGENT)
    mended, spoilt = store.review.item("d2"), store.review.item("d1")
    assert (spoilt.rejected, spoilt.version, spoilt.agents) == (True, 2, (AGENT.id,))
    assert (mended.rejected, mended.version) == (True, 1)
    assert store.review.text("d2", 1).text == THREAT


def test_a_reply_that_a_person_wrote_comes_into_the_queue_too(store: SqlStore) -> None:
    keep(store, "d1", KIND)
    written = approvals_of(store).write("case-d1", THREAT, by=AGENT)
    assert ids(store, ReviewFilter(rejected=True)) == [written.id]


def test_filters_find_by_rule_tier_agent_model_prompt_day_status_and_outcome(store: SqlStore) -> None:
    keep(store, "d1", THREAT, tier=Tier.PREMIUM, model="m1", prompt_version="zh@1")
    keep(store, "d2", FALSELY_FOUND, at=AT + timedelta(days=1), model="m2", prompt_version="zh@2")
    approvals_of(store).discard("d2", reason="不合适", by=AGENT)
    reviews_of(store, Clock()).rule("d1", UPHELD, by=ANNA)
    for wanted, found in (
        (ReviewFilter(rule="third-party-contact"), ["d1"]),
        (ReviewFilter(rule="home-visit-threat"), ["d2"]),
        (ReviewFilter(rule="harassment"), []),
        (ReviewFilter(tier=Tier.PREMIUM), ["d1"]),
        (ReviewFilter(agent=AGENT.id), ["d2"]),
        (ReviewFilter(agent=BEN.id), []),
        (ReviewFilter(model="m2"), ["d2"]),
        (ReviewFilter(prompt_version="zh@1"), ["d1"]),
        (ReviewFilter(since=AT + timedelta(hours=1)), ["d2"]),
        (ReviewFilter(until=AT + timedelta(hours=1)), ["d1"]),
        (ReviewFilter(status="ruled"), ["d1"]),
        (ReviewFilter(outcome="upheld"), ["d1"]),
        (ReviewFilter(pending=True), ["d2"]),
        (ReviewFilter(draft_ids=("d2",)), ["d2"]),
        (ReviewFilter(), ["d2", "d1"]),
    ):
        assert ids(store, wanted) == found, wanted


def test_pages_hold_every_draft_once_the_newest_first_even_of_one_moment(store: SqlStore) -> None:
    for n in range(7):
        keep(store, f"d{n}", THREAT, at=AT + timedelta(minutes=n // 3))
    seen: list[str] = []
    cursor = None
    while True:
        page = store.review.page(ReviewFilter(), sample=0, cursor=cursor, most=2)
        seen += [item.draft_id for item in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert seen == ["d6", "d5", "d4", "d3", "d2", "d1", "d0"]


def test_a_cursor_that_is_none_is_told(store: SqlStore) -> None:
    for cursor in ("no cursor", "AAAA", "é"):
        with pytest.raises(InputError):
            store.review.page(ReviewFilter(), sample=0, cursor=cursor)


def test_the_queue_is_read_by_its_index(sqlite_url: str) -> None:
    store = SqlStore.open(sqlite_url)
    keep(store, "d1")
    with store._engine.connect() as connection:
        plan = connection.exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT * FROM review_items WHERE (rejected OR lot < 50000 OR status <> 'open') "
            "AND created_at < '2026-03-02' ORDER BY created_at DESC, draft_id DESC LIMIT 51"
        ).fetchall()
    assert any("ix_review_items_created_at_draft_id" in row[3] for row in plan)
    assert not any("TEMP B-TREE" in row[3] for row in plan)
    store.close()


def test_drafts_are_given_out_the_oldest_first_and_taken_back_unless_ruled_on(store: SqlStore) -> None:
    clock = Clock()
    for n in range(4):
        keep(store, f"d{n}", THREAT, at=AT + timedelta(minutes=n))
    approvals_of(store).discard("d0", reason="不合适", by=ANNA)
    reviews = reviews_of(store, clock)
    assert reviews.assign(ANNA, by=LEAD, most=2) == ("d1", "d2")
    assert reviews.assign(BEN, by=LEAD, most=9) == ("d0", "d3")
    reviews.rule("d1", UPHELD, by=ANNA)
    progress = reviews.progress()
    assert (progress.done, progress.total) == (1, 4)
    assert {one.person: (one.done, one.total) for one in progress.reviewers} == {ANNA.id: (1, 2), BEN.id: (0, 2)}
    counts = reviews.counts(BEN)
    assert (counts.mine, counts.all, counts.unassigned, counts.overturned) == (2, 4, 0, 0)

    assert reviews.recall(ReviewFilter(assignee=ANNA.id), by=LEAD) == ("d2",)
    assert reviews.recall(ReviewFilter(), by=LEAD) == ("d0", "d3")
    assert ids(store, ReviewFilter(assignee=BEN.id)) == []
    told = [entry for entry in store.journal.entries(subject="d2") if entry.action.startswith("review")]
    assert [(one.action, one.actor) for one in told] == [("review.assign", LEAD.id), ("review.recall", LEAD.id)]


def test_of_two_steps_from_one_state_only_the_first_is_taken(store: SqlStore) -> None:
    keep(store, "d1")
    seen = store.review.item("d1")
    act = Act(at=AT, actor=ANNA.id, action="review.assign", subject="d1")
    step = ReviewStep(before=seen, after=seen.model_copy(update={"assignee": ANNA.id}), act=act)
    assert store.review.take(step).assignee == ANNA.id
    before = len(list(store.journal.entries()))
    with pytest.raises(ConflictError):
        store.review.take(step)
    assert len(list(store.journal.entries())) == before


def test_a_text_comes_with_the_message_that_it_answered_not_with_the_newest(store: SqlStore) -> None:
    keep(store, "d1")
    case: Case = store.case("case-d1")
    act = Act(at=AT + timedelta(hours=1), actor="system", action="case.message", subject=case.id)
    store.queue.add_message(case, DebtorMessage(text="我又想了想", lang="zh"), Triage(), act)
    text = store.review.text("d1", 1)
    assert (text.inbound, text.facts, text.jurisdiction) == (INBOUND, FACTS, "CN")


def test_what_is_not_there_is_told_as_not_found(store: SqlStore) -> None:
    for ask in (store.review.item, store.proposals.proposal):
        with pytest.raises(NotFoundError):
            ask("nobody")
    with pytest.raises(NotFoundError):
        store.review.text("nothing", 1)


def test_a_database_of_before_gets_its_drafts_into_the_queue(url: str) -> None:
    store = SqlStore.open(url)
    keep(store, "d1", THREAT, tier=Tier.PREMIUM, model="m7")
    keep(store, "d2", KIND)
    approvals_of(store).edit("d2", FALSELY_FOUND, version=1, by=AGENT)
    approvals_of(store).edit("d2", KIND, version=2, by=AGENT)
    known = [store.review.item(draft_id) for draft_id in ("d1", "d2")]
    store.close()
    downgrade(url, to="0004")
    upgrade(url)
    store = SqlStore.open(url)
    again = [store.review.item(draft_id) for draft_id in ("d1", "d2")]
    assert [item.model_copy(update={"revision": 0}) for item in known] == again
    assert (again[1].version, again[1].rules[0]) == (2, "home-visit-threat")
    store.close()

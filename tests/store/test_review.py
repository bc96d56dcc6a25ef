from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from drafter.bootstrap import guard_for
from drafter.desk.approval import Approvals
from drafter.domain import (
    Act,
    Case,
    DebtorMessage,
    Judgement,
    ReviewFilter,
    ReviewStep,
    Tier,
    Triage,
    is_drawn,
    lot,
    review_tabs,
)
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
    give_case,
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


def test_the_reviewed_version_of_many_drafts_is_read_at_once(store: SqlStore) -> None:
    keep(store, "d1", THREAT)
    keep(store, "d2", FALSELY_FOUND)
    approvals_of(store).edit("d1", KIND, version=1, by=AGENT)
    approvals_of(store).edit("d2", THREAT, version=1, by=AGENT)
    found = store.review.texts(["d1", "d2", "none"])
    assert {name: (one.version, one.text) for name, one in found.items()} == {"d1": (1, THREAT), "d2": (2, THREAT)}
    assert found["d1"] == store.review.text("d1", 1)


def test_the_queue_tells_what_it_can_be_filtered_by(store: SqlStore) -> None:
    keep(store, "d1", THREAT, model="m2", prompt_version="zh@2")
    keep(store, "d2", THREAT, model="m1", prompt_version="zh@2")
    keep(store, "passed", KIND, model="m3")
    approvals_of(store).edit("d1", KIND, version=1, by=AGENT)
    found = store.review.choices(sample=0)
    assert (found.models, found.prompt_versions, found.agents) == (("m1", "m2"), ("zh@2",), (AGENT.id,))


def test_neighbours_are_found_also_among_drafts_of_one_moment(store: SqlStore) -> None:
    for n in range(4):
        keep(store, f"d{n}", THREAT, at=AT + timedelta(minutes=n // 2))
    found = {
        name: store.review.beside(ReviewFilter(), store.review.item(name), sample=0) for name in ("d0", "d1", "d3")
    }
    assert found == {"d0": ("d1", None), "d1": ("d2", "d0"), "d3": (None, "d2")}


def test_counts_are_those_of_the_lists_under_the_tabs(store: SqlStore) -> None:
    reviews = reviews_of(store, Clock(), double=1)
    for n in range(4):
        keep(store, f"d{n}", FALSELY_FOUND if n == 3 else THREAT)
    reviews.claim("d0", by=BEN)
    reviews.rule("d1", UPHELD, by=ANNA)
    for person in (ANNA, BEN):
        for wanted in (ReviewFilter(), ReviewFilter(rule="home-visit-threat")):
            counts = store.review.counts(person.id, sample=0, wanted=wanted).model_dump()
            listed = {name: len(ids(store, tab.narrowed(wanted))) for name, tab in review_tabs(person.id).items()}
            assert counts == listed


def test_a_ruling_that_is_taken_back_is_gone_with_its_proposal(store: SqlStore) -> None:
    keep(store, "d1", FALSELY_FOUND)
    reviews = reviews_of(store, Clock())
    asked = Judgement(outcome="overturned", reason="rule-too-broad", scope="phrase-exception", unless="帮扶资料")
    reviews.rule("d1", asked, by=ANNA)
    back = reviews.take_back("d1", by=ANNA)
    assert (back.status, back.assignee, store.review.rulings("d1")) == ("open", ANNA.id, ())
    assert [one.status for one in store.proposals.all()] == ["withdrawn"]
    assert store.journal.first_fault() is None


def test_who_put_a_draft_before_the_lead_and_who_holds_its_case_is_kept(store: SqlStore) -> None:
    keep(store, "d1")
    give_case(store, "d1", AGENT)
    reviews_of(store, Clock()).escalate("d1", reason=" 拿不准 ", by=ANNA)
    item = store.review.item("d1")
    assert (item.holder, item.status) == (AGENT.id, "disputed")
    assert (item.escalated_by, item.escalated_because) == (ANNA.id, "拿不准")

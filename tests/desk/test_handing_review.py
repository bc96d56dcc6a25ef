"""A review changes hands: appeals of those concerned, drafts put before the lead, rulings taken back, turns."""

from __future__ import annotations

from datetime import timedelta

import pytest

from drafter.bootstrap import guard_for
from drafter.desk.approval import Approvals
from drafter.desk.judgements import findings_by_rule
from drafter.desk.turns import following
from drafter.domain import Act, ReviewFilter, Role, review_tabs
from drafter.errors import ConflictError, ForbiddenError, InputError
from drafter.store.repository import SqlStore
from tests.reviewed import (
    AGENT,
    ANNA,
    AT,
    BEN,
    CHEN,
    EXCEPTION,
    FALSELY_FOUND,
    KIND,
    LEAD,
    OTHER_LEAD,
    OVERTURNED,
    THREAT,
    UPHELD,
    Clock,
    a_person,
    give_case,
    keep,
    reviews_of,
)

OTHER_AGENT, AGENT_LEAD = a_person("other", Role.AGENT), a_person("agents-lead", Role.LEAD)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_only_those_concerned_appeal(store: SqlStore, clock: Clock) -> None:
    reviews = reviews_of(store, clock)
    for draft_id in ("edited", "held", "anybody"):
        keep(store, draft_id)
    approvals = Approvals(drafts=store.drafts, case=store.case, guard=guard_for, clock=clock)
    approvals.edit("edited", f"{THREAT}请尽快。", version=1, by=AGENT)
    give_case(store, "held", AGENT)
    for draft_id in ("edited", "held", "anybody"):
        reviews.rule(draft_id, UPHELD, by=ANNA)
        with pytest.raises(ForbiddenError, match="Take the case"):
            reviews.object(draft_id, reason="不是威胁", by=OTHER_AGENT)
    for draft_id, by in (("edited", AGENT), ("held", AGENT), ("anybody", AGENT_LEAD)):
        assert reviews.object(draft_id, reason="不是威胁", by=by).status == "appealed"


def test_a_draft_put_before_the_lead_waits_for_nobody_else(store: SqlStore, clock: Clock) -> None:
    keep(store, "d1")
    reviews = reviews_of(store, clock)
    with pytest.raises(InputError):
        reviews.escalate("d1", reason=" ", by=ANNA)
    with pytest.raises(ForbiddenError):
        reviews.escalate("d1", reason="看不懂", by=AGENT)
    item = reviews.escalate("d1", reason="看不懂", by=ANNA)
    assert (item.status, item.escalated_by, item.escalated_because) == ("disputed", ANNA.id, "看不懂")
    with pytest.raises(ConflictError):
        reviews.rule("d1", UPHELD, by=BEN)
    assert reviews.settle("d1", UPHELD, by=LEAD).status == "final"
    told = [one.action for one in store.journal.entries(subject="d1")]
    assert told == ["review.escalate", "review.settle"]


@pytest.mark.parametrize("double", [0, 1])
def test_a_ruling_is_taken_back_while_nobody_has_acted_on_it(store: SqlStore, clock: Clock, double: float) -> None:
    keep(store, "d1")
    reviews = reviews_of(store, clock, double=double)
    reviews.rule("d1", UPHELD, by=ANNA)
    clock.pass_by(timedelta(seconds=30))
    assert reviews.may_undo("d1", ANNA)
    assert not reviews.may_undo("d1", BEN)
    with pytest.raises(ConflictError):
        reviews.take_back("d1", by=BEN)
    back = reviews.take_back("d1", by=ANNA)
    assert (back.status, back.outcome, back.ruled_at, back.assignee) == ("open", None, None, ANNA.id)
    assert store.review.rulings("d1") == ()
    assert [one.action for one in store.journal.entries(subject="d1")] == ["review.rule", "review.undo"]
    assert reviews.rule("d1", UPHELD, by=ANNA).outcome == ("upheld" if not double else None)


def test_what_somebody_acted_on_or_is_too_old_is_not_taken_back(store: SqlStore, clock: Clock) -> None:
    reviews = reviews_of(store, clock, double=1)
    for draft_id in ("claimed", "ruled", "old"):
        keep(store, draft_id)
        reviews.rule(draft_id, UPHELD, by=ANNA)
    reviews.claim("claimed", by=BEN)
    reviews.rule("ruled", UPHELD, by=BEN)
    clock.pass_by(timedelta(seconds=61))
    keep(store, "never")
    for draft_id in ("claimed", "ruled", "old", "never"):
        with pytest.raises(ConflictError):
            reviews.take_back(draft_id, by=ANNA)


def test_a_proposal_falls_with_the_ruling_that_is_taken_back_unless_it_is_decided(
    store: SqlStore, clock: Clock
) -> None:
    keep(store, "d1", FALSELY_FOUND)
    reviews = reviews_of(store, clock)
    reviews.rule("d1", EXCEPTION, by=ANNA)
    reviews.take_back("d1", by=ANNA)
    assert [one.status for one in store.proposals.all()] == ["withdrawn"]
    clock.pass_by(timedelta(seconds=1))
    reviews.rule("d1", EXCEPTION, by=ANNA)
    asked = store.proposals.all(status="proposed")[0]
    act = Act(at=clock.at, actor=LEAD.id, action="proposal.declined", subject="d1")
    store.proposals.decide(asked.model_copy(update={"status": "declined"}), act)
    with pytest.raises(ConflictError, match="decided already"):
        reviews.take_back("d1", by=ANNA)
    assert store.review.item("d1").status == "ruled"


def test_what_fell_with_a_final_ruling_rises_when_that_is_taken_back(store: SqlStore, clock: Clock) -> None:
    keep(store, "d1", FALSELY_FOUND)
    give_case(store, "d1", AGENT)
    reviews = reviews_of(store, clock)
    reviews.rule("d1", EXCEPTION, by=ANNA)
    clock.pass_by(timedelta(minutes=5))
    reviews.object("d1", reason="应当拦截", by=AGENT)
    reviews.settle("d1", UPHELD, by=LEAD)
    assert [one.status for one in store.proposals.all()] == ["withdrawn"]
    back = reviews.take_back("d1", by=LEAD)
    assert (back.status, back.outcome, back.ruled_at) == ("appealed", "overturned", AT)
    assert [one.status for one in store.proposals.all()] == ["proposed"]
    reviews.release("d1", by=LEAD)
    assert reviews.rule("d1", OVERTURNED, by=BEN).status == "final"


def test_a_settled_dispute_that_is_taken_back_waits_for_the_lead_again(store: SqlStore, clock: Clock) -> None:
    keep(store, "d1", FALSELY_FOUND)
    reviews = reviews_of(store, clock, double=1)
    reviews.rule("d1", OVERTURNED, by=ANNA)
    reviews.rule("d1", UPHELD, by=BEN)
    clock.pass_by(timedelta(seconds=1))
    reviews.settle("d1", UPHELD, by=LEAD)
    back = reviews.take_back("d1", by=LEAD)
    assert (back.status, back.outcome, back.assignee) == ("disputed", None, None)
    assert reviews.settle("d1", OVERTURNED, by=OTHER_LEAD).outcome == "overturned"


def test_what_is_counted_under_a_tab_is_what_is_listed_there(store: SqlStore, clock: Clock) -> None:
    reviews = reviews_of(store, clock, double=1)
    for n in range(5):
        keep(store, f"d{n}")
    reviews.claim("d0", by=BEN)
    reviews.rule("d1", UPHELD, by=ANNA)
    reviews.escalate("d2", reason="难", by=ANNA)
    keep(store, "kind", KIND)
    for person in (ANNA, BEN, LEAD):
        counts = reviews.counts(person)
        listed = {name: len(reviews.page(tab).items) for name, tab in review_tabs(person.id).items()}
        assert counts.model_dump() == listed
    # Who has ruled on it already is not told that it waits for them.
    assert (reviews.counts(ANNA).unassigned, reviews.counts(BEN).unassigned) == (2, 3)
    assert (reviews.counts(BEN).mine, reviews.counts(LEAD).assigned, reviews.counts(LEAD).disputed) == (1, 1, 1)
    assert reviews.counts(LEAD, ReviewFilter(model="none")).all == 0


def test_the_next_draft_is_one_s_own_then_a_free_one_among_those_that_are_looked_for(
    store: SqlStore, clock: Clock
) -> None:
    reviews = reviews_of(store, clock, double=1)
    for n in range(4):
        keep(store, f"d{n}", FALSELY_FOUND if n == 3 else THREAT, at=AT + timedelta(minutes=n))
    reviews.claim("d0", by=ANNA)
    reviews.claim("d2", by=BEN)
    assert following(reviews, ANNA, disputed=False) == "d0"
    assert following(reviews, CHEN, disputed=False) == "d3"
    assert following(reviews, CHEN, disputed=False, wanted=ReviewFilter(rule="third-party-contact")) == "d1"
    reviews.rule("d1", UPHELD, by=CHEN)
    reviews.rule("d3", UPHELD, by=CHEN)
    assert following(reviews, CHEN, disputed=False) is None


def test_the_neighbours_of_a_draft_are_those_of_the_list_that_is_looked_at(store: SqlStore, clock: Clock) -> None:
    reviews = reviews_of(store, clock)
    for n in range(4):
        keep(store, f"d{n}", FALSELY_FOUND if n == 1 else THREAT, at=AT + timedelta(minutes=n // 2))
    item = store.review.item("d2")
    assert reviews.beside(ReviewFilter(), item) == ("d3", "d1")
    assert reviews.beside(ReviewFilter(rule="third-party-contact"), item) == ("d3", "d0")
    assert reviews.beside(ReviewFilter(), store.review.item("d3")) == (None, "d2")


def test_rules_that_are_named_say_which_findings_were_wrong_or_right(store: SqlStore, clock: Clock) -> None:
    del clock
    keep(store, "d1", f"{FALSELY_FOUND}{THREAT}")
    verdict = store.review.text("d1", 1).verdict
    rules = [one.rule for one in verdict.findings]
    assert len(set(rules)) > 1
    wrong = findings_by_rule("overturned", ["home-visit-threat"], verdict)
    assert {(rule, one.ruling) for rule, one in zip(rules, wrong, strict=True)} == {
        (rule, "false-hit" if rule == "home-visit-threat" else "unsure") for rule in rules
    }
    assert "hit" in {one.ruling for one in findings_by_rule("upheld", ["home-visit-threat"], verdict)}
    assert findings_by_rule("missed", ["home-visit-threat"], verdict) == findings_by_rule("upheld", [], verdict) == ()
    with pytest.raises(InputError, match="harassment"):
        findings_by_rule("upheld", ["harassment"], verdict)

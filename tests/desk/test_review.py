from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from drafter.bootstrap import guard_for
from drafter.desk.approval import Approvals
from drafter.desk.proposing import Proposals
from drafter.domain import FindingRuling, Judgement, Miss, Proposal, ReviewFilter, Role
from drafter.errors import ConflictError, ForbiddenError, InputError
from drafter.store.repository import SqlStore
from guardrails import Guard
from guardrails.amending import read_amendments
from tests.reviewed import (
    AGENT,
    ANNA,
    BEN,
    CHEN,
    EXCEPTION,
    FACTS,
    FALSELY_FOUND,
    INBOUND,
    KIND,
    LEAD,
    OTHER_LEAD,
    OVERTURNED,
    PHRASE,
    THREAT,
    UPHELD,
    Clock,
    a_person,
    drawn_id,
    give_case,
    keep,
    reviews_of,
)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_one_ruling_settles_a_draft_that_no_second_reviewer_is_drawn_for(store: SqlStore, clock: Clock) -> None:
    keep(store, "d1")
    ruled = reviews_of(store, clock).rule("d1", UPHELD, by=ANNA, version=1)
    assert (ruled.status, ruled.outcome, ruled.ruled_at) == ("ruled", "upheld", clock.at)
    assert [one.ruling for one in store.review.rulings("d1")[0].findings] == ["hit"] * len(ruled.rules)


def test_a_second_reviewer_is_drawn_by_the_draft_s_id_alone(store: SqlStore, clock: Clock) -> None:
    once, twice = drawn_id("second", 0.1, drawn=False), drawn_id("second", 0.1)
    keep(store, once)
    keep(store, twice)
    reviews = reviews_of(store, clock, double=0.1)
    assert reviews.rule(once, UPHELD, by=ANNA).status == "ruled"
    assert reviews.rule(twice, UPHELD, by=ANNA).status == "second-review"


def test_the_first_ruling_is_hidden_until_the_second_is_given(store: SqlStore, clock: Clock) -> None:
    keep(store, "d1")
    reviews = reviews_of(store, clock, double=1)
    waiting = reviews.rule("d1", UPHELD, by=ANNA)
    assert (waiting.outcome, waiting.assignee) == (None, None)
    assert reviews.rulings("d1", by=BEN) == ()
    assert reviews.rulings("d1", by=LEAD) == ()
    assert [one.by for one in reviews.rulings("d1", by=ANNA)] == [ANNA.id]
    assert "outcome" not in next(store.journal.entries(subject="d1", actor=ANNA.id)).detail

    reviews.rule("d1", UPHELD, by=BEN)
    assert [one.by for one in reviews.rulings("d1", by=BEN)] == [ANNA.id, BEN.id]


def test_nobody_is_both_reviewers_of_a_draft(store: SqlStore, clock: Clock) -> None:
    keep(store, "d1")
    reviews = reviews_of(store, clock, double=1)
    reviews.rule("d1", UPHELD, by=ANNA)
    with pytest.raises(ForbiddenError):
        reviews.rule("d1", UPHELD, by=ANNA)
    assert reviews.assign(ANNA, by=LEAD, most=5) == ()


def test_two_who_differ_leave_it_to_a_lead_who_has_not_ruled(store: SqlStore, clock: Clock) -> None:
    keep(store, "d1", FALSELY_FOUND)
    reviews = reviews_of(store, clock, double=1)
    reviews.rule("d1", OVERTURNED, by=LEAD)
    disputed = reviews.rule("d1", UPHELD, by=BEN)
    assert (disputed.status, disputed.outcome) == ("disputed", None)
    with pytest.raises(ConflictError):
        reviews.rule("d1", UPHELD, by=CHEN)
    with pytest.raises(ForbiddenError):
        reviews.settle("d1", UPHELD, by=CHEN)
    with pytest.raises(ForbiddenError):
        reviews.settle("d1", OVERTURNED, by=LEAD)
    final = reviews.settle("d1", OVERTURNED, by=OTHER_LEAD)
    assert (final.status, final.outcome) == ("final", "overturned")
    assert reviews.agreement().drafts.n == 1


def test_a_reviewer_never_reviews_a_draft_of_their_own(store: SqlStore, clock: Clock) -> None:
    keep(store, "d1", KIND)
    approvals = Approvals(drafts=store.drafts, case=store.case, guard=guard_for, clock=clock)
    approvals.edit("d1", THREAT, version=1, by=ANNA)
    reviews = reviews_of(store, clock)
    with pytest.raises(ForbiddenError):
        reviews.rule("d1", UPHELD, by=ANNA)
    with pytest.raises(ForbiddenError):
        reviews.claim("d1", by=ANNA)
    assert reviews.rule("d1", UPHELD, by=BEN).version == 2


def test_only_reviewers_rule_and_only_leads_give_out(store: SqlStore, clock: Clock) -> None:
    keep(store, "d1")
    reviews = reviews_of(store, clock)
    with pytest.raises(ForbiddenError):
        reviews.rule("d1", UPHELD, by=AGENT)
    with pytest.raises(ForbiddenError):
        reviews.rule("d1", UPHELD, by=a_person("root", Role.ADMIN))
    with pytest.raises(ForbiddenError):
        reviews.assign(ANNA, by=BEN, most=1)
    with pytest.raises(ForbiddenError):
        reviews.assign(AGENT, by=LEAD, most=1)
    with pytest.raises(ForbiddenError):
        reviews.recall(ReviewFilter(), by=BEN)


def test_what_one_reviewer_has_no_other_takes(store: SqlStore, clock: Clock) -> None:
    keep(store, "d1")
    reviews = reviews_of(store, clock)
    assert reviews.claim("d1", by=ANNA).assignee == ANNA.id
    assert reviews.claim("d1", by=ANNA).assignee == ANNA.id
    with pytest.raises(ConflictError):
        reviews.claim("d1", by=BEN)
    with pytest.raises(ConflictError):
        reviews.rule("d1", UPHELD, by=BEN)
    reviews.release("d1", by=ANNA)
    assert reviews.rule("d1", UPHELD, by=BEN).status == "ruled"


def test_a_ruling_on_an_older_version_is_refused(store: SqlStore, clock: Clock) -> None:
    keep(store, "d1")
    approvals = Approvals(drafts=store.drafts, case=store.case, guard=guard_for, clock=clock)
    approvals.edit("d1", f"{THREAT}请尽快。", version=1, by=AGENT)
    with pytest.raises(ConflictError):
        reviews_of(store, clock).rule("d1", UPHELD, by=ANNA, version=1)


@pytest.mark.parametrize(
    "given",
    [
        Judgement(outcome="overturned"),
        Judgement(outcome="missed"),
        Judgement(outcome="missed", misses=(Miss(rule="no-such-rule"),)),
        Judgement(outcome="missed", misses=(Miss(rule="harassment", start=5, end=500),)),
        Judgement(outcome="upheld", findings=(FindingRuling(number=0, ruling="false-hit"),)),
        Judgement(outcome="upheld", findings=(FindingRuling(number=7, ruling="hit"),)),
        OVERTURNED.model_copy(update={"findings": (FindingRuling(number=0, ruling="hit"),)}),
        OVERTURNED.model_copy(update={"scope": "phrase-exception"}),
        OVERTURNED.model_copy(update={"scope": "rule-change"}),
        EXCEPTION.model_copy(update={"unless": "(帮扶"}),
        UPHELD.model_copy(update={"scope": "phrase-exception", "unless": PHRASE}),
    ],
)
def test_a_judgement_without_its_reason_or_against_itself_changes_nothing(
    store: SqlStore, clock: Clock, given: Judgement
) -> None:
    keep(store, "d1", FALSELY_FOUND)
    with pytest.raises(InputError):
        reviews_of(store, clock).rule("d1", given, by=ANNA)
    assert store.review.item("d1").status == "open"


def test_a_passed_text_can_be_upheld_or_have_missed_something_but_not_be_overturned(
    store: SqlStore, clock: Clock
) -> None:
    keep(store, "d1", KIND)
    reviews = reviews_of(store, clock, sample=1)
    with pytest.raises(InputError):
        reviews.rule("d1", OVERTURNED, by=ANNA)
    missed = Judgement(outcome="missed", misses=(Miss(rule="harassment", start=3, end=8),))
    assert reviews.rule("d1", missed, by=ANNA).outcome == "missed"
    assert store.review.rulings("d1")[0].misses == missed.misses


def test_an_agent_appeals_in_time_and_another_reviewer_closes_or_disputes_it(store: SqlStore, clock: Clock) -> None:
    reviews = reviews_of(store, clock)
    for draft_id in ("d1", "d2"):
        keep(store, draft_id, FALSELY_FOUND)
        give_case(store, draft_id, AGENT)
        reviews.rule(draft_id, UPHELD, by=ANNA)
    clock.pass_by(timedelta(days=7))
    with pytest.raises(InputError):
        reviews.object("d1", reason=" ", by=AGENT)
    with pytest.raises(ForbiddenError):
        reviews.object("d1", reason="客户自己要求上门", by=BEN)
    for draft_id in ("d1", "d2"):
        assert reviews.object(draft_id, reason="客户自己要求上门", by=AGENT).status == "appealed"
    with pytest.raises(ForbiddenError):
        reviews.rule("d1", UPHELD, by=ANNA)
    assert reviews.rule("d1", UPHELD, by=BEN).status == "final"
    assert reviews.rule("d2", OVERTURNED, by=BEN).status == "disputed"
    assert reviews.settle("d2", OVERTURNED, by=LEAD).outcome == "overturned"
    with pytest.raises(ConflictError):
        reviews.object("d1", reason="再看一次", by=AGENT)


def test_an_appeal_that_comes_too_late_is_refused(store: SqlStore, clock: Clock) -> None:
    keep(store, "d1")
    give_case(store, "d1", AGENT)
    reviews = reviews_of(store, clock)
    item = reviews.rule("d1", UPHELD, by=ANNA)
    assert reviews.appeal_until(item) == clock.at + timedelta(days=7)
    clock.pass_by(timedelta(days=7, seconds=1))
    with pytest.raises(ConflictError, match="2026-03-09"):
        reviews.object("d1", reason="不同意", by=AGENT)


def test_the_journal_holds_every_step_and_none_of_the_words(store: SqlStore, clock: Clock) -> None:
    keep(store, "d1", FALSELY_FOUND)
    give_case(store, "d1", AGENT)
    reviews = reviews_of(store, clock)
    reviews.claim("d1", by=ANNA)
    reviews.rule("d1", EXCEPTION.model_copy(update={"note": "只是送资料"}), by=ANNA)
    reviews.object("d1", reason="理由", by=AGENT)
    entries = list(store.journal.entries(subject="d1"))
    assert [one.action for one in entries] == ["review.assign", "review.propose", "review.rule", "review.appeal"]
    told = "".join(one.model_dump_json() for one in entries)
    assert not any(word in told for word in (PHRASE, "只是送资料", "理由", "上门"))
    assert store.journal.first_fault() is None


def proposed(store: SqlStore, clock: Clock) -> Proposal:
    reviews_of(store, clock).rule("d1", EXCEPTION, by=LEAD)
    return store.proposals.all(status="proposed")[0]


def proposals_of(store: SqlStore, clock: Clock, tmp_path: Path) -> Proposals:
    return Proposals(store=store.proposals, guard=guard_for, clock=clock, rules=tmp_path / "rules")


def test_an_overturn_that_asks_for_an_exception_names_the_entry_of_the_rule(store: SqlStore, clock: Clock) -> None:
    keep(store, "d1", FALSELY_FOUND)
    one = proposed(store, clock)
    assert (one.rule, one.quote, one.unless, one.entries) == ("home-visit-threat", "上门", PHRASE, ("<visit>",))


def test_a_blind_overturn_asks_for_nothing_before_the_second_agrees(store: SqlStore, clock: Clock) -> None:
    keep(store, "d1", FALSELY_FOUND)
    reviews = reviews_of(store, clock, double=1)
    reviews.rule("d1", EXCEPTION, by=ANNA)
    assert store.proposals.all() == ()
    reviews.rule("d1", OVERTURNED, by=BEN)
    assert [one.proposed_by for one in store.proposals.all()] == [ANNA.id]


def test_a_proposal_falls_with_the_overturn_that_it_came_of(store: SqlStore, clock: Clock) -> None:
    keep(store, "d1", FALSELY_FOUND)
    give_case(store, "d1", AGENT)
    reviews = reviews_of(store, clock)
    reviews.rule("d1", EXCEPTION, by=ANNA)
    reviews.object("d1", reason="应当拦截", by=AGENT)
    reviews.settle("d1", UPHELD, by=LEAD)
    assert [one.status for one in store.proposals.all()] == ["withdrawn"]


def test_the_effect_tells_which_past_decisions_would_be_otherwise(
    store: SqlStore, clock: Clock, tmp_path: Path
) -> None:
    keep(store, "d1", FALSELY_FOUND)
    keep(store, "d2", FALSELY_FOUND)
    keep(store, "d3", THREAT)
    keep(store, "d4", KIND)
    reviews_of(store, clock).rule("d2", UPHELD, by=ANNA)
    effect = proposals_of(store, clock, tmp_path).effect(proposed(store, clock).id)
    assert effect.decisions == 4
    assert [(one.draft_id, one.now, one.then, one.upheld) for one in effect.altered] == [
        ("d2", "reject", "pass", True),
        ("d1", "reject", "pass", False),
    ]
    assert effect.lost == ()


def test_a_proposal_goes_live_only_when_a_second_lead_approves(store: SqlStore, clock: Clock, tmp_path: Path) -> None:
    keep(store, "d1", FALSELY_FOUND)
    one, proposals = proposed(store, clock), proposals_of(store, clock, tmp_path)
    for person in (LEAD, ANNA):
        with pytest.raises(ForbiddenError):
            proposals.approve(one.id, by=person)
    assert read_amendments(tmp_path / "rules") == ()

    approved = proposals.approve(one.id, by=OTHER_LEAD)
    assert (approved.status, approved.altered, approved.decisions) == ("approved", 1, 1)
    amended = Guard.load("CN", amendments=read_amendments(tmp_path / "rules"))
    assert amended.check(FALSELY_FOUND, lang="zh", facts=FACTS, inbound=INBOUND).passed
    assert not amended.check(THREAT, lang="zh", facts=FACTS, inbound=INBOUND).passed
    assert amended.policy.name != guard_for("CN").policy.name
    with pytest.raises(ConflictError):
        proposals.decline(one.id, reason="不", by=OTHER_LEAD)


def test_a_change_that_would_blind_the_rule_to_its_own_examples_is_refused(
    store: SqlStore, clock: Clock, tmp_path: Path
) -> None:
    keep(store, "d1", FALSELY_FOUND)
    reviews_of(store, clock).rule("d1", EXCEPTION.model_copy(update={"unless": "(我们|您|你)"}), by=ANNA)
    one, proposals = store.proposals.all()[0], proposals_of(store, clock, tmp_path)
    with pytest.raises(InputError, match="own example"):
        proposals.approve(one.id, by=LEAD)
    assert proposals.decline(one.id, reason="太宽", by=LEAD).status == "declined"


def test_a_wish_in_words_can_be_approved_and_changes_no_verdict(store: SqlStore, clock: Clock, tmp_path: Path) -> None:
    keep(store, "d1", FALSELY_FOUND)
    wish = OVERTURNED.model_copy(update={"scope": "rule-change", "note": "送资料不算上门催收"})
    reviews_of(store, clock).rule("d1", wish, by=ANNA)
    proposals = proposals_of(store, clock, tmp_path)
    assert proposals.effect(store.proposals.all()[0].id).altered == ()
    proposals.approve(store.proposals.all()[0].id, by=LEAD)
    assert read_amendments(tmp_path / "rules") == ()

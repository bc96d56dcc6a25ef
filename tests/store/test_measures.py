"""The counts behind the dashboards, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from drafter.domain import FindingRuling, Judgement, Measured, Offered, RejectedBy, Tier, Waited, Written
from drafter.store.repository import SqlStore
from tests.measured import AT, KIND, LIN, THREAT, ZHOU, approve, at_clock, days, put_aside, suggest
from tests.reviewed import ANNA, BEN, FALSELY_FOUND, Clock, reviews_of

MENDED = f"{KIND}请多保重。"
UPHELD, OVERTURNED = Judgement(outcome="upheld"), Judgement(outcome="overturned", reason="rule-too-broad")


@pytest.fixture
def store(either_store: SqlStore) -> SqlStore:
    return either_store


def test_the_house_s_own_reply_is_no_text_of_a_model(store: SqlStore) -> None:
    suggest(store, "a", KIND)
    suggest(store, "b", THREAT, KIND)
    suggest(store, "c", THREAT, "", THREAT, f"house:{KIND}")
    assert store.measures.written(days()) == [
        Written(step=0, group="", first=3, first_rejected=2, attempts=6, attempts_rejected=4)
    ]


def test_a_rule_counts_once_a_text_and_an_answer_without_a_text_under_no_rule(store: SqlStore) -> None:
    suggest(store, "a", THREAT, KIND)
    suggest(store, "b", "", THREAT)
    found = {one.group: one for one in store.measures.rejected_by(days())}
    assert found["third-party-contact"] == RejectedBy(step=0, group="third-party-contact", first=1, attempts=2)
    assert found[""] == RejectedBy(step=0, group="", first=1, attempts=1)


def test_every_suggested_text_ends_in_one_of_six_ways(store: SqlStore) -> None:
    names = ("kept", "edited", "back", "discarded", "escalated", "aside", "waiting", "withdrawn")
    ids = {name: suggest(store, name) for name in names}
    suggest(store, "rejected", THREAT)  # was never offered
    approve(store, ids["kept"])
    approve(store, ids["edited"], edited=MENDED)
    at_clock(store, seconds=5, of=ids["back"]).edit(ids["back"], MENDED, version=1, by=LIN)
    approve(store, ids["back"], edited=KIND)
    at_clock(store, seconds=5, of=ids["discarded"]).discard(ids["discarded"], reason="不合适", by=LIN)
    at_clock(store, seconds=5, of=ids["escalated"]).escalate(ids["escalated"], reason="要主管看", by=LIN)
    put_aside(store, ids["aside"])
    approve(store, ids["withdrawn"])
    at_clock(store, seconds=70, of=ids["withdrawn"]).withdraw(ids["withdrawn"], by=LIN)
    assert store.measures.offered(days()) == [
        Offered(step=0, group="", unedited=2, edited=1, discarded=1, escalated=1, superseded=1, waiting=2)
    ]
    (pair,) = store.measures.edited(days(), most=10)
    assert (pair.offered, pair.approved) == (KIND, MENDED)
    assert store.measures.edited(days(), most=0) == []


def test_the_wait_for_an_approval_is_counted_in_whole_seconds_until_the_one_that_stands(store: SqlStore) -> None:
    for name, wait in (("a", 60), ("b", 60), ("c", 3_725)):
        approve(store, suggest(store, name), after=wait)
    again = suggest(store, "d")
    approve(store, again, after=10)
    at_clock(store, seconds=20, of=again).withdraw(again, by=LIN)
    approve(store, again, after=600)
    assert sorted(store.measures.waited(days()), key=lambda one: one.seconds) == [
        Waited(0, "", 60, 2),
        Waited(0, "", 600, 1),
        Waited(0, "", 3_725, 1),
    ]


def test_a_draft_counts_in_the_step_in_which_it_was_made(store: SqlStore) -> None:
    wanted = days(5)
    for at, begin in enumerate(wanted.edges):
        suggest(store, f"first-{at}", at=begin)
        suggest(store, f"last-{at}", at=begin - timedelta(microseconds=1))
    assert sorted((one.step, one.first) for one in store.measures.written(wanted)) == [(step, 2) for step in range(5)]


def test_what_is_told_apart_adds_up_and_a_filter_is_one_of_the_groups(store: SqlStore) -> None:
    suggest(store, "a", THREAT, KIND, tier=Tier.PREMIUM, model="m1", prompt_version="zh@1")
    approve(store, suggest(store, "b", KIND, tier=Tier.HIGH_RISK, model="m2", prompt_version="zh@2"), by=ZHOU)
    approve(store, suggest(store, "c", THREAT, f"house:{KIND}", model="m2"), by=LIN, edited=MENDED)
    groups: dict[str, dict[str, tuple[int, int]]] = {
        "tier": {"premium": (1, 1), "high-risk": (1, 0), "general": (1, 1)},
        "model": {"m1": (1, 1), "m2": (2, 1)},
        "prompt_version": {"zh@1": (2, 2), "zh@2": (1, 0)},
        "agent": {"": (1, 1), LIN.id: (1, 1), ZHOU.id: (1, 0)},
    }
    for split, expected in groups.items():
        apart = {one.group: (one.first, one.first_rejected) for one in store.measures.written(days(split=split))}
        assert apart == expected, split
        for group in expected.keys() - {""}:
            (alone,) = store.measures.written(days(**{split: group}))
            assert (alone.first, alone.first_rejected) == expected[group], (split, group)
    offered = {one.group: one.approved for one in store.measures.offered(days(split="model"))}
    assert offered == {"m1": 0, "m2": 1, "house": 1}
    assert [one.group for one in store.measures.edited(days(split="agent"), most=9)] == [LIN.id]
    assert {one.group for one in store.measures.waited(days(split="tier"))} == {"high-risk", "general"}


def test_rulings_are_told_in_their_order_and_none_before_the_second_reviewer_has_ruled(store: SqlStore) -> None:
    suggest(store, "a", THREAT, KIND)
    suggest(store, "b", THREAT, KIND)
    suggest(store, "c", FALSELY_FOUND, KIND, model="m2")
    reviews, twice = reviews_of(store, Clock()), reviews_of(store, Clock(), double=1)
    twice.rule("a-1", UPHELD, by=ANNA)
    assert store.measures.judged(days()) == []
    twice.rule("a-1", UPHELD, by=BEN)
    reviews.rule("c-1", OVERTURNED, by=ANNA)
    both, one = sorted(store.measures.judged(days(split="model")), key=lambda judged: judged.group)
    assert [(said.stage, said.outcome) for said in both.rulings] == [("first", "upheld"), ("second", "upheld")]
    assert (one.group, one.rejected, one.outcome) == ("m2", True, "overturned")
    assert ("home-visit-threat", "false-hit") in one.rulings[0].findings
    assert [judged.outcome for judged in store.measures.judged(days(model="m2"))] == ["overturned"]


def test_a_ruling_belongs_to_the_agent_who_decided_about_what_was_suggested(store: SqlStore) -> None:
    approve(store, suggest(store, "a", THREAT, KIND), by=LIN)
    suggest(store, "b", THREAT, KIND)
    for draft in ("a-1", "b-1"):
        ruled = Judgement(outcome="upheld", findings=(FindingRuling(number=0, ruling="hit"),))
        reviews_of(store, Clock()).rule(draft, ruled, by=ANNA)
    assert {one.group for one in store.measures.judged(days(split="agent"))} == {LIN.id, ""}
    assert len(store.measures.judged(days(agent=LIN.id))) == 1
    assert store.measures.judged(days(agent=ZHOU.id)) == []


def test_the_choices_are_what_there_is_in_the_time(store: SqlStore) -> None:
    approve(store, suggest(store, "a", KIND, model="m1"), by=LIN)
    suggest(store, "b", KIND, model="m2", prompt_version="zh@2", at=AT + timedelta(days=3))
    wanted: Measured = days()
    there = store.measures.choices(wanted.edges[0], wanted.edges[-1])
    assert (there.models, there.prompt_versions, there.agents) == (("m1",), ("zh@1",), (LIN.id,))

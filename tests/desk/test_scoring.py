from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drafter.desk.tiers.scoring import CreditRecord, read_record, scorecard, suggest_tier
from drafter.domain import Tier
from drafter.errors import InputError

FAITHFUL = CreditRecord(
    days_past_due=3,
    payments_due=12,
    payments_late=0,
    monthly_income="9000",
    monthly_payments="2000",
    credit_limit="20000",
    balance="3000",
    promises_made=1,
    promises_broken=0,
    contacts_made=2,
    contacts_answered=2,
)
LOST = CreditRecord(
    days_past_due=120,
    payments_due=12,
    payments_late=9,
    monthly_income="3000",
    monthly_payments="2900",
    credit_limit="20000",
    balance="19900",
    promises_made=4,
    promises_broken=4,
    contacts_made=10,
    contacts_answered=1,
)


def test_record_ability_and_willingness_decide() -> None:
    assert suggest_tier(FAITHFUL, lang="zh").tier is Tier.PREMIUM
    assert suggest_tier(LOST, lang="zh").tier is Tier.HIGH_RISK
    assert {factor.about for factor in scorecard().factors} == {"record", "ability", "willingness"}


def test_of_somebody_unknown_nothing_bad_is_thought() -> None:
    proposed = suggest_tier(CreditRecord(), lang="en")
    assert proposed.tier is Tier.GENERAL
    assert not any(reason.known for reason in proposed.reasons)


def test_every_point_is_explained_and_a_human_decides() -> None:
    for lang in ("zh", "en"):
        proposed = suggest_tier(FAITHFUL, lang=lang)
        assert proposed.score == sum(reason.points for reason in proposed.reasons)
        assert all(reason.reason for reason in proposed.reasons)
        assert proposed.decided_by == "human"


@given(days=st.lists(st.integers(0, 400), min_size=2, max_size=5))
def test_a_longer_delay_never_scores_better(days: list[int]) -> None:
    scores = [suggest_tier(FAITHFUL.model_copy(update={"days_past_due": day}), lang="en").score for day in sorted(days)]
    assert all(one >= other for one, other in pairwise(scores))


@pytest.mark.parametrize(
    ("record", "says"),
    [
        ({"gender": "f"}, "gender"),
        ({"payments_due": 1, "payments_late": 2}, "payments_late"),
        ({"days_past_due": -1}, "days_past_due"),
        ([], "record"),
    ],
)
def test_a_record_that_cannot_be_used_is_told_without_its_value(record: object, says: str) -> None:
    with pytest.raises(InputError, match=says):
        read_record(json.dumps(record).encode())


def test_the_same_part_of_nothing_is_unknown_and_debts_without_income_weigh_most() -> None:
    assert CreditRecord(payments_due=0, payments_late=0).late_share is None
    assert CreditRecord(monthly_income="0", monthly_payments="10").burden == 1.0

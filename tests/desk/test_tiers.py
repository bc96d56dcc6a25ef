from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from drafter.desk.tiers import follow_up_date, manners
from drafter.domain import Tier


@given(st.dates(min_value=date(2020, 1, 1), max_value=date(2100, 1, 1)))
def test_one_follows_up_on_a_later_working_day_and_sooner_where_the_risk_is_higher(today: date) -> None:
    days = [follow_up_date(tier, today) for tier in (Tier.HIGH_RISK, Tier.GENERAL, Tier.PREMIUM)]
    assert days == sorted(days)
    for day in days:
        assert today < day <= today + timedelta(days=9)
        assert day.weekday() < 5


def test_every_tier_says_in_one_place_how_one_writes_to_it() -> None:
    assert {tier: manner.tier for tier, manner in manners().items()} == {tier: tier for tier in Tier}
    assert len({manner.tone.zh for manner in manners().values()}) == len(Tier)
    weekly = [manners()[tier].contacts_a_week for tier in (Tier.PREMIUM, Tier.GENERAL, Tier.HIGH_RISK)]
    assert weekly == sorted(weekly)

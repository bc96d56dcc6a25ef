from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from drafter.desk.tiers import follow_up_date
from drafter.domain import Tier


@given(st.dates(min_value=date(2020, 1, 1), max_value=date(2100, 1, 1)))
def test_one_follows_up_on_a_later_working_day_and_sooner_where_the_risk_is_higher(today: date) -> None:
    days = [follow_up_date(tier, today) for tier in (Tier.HIGH_RISK, Tier.GENERAL, Tier.PREMIUM)]
    assert days == sorted(days)
    for day in days:
        assert today < day <= today + timedelta(days=9)
        assert day.weekday() < 5

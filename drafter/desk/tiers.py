"""What differs from tier to tier: how soon one follows up. How one writes stands in prompts/<lang>/tier/."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from drafter.domain import Tier

# Closer contact for higher risk, never more often than a working week allows a person to act.
FOLLOW_UP_DAYS: Mapping[Tier, int] = {Tier.PREMIUM: 7, Tier.GENERAL: 5, Tier.HIGH_RISK: 3}
_SATURDAY = 5


def follow_up_date(tier: Tier, today: date) -> date:
    """Return the working day on which the agent comes back to the case."""
    day = today + timedelta(days=FOLLOW_UP_DAYS[tier])
    while day.weekday() >= _SATURDAY:
        day += timedelta(days=1)
    return day

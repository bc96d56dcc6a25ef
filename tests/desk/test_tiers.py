from __future__ import annotations

from drafter.desk.tiers import manners
from drafter.domain import Tier


def test_every_tier_says_in_one_place_how_one_writes_to_it() -> None:
    assert {tier: manner.tier for tier, manner in manners().items()} == {tier: tier for tier in Tier}
    assert len({manner.tone.zh for manner in manners().values()}) == len(Tier)
    weekly = [manners()[tier].contacts_a_week for tier in (Tier.PREMIUM, Tier.GENERAL, Tier.HIGH_RISK)]
    assert weekly == sorted(weekly)

"""What differs from tier to tier: a file is a tier. The guardrails are the same for all."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from drafter.domain import Tier
from guardrails.model import Value
from guardrails.rulebook import Bilingual, read

_FOLDER = Path(__file__).parent
_WARMEST_FIRST = (Tier.PREMIUM, Tier.GENERAL, Tier.HIGH_RISK)

ContactChannel = Literal["app", "sms", "phone", "letter"]


class Manner(Value):
    """How a debtor of a tier is written to; firmer never means harsher.

    Attributes:
        tone: the one word by which a small model knows the tone.
        manner: the tone in sentences.
        question: what the guiding question asks for.
        firmness: what is asked of the debtor.
        channels: ways to reach the debtor, the preferred one first.
        follow_up_days: days until the agent comes back to the case.
        contacts_a_week: most contacts in seven days, where the law does not allow fewer.
    """

    tier: Tier
    title: Bilingual
    tone: Bilingual
    manner: Bilingual
    question: Bilingual
    firmness: Bilingual
    channels: tuple[ContactChannel, ...]
    follow_up_days: Annotated[int, Field(ge=1, le=30)]
    contacts_a_week: Annotated[int, Field(ge=1, le=7)]


def voice_of(tier: Tier, tone: Literal["warmer", "firmer"] | None) -> Tier:
    """Return the tier whose manner is a step warmer or firmer; at the end of the scale it is the tier's own."""
    step = {None: 0, "warmer": -1, "firmer": 1}[tone]
    place = _WARMEST_FIRST.index(tier) + step
    return _WARMEST_FIRST[max(0, min(place, len(_WARMEST_FIRST) - 1))]


@cache
def manners() -> Mapping[Tier, Manner]:
    """Return the manner of every tier.

    Raises:
        PolicyError: a file cannot be used.
    """
    return {tier: read(_FOLDER / f"{tier.value}.yaml", Manner) for tier in Tier}

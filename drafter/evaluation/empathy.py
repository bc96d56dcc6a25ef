"""How empathic replies are, as a judge model or a person rates them, and how far the two agree.

The axes are those of EPITOME (Sharma, Miner, Atkins, Althoff 2020, arXiv:2009.08441).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Final

from pydantic import Field

from guardrails.model import Value

Level = Annotated[int, Field(ge=0, le=2)]
AXES: Final = ("reactions", "interpretations", "explorations")
_LEVELS: Final = 3


class Empathy(Value):
    """The levels of one reply: 0 none, 1 weak, 2 strong.

    Attributes:
        reactions: warmth and concern.
        interpretations: understanding of feelings and experiences.
        explorations: asking about what was left unsaid.
    """

    reactions: Level
    interpretations: Level
    explorations: Level


class Rated(Empathy, extra="ignore"):
    """The levels of the reply of one run."""

    id: str


class Agreement(Value):
    """What a judge says of an axis, and how far a person agrees.

    Attributes:
        mean: of the judge's levels.
        kappa: Cohen's kappa with quadratic weights (Cohen 1968) over the replies that both rated; None where they are
            too few or all alike.
        both: how many replies both rated.
    """

    mean: float
    kappa: float | None
    both: int


def agreement(judged: Mapping[str, Empathy], human: Mapping[str, Empathy]) -> dict[str, Agreement]:
    """Return for each axis what the judge says and how far people agree.

    Args:
        judged: id -> the judge's levels, of one reply at least.
        human: id -> a person's levels; may be empty.
    """
    both = sorted(judged.keys() & human.keys())
    found = {}
    for axis in AXES:
        levels = [int(getattr(one, axis)) for one in judged.values()]
        pairs = [(int(getattr(judged[name], axis)), int(getattr(human[name], axis))) for name in both]
        found[axis] = Agreement(mean=sum(levels) / len(levels), kappa=weighted_kappa(pairs), both=len(both))
    return found


def weighted_kappa(pairs: Sequence[tuple[int, int]]) -> float | None:
    """Return Cohen's kappa with quadratic weights of pairs of levels; None where chance alone would never differ."""
    expected = observed = 0.0
    total = len(pairs)
    for one in range(_LEVELS):
        for other in range(_LEVELS):
            weight = (one - other) ** 2
            observed += weight * pairs.count((one, other))
            by_chance = sum(a == one for a, _ in pairs) * sum(b == other for _, b in pairs)
            expected += weight * by_chance / total if total else 0.0
    return 1 - observed / expected if expected else None

"""What the classifier makes of a reply, where it is installed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec

from guardrails.book import Match
from guardrails.model import Language


@dataclass(frozen=True, slots=True)
class Opinion:
    """The classifier's view of one reply.

    Attributes:
        probability: that the reply breaks any rule.
        rejects: it is probable enough to reject.
        clears: it is so improbable that a pattern alone, which nothing confirms, is advice and no rejection.
        doubtful: it is not rejected, but a second look is worth its cost.
        likely: the rules, the likeliest first.
    """

    probability: float
    rejects: bool
    clears: bool
    doubtful: bool
    likely: tuple[str, ...]


@cache
def installed() -> bool:
    """Tell whether the classifier can be used: it needs numpy, which is optional."""
    return find_spec("numpy") is not None


def opinion(folded: str, lang: Language, inbound: str | None, readings: Iterable[Match]) -> Opinion | None:
    """Return the classifier's view of a reply, or None where it is not installed.

    The arguments are those of `features`.

    Raises:
        Exception: it is installed and could not run; then the text must not pass.
    """
    if not installed():
        return None
    from guardrails.classifier.features import features  # noqa: PLC0415 - numpy is optional
    from guardrails.classifier.weights import Weights  # noqa: PLC0415 - the same

    weights = Weights.load(lang)
    scores = weights.scores(*features(folded, lang, inbound, readings))
    card = weights.card
    return Opinion(
        probability=scores.any,
        rejects=scores.any >= card.blocks_at,
        clears=scores.any < card.clears_below,
        doubtful=card.doubts_from <= scores.any < card.blocks_at,
        likely=tuple(sorted(scores.rules, key=lambda rule: -scores.rules[rule])),
    )

"""Whether the classifier's probabilities can be believed, and what another limit would give."""

from __future__ import annotations

from collections.abc import Iterable

from drafter.domain import Rate
from guardrails.model import Value

BINS = 10
_LIMITS = tuple(number / 20 for number in range(1, 20))


class Bin(Value):
    """The texts whose probability lies in one stretch.

    Attributes:
        predicted: the mean of their probabilities.
        unlawful: how many of them are labelled as breaking a rule.
    """

    predicted: float
    unlawful: Rate


class Point(Value):
    """What the classifier alone would do, were it to reject from `limit` on."""

    limit: float
    recall: Rate
    false_alarms: Rate


def calibration(told: Iterable[tuple[float, bool]]) -> tuple[Bin, ...]:
    """Return the bins of equal width that hold any text.

    Args:
        told: for each text its probability, and whether it is labelled as breaking a rule.
    """
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for probability, unlawful in told:
        bins[min(BINS - 1, int(probability * BINS))].append((probability, unlawful))
    return tuple(
        Bin(
            predicted=sum(probability for probability, _ in one) / len(one),
            unlawful=Rate(hits=sum(unlawful for _, unlawful in one), total=len(one)),
        )
        for one in bins
        if one
    )


def operating_points(told: Iterable[tuple[float, bool]]) -> tuple[Point, ...]:
    """Return what each of a row of limits would give; the argument is that of `calibration`."""
    told = list(told)
    bad = [probability for probability, unlawful in told if unlawful]
    good = [probability for probability, unlawful in told if not unlawful]
    return tuple(
        Point(
            limit=limit,
            recall=Rate(hits=sum(probability >= limit for probability in bad), total=len(bad)),
            false_alarms=Rate(hits=sum(probability >= limit for probability in good), total=len(good)),
        )
        for limit in (_LIMITS if told else ())
    )

"""What becomes of two shares at once: precision and recall."""

from __future__ import annotations

from pydantic import computed_field

from drafter.domain import Rate
from guardrails.model import Value


class F1(Value):
    """The harmonic mean of precision and recall.

    F1 = 2J / (1 + J) where J = TP / (TP + FP + FN) is a plain share, so its interval is that of J, carried over.
    """

    overlap: Rate

    @computed_field  # type: ignore[prop-decorator] # mypy does not know the pair
    @property
    def value(self) -> float | None:
        return None if self.overlap.value is None else _f1_of(self.overlap.value)

    @computed_field  # type: ignore[prop-decorator] # the same
    @property
    def interval(self) -> tuple[float, float] | None:
        if self.overlap.interval is None:
            return None
        low, high = self.overlap.interval
        return (_f1_of(low), _f1_of(high))


def _f1_of(overlap: float) -> float:
    return 2 * overlap / (1 + overlap)

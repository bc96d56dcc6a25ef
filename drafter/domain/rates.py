"""Shares with their uncertainty."""

from __future__ import annotations

import math
from collections.abc import Iterable

from pydantic import computed_field

from guardrails.model import Value

_Z95 = 1.959963984540054


class Rate(Value):
    """A share of cases with its 95 % Wilson interval.

    Source: E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", JASA 22 (1927), 209.
    """

    hits: int
    total: int

    @classmethod
    def of(cls, outcomes: Iterable[bool]) -> Rate:
        """Return the share of outcomes that are true."""
        counted = list(outcomes)
        return cls(hits=sum(counted), total=len(counted))

    @computed_field  # type: ignore[prop-decorator] # mypy does not know the pair
    @property
    def value(self) -> float | None:
        return self.hits / self.total if self.total else None

    @computed_field  # type: ignore[prop-decorator] # the same
    @property
    def interval(self) -> tuple[float, float] | None:
        if not self.total:
            return None
        share, n, z2 = self.hits / self.total, self.total, _Z95**2
        centre = (share + z2 / (2 * n)) / (1 + z2 / n)
        half = _Z95 / (1 + z2 / n) * math.sqrt(share * (1 - share) / n + z2 / (4 * n * n))
        # At 0 and 1 rounding would leave the share itself a hair outside.
        return (max(0.0, min(share, centre - half)), min(1.0, max(share, centre + half)))

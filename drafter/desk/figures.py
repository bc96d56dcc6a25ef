"""What the dashboards tell: measures, each with its lines, and a figure for every step of the time."""

from __future__ import annotations

from typing import Literal

from drafter.desk.agreement import Kappa
from drafter.domain import Count
from guardrails.model import Value

MeasureName = Literal[
    "rejection",
    "rejection-by-rule",
    "false-alarms",
    "false-alarms-by-rule",
    "acceptance",
    "edit-distance",
    "time-to-approve",
]
Unit = Literal["share", "seconds"]
Kind = Literal[
    "first", "attempts", "overturned", "false-hit", "approved", "unedited", "all-approved", "edited", "median", "p90"
]
"""What a line of a measure counts; the first one of a measure is its main one."""


class Figure(Value):
    """A number, and of how many things it is.

    Attributes:
        value: a share from 0 to 1, or seconds; None where there is nothing to go by.
        hits: of a share, how many of the `n`.
        interval: of a share, its 95 % Wilson interval.
    """

    value: float | None = None
    n: Count = 0
    hits: Count | None = None
    interval: tuple[float, float] | None = None


class Series(Value):
    """A figure for each step of the time, and one for the whole of it.

    Attributes:
        group: a rule, or what the numbers are told apart by; empty where they are not.
    """

    kind: Kind
    group: str
    figures: tuple[Figure, ...]
    whole: Figure


class Measure(Value):
    """A quantity with its series: by kind, and within it by group, the group with most behind it first."""

    name: MeasureName
    unit: Unit
    by_rule: bool
    series: tuple[Series, ...]

    @property
    def empty(self) -> bool:
        return all(one.whole.value is None for one in self.series)

    @property
    def over_time(self) -> bool:
        """Tell whether its steps say something; of one rule reviewers rule too seldom for that."""
        return self.name != "false-alarms-by-rule"

    @property
    def kinds(self) -> tuple[Kind, ...]:
        return tuple(dict.fromkeys(one.kind for one in self.series))

    def main(self) -> tuple[Series, ...]:
        """Return what is drawn: every kind where nothing is told apart, else the main kind of every group."""
        if {one.group for one in self.series} == {""}:
            return self.series
        return tuple(one for one in self.series if one.kind == self.kinds[0])

    def whole(self, kind: Kind, group: str = "") -> Figure:
        """Return the figure of a kind and group over the whole time."""
        return next((one.whole for one in self.series if (one.kind, one.group) == (kind, group)), Figure())


class Board(Value):
    """Every measure of a time, and how far two reviewers agreed who ruled on the same draft unseen by each other."""

    measures: tuple[Measure, ...]
    agreement: Kappa

    def measure(self, name: MeasureName) -> Measure:
        return next(one for one in self.measures if one.name == name)

    @property
    def empty(self) -> bool:
        return all(one.empty for one in self.measures)

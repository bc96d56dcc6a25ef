"""How the desk, its rules and its models do: the figures that the dashboards show; docs/dashboards.md defines each."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from statistics import fmean
from typing import Any, Final, Protocol

from drafter.desk.agreement import Kappa, cohens_kappa
from drafter.desk.distance import changed_share
from drafter.desk.figures import Board, Figure, Kind, Measure, MeasureName, Series, Unit
from drafter.domain import (
    Counted,
    Edited,
    FindingOutcome,
    Judged,
    Measured,
    Offered,
    Rate,
    RejectedBy,
    Waited,
    Written,
)
from drafter.ports import Clock

MOST_COMPARED: Final = 2_000
"""Of how many edited texts the distance is computed; more are drawn by lot, so that a page is not kept waiting."""
_Figures = Callable[[Sequence[Any]], Figure]
_KEPT: Final = 64


class MeasureStore(Protocol):
    """Where the counts come from; `drafter.store.measures` says what each raises."""

    def written(self, wanted: Measured) -> list[Written]: ...
    def rejected_by(self, wanted: Measured) -> list[RejectedBy]: ...
    def offered(self, wanted: Measured) -> list[Offered]: ...
    def waited(self, wanted: Measured) -> list[Waited]: ...
    def edited(self, wanted: Measured, *, most: int) -> list[Edited]: ...
    def judged(self, wanted: Measured) -> list[Judged]: ...


@dataclass(frozen=True)
class Shares(Counted):
    """How many of some things are so."""

    hits: int
    total: int


@dataclass(frozen=True)
class Distances(Counted):
    """Approved texts: how much of each edited one changed, and of how many it is known beside those not edited."""

    changed: tuple[float, ...]
    edited: int
    unedited: int


class Measures:
    """Gives the board; one that was given within a minute is given again, so that a page and its charts agree.

    Args:
        store: where the counts come from.
        clock: tells the minute.
    """

    def __init__(self, store: MeasureStore, clock: Clock) -> None:
        self._clock = clock

        @lru_cache(maxsize=_KEPT)
        def made(wanted: Measured, _minute: int) -> Board:
            return board(store, wanted)

        self._made = made

    def board(self, wanted: Measured) -> Board:
        """Return the board.

        Raises:
            StorageError: the store did not answer.
        """
        return self._made(wanted, int(self._clock.now().timestamp()) // 60)


def board(store: MeasureStore, wanted: Measured) -> Board:
    """Return every measure as the store has it now.

    Raises:
        StorageError: the store did not answer.
    """
    together = wanted.model_copy(update={"split": None})
    written, offered, judged = store.written(wanted), store.offered(wanted), store.judged(wanted)
    measures = (
        _rejection(written, wanted),
        _rejection_by_rule(written, store.rejected_by(together), wanted),
        _false_alarms(judged, wanted),
        _false_alarms_by_rule(judged, wanted),
        _acceptance(offered, wanted),
        _edit_distance(offered, store.edited(wanted, most=MOST_COMPARED), wanted),
        _time_to_approve(store.waited(wanted), wanted),
    )
    return Board(measures=measures, agreement=_agreement(judged))


def _agreement(judged: Sequence[Judged]) -> Kappa:
    pairs = []
    for one in judged:
        stages: dict[str, str] = {said.stage: said.outcome for said in one.rulings}
        if "second" in stages:
            pairs.append((stages["first"], stages["second"]))
    return cohens_kappa(pairs)


def _rejection(rows: Sequence[Written], wanted: Measured) -> Measure:
    kinds: dict[Kind, _Figures] = {
        "first": lambda some: _share((one.first_rejected, one.first) for one in some),
        "attempts": lambda some: _share((one.attempts_rejected, one.attempts) for one in some),
    }
    return _made("rejection", kinds, rows, wanted, weigh=lambda one: one.first)


def _rejection_by_rule(written: Sequence[Written], rejected: Sequence[RejectedBy], wanted: Measured) -> Measure:
    made: dict[int, int] = defaultdict(int)
    for one in written:
        made[one.step] += one.first
    hits = {(one.step, one.group): one.first for one in rejected}
    rules = {one.group for one in rejected if one.first}
    rows = [Shares(step, rule, hits.get((step, rule), 0), first) for rule in rules for step, first in made.items()]
    return _made("rejection-by-rule", {"first": _shared}, rows, wanted, weigh=lambda one: one.hits, by_rule=True)


def _false_alarms(judged: Sequence[Judged], wanted: Measured) -> Measure:
    ruled = [one for one in judged if one.rejected and one.outcome is not None]
    rows = [Shares(one.step, one.group, int(one.outcome == "overturned"), 1) for one in ruled]
    return _made("false-alarms", {"overturned": _shared}, rows, wanted, weigh=lambda one: one.total)


def _false_alarms_by_rule(judged: Sequence[Judged], wanted: Measured) -> Measure:
    rows = [
        Shares(one.step, rule, int(said == "false-hit"), 1)
        for one in judged
        if one.rejected
        for rule, said in _said_of_rules(one).items()
    ]
    kinds: dict[Kind, _Figures] = {"false-hit": _shared}
    return _made("false-alarms-by-rule", kinds, rows, wanted, weigh=lambda one: one.total, by_rule=True)


def _acceptance(rows: Sequence[Offered], wanted: Measured) -> Measure:
    kinds: dict[Kind, _Figures] = {
        "approved": lambda some: _share((one.approved, one.total) for one in some),
        "unedited": lambda some: _share((one.unedited, one.total) for one in some),
    }
    return _made("acceptance", kinds, rows, wanted, weigh=lambda one: one.total)


def _edit_distance(offered: Sequence[Offered], edited: Sequence[Edited], wanted: Measured) -> Measure:
    changed: dict[tuple[int, str], list[float]] = defaultdict(list)
    for one in edited:
        changed[one.step, one.group].append(changed_share(one.offered, one.approved))
    rows = [
        Distances(one.step, one.group, tuple(changed.get((one.step, one.group), ())), one.edited, one.unedited)
        for one in offered
    ]
    kinds: dict[Kind, _Figures] = {"all-approved": _distance_of_approved, "edited": _distance_of_edited}
    return _made("edit-distance", kinds, rows, wanted, weigh=lambda one: one.edited + one.unedited)


def _time_to_approve(rows: Sequence[Waited], wanted: Measured) -> Measure:
    kinds: dict[Kind, _Figures] = {
        "median": partial(_within, 0.5),
        "p90": partial(_within, 0.9),
    }
    return _made("time-to-approve", kinds, rows, wanted, weigh=lambda one: one.drafts, unit="seconds")


def _made(
    name: MeasureName,
    kinds: Mapping[Kind, _Figures],
    rows: Iterable[Counted],
    wanted: Measured,
    *,
    weigh: Callable[[Any], int],
    unit: Unit = "share",
    by_rule: bool = False,
) -> Measure:
    steps: dict[str, list[list[Counted]]] = defaultdict(lambda: [[] for _ in range(wanted.steps)])
    weights: dict[str, int] = defaultdict(int)
    for row in rows:
        steps[row.group][row.step].append(row)
        weights[row.group] += weigh(row)
    groups = sorted(steps, key=lambda group: (-weights[group], group))
    series = tuple(
        Series(
            kind=kind,
            group=group,
            figures=tuple(figure(some) for some in steps[group]),
            whole=figure([row for some in steps[group] for row in some]),
        )
        for kind, figure in kinds.items()
        for group in groups
    )
    return Measure(name=name, unit=unit, by_rule=by_rule, series=series)


def _share(counts: Iterable[tuple[int, int]]) -> Figure:
    pairs = list(counts)
    rate = Rate(hits=sum(hits for hits, _ in pairs), total=sum(total for _, total in pairs))
    return Figure(value=rate.value, n=rate.total, hits=rate.hits, interval=rate.interval)


def _shared(some: Sequence[Shares]) -> Figure:
    return _share((one.hits, one.total) for one in some)


def _distance_of_edited(some: Sequence[Distances]) -> Figure:
    changed = [value for one in some for value in one.changed]
    return Figure(value=fmean(changed) if changed else None, n=len(changed))


def _distance_of_approved(some: Sequence[Distances]) -> Figure:
    """Return the mean over all approved texts, those not edited among them; a sample stands for all edited ones."""
    edited, approved = sum(one.edited for one in some), sum(one.edited + one.unedited for one in some)
    mean = _distance_of_edited(some).value
    if not approved or (edited and mean is None):
        return Figure(n=approved)
    return Figure(value=(mean or 0.0) * edited / approved, n=approved)


def _within(share: float, some: Sequence[Waited]) -> Figure:
    """Return within how many seconds a share of the texts was approved, by the nearest rank."""
    n = sum(one.drafts for one in some)
    rank, seen = math.ceil(n * share), 0
    for one in sorted(some, key=lambda one: one.seconds):
        seen += one.drafts
        if seen >= rank:
            return Figure(value=max(one.seconds, 0), n=n)
    return Figure()


def _said_of_rules(one: Judged) -> dict[str, FindingOutcome]:
    """Return what the ruling that stands says of each rule: a hit where any finding of it is one, unsure left out."""
    standing = next((ruling for ruling in reversed(one.rulings) if ruling.outcome == one.outcome), None)
    said: dict[str, FindingOutcome] = {}
    for rule, ruling in standing.findings if standing else ():
        if ruling != "unsure" and said.get(rule) != "hit":
            said[rule] = ruling
    return said

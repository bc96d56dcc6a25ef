"""The dashboards: how the desk, its rules and its models do, as charts, tables and CSV."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, get_args

from fastapi import APIRouter, Request, Response

from drafter.desk.figures import Board, Measure, MeasureName
from drafter.errors import NotFoundError
from drafter.web.callers import Measurer
from drafter.web.charts import MOST_BARS, MOST_LINES, Told, drawn
from drafter.web.figures import SPLITS, Words, unit_of
from drafter.web.language import language_of, translator
from drafter.web.pages.measured import MOST_DAYS, Asked, AskedFor
from drafter.web.rendering import page, short_day
from drafter.web.services import services_of
from drafter.web.sheets import Cell, sheet

router = APIRouter(prefix="/dashboards", include_in_schema=False)

_HEADS: Final = (
    "measure", "measure_name", "line", "line_name", "group", "group_name", "from", "to",
    "unit", "value", "hits", "n", "low", "high",
)  # fmt: skip


@dataclass(frozen=True)
class Table:
    """A table of figures; a row's head may be a day."""

    heads: Sequence[str]
    rows: Sequence[tuple[date | str, Sequence[str]]]


@dataclass(frozen=True)
class Card:
    """A measure as the page shows it; no table where there is nothing to show.

    Attributes:
        more: how many series are in the table and not in the chart.
    """

    name: MeasureName
    title: str
    about: str
    missing: str
    whole: str
    table: Table | None
    more: int


@router.get("")
def show(request: Request, caller: Measurer, asked: AskedFor) -> Response:
    """Show every measure."""
    del caller
    services, words, wanted = services_of(request), _words(request, asked), asked.wanted()
    board = services.measures.board(wanted)
    choices = services.store.measures.choices(wanted.edges[0], wanted.edges[-1])
    return page(
        request,
        "dashboards.html",
        asked=asked,
        today=services.clock.now().date(),
        most_days=MOST_DAYS,
        query=asked.query(),
        splits=[(name, words.say(label)) for name, label in SPLITS.items()],
        models=[(one, words.group(one, "model")) for one in _with_chosen(choices.models, asked.model)],
        prompt_versions=[(one, one) for one in _with_chosen(choices.prompt_versions, asked.prompt_version)],
        agents=[(one, words.group(one, "agent")) for one in _with_chosen(choices.agents, asked.agent)],
        empty=board.empty,
        cards=[_card(one, asked, words) for one in board.measures],
        compared=_compared(board, words),
        agreement=board.agreement,
        kappa="–" if board.agreement.kappa is None else f"{board.agreement.kappa:.2f}",
    )


@router.get("/chart/{name}.svg")
def chart(name: str, request: Request, caller: Measurer, asked: AskedFor, narrow: bool = False) -> Response:  # noqa: FBT001, FBT002 - of the address
    """Return a measure as a chart."""
    del caller
    known = next((one for one in get_args(MeasureName) if one == name), None)
    if known is None:
        raise NotFoundError("There is no chart {name}; the dashboards show them all.", name=repr(name))
    words = _words(request, asked)
    measure = services_of(request).measures.board(asked.wanted()).measure(known)
    told = Told(
        title=words.title(measure.name),
        steps=[short_day(day, words.lang) for day in asked.steps],
        line=lambda series: words.drawn(measure, series),
        axis=lambda value, top: words.axis(value, top, measure.unit),
        unit=lambda top: unit_of(top, measure.unit),
    )
    return Response(drawn(measure, told, narrow=narrow), media_type="image/svg+xml")


@router.get(".csv")
def export(request: Request, caller: Measurer, asked: AskedFor) -> Response:
    """Return the numbers of every measure as a sheet."""
    del caller
    words = _words(request, asked)
    rows = [
        row for one in services_of(request).measures.board(asked.wanted()).measures for row in _rows(one, asked, words)
    ]
    name = f"dashboards-{asked.first}-{asked.last}.csv"
    return Response(
        sheet(_HEADS, rows),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


def _card(measure: Measure, asked: Asked, words: Words) -> Card:
    fit = MOST_LINES if measure.over_time else MOST_BARS
    return Card(
        name=measure.name,
        title=words.title(measure.name),
        about=words.about(measure.name),
        missing=words.missing(measure.name),
        whole=_whole(measure, words),
        table=None if measure.empty else _table(measure, asked, words),
        more=max(0, len(measure.main()) - fit),
    )


def _whole(measure: Measure, words: Words) -> str:
    """Return the figures of the whole time in one line, or which ones are drawn where groups stand side by side."""
    if measure.by_rule or measure.empty:
        return ""
    if words.split:
        return words.kind(measure.kinds[0])
    return " · ".join(words.whole(measure, one) for one in measure.series)


def _table(measure: Measure, asked: Asked, words: Words) -> Table:
    say, unit = words.say, measure.unit
    if not measure.over_time:
        heads = [say("Rule"), say("Share"), say("False"), say("Ruled on"), say("Interval (95%)")]
        return Table(
            heads,
            [
                (
                    words.line(measure, one),
                    [
                        words.value(one.whole.value, unit),
                        str(one.whole.hits),
                        str(one.whole.n),
                        words.interval(one.whole),
                    ],
                )
                for one in measure.series
            ],
        )
    heads = [say("Week from") if asked.weekly else say("Day"), *(words.line(measure, one) for one in measure.series)]
    steps: list[tuple[date | str, Sequence[str]]] = [
        (day, [words.figure(one.figures[at], unit) for one in measure.series]) for at, day in enumerate(asked.steps)
    ]
    return Table(heads, [*steps, (say("Whole time"), [words.figure(one.whole, unit) for one in measure.series])])


def _compared(board: Board, words: Words) -> Table | None:
    """Return the groups beside each other; None where nothing is told apart."""
    if words.split is None:
        return None
    columns = [(one, kind) for one in board.measures if not one.by_rule for kind in one.kinds]
    groups = dict.fromkeys(series.group for one, _kind in columns for series in one.series)
    return Table(
        [
            words.say(SPLITS[words.split]),
            *(f"{words.title(one.name)} · {words.kind(kind)}" for one, kind in columns),
        ],
        [
            (
                words.group(group, words.split),
                [words.figure(one.whole(kind, group), one.unit) for one, kind in columns],
            )
            for group in groups
        ],
    )


def _rows(measure: Measure, asked: Asked, words: Words) -> list[list[Cell]]:
    """Return a measure's figures as rows, each step and the whole time."""
    rows: list[list[Cell]] = []
    for series in measure.series:
        group = words.line(measure, series) if measure.by_rule else words.group(series.group, words.split)
        figures = list(zip(asked.steps, series.figures, strict=True)) if measure.over_time else []
        spans = [(day, asked.end_of(day), figure) for day, figure in figures]
        for first, last, figure in [*spans, (asked.first, asked.last, series.whole)]:
            low, high = figure.interval or (None, None)
            named: list[Cell] = [measure.name, words.title(measure.name), series.kind, words.kind(series.kind)]
            span: list[Cell] = [series.group, group, first.isoformat(), last.isoformat(), measure.unit]
            rows.append([*named, *span, figure.value, figure.hits, figure.n, low, high])
    return rows


def _words(request: Request, asked: Asked) -> Words:
    people = services_of(request).store.people.all()
    names = {person.id: person.shown_as for person in people}
    return Words(lang=language_of(request), say=translator(request), split=asked.split, names=names)


def _with_chosen(known: Sequence[str], chosen: str) -> list[str]:
    return sorted({*known, chosen} - {""})

"""Measures as charts: SVG that loads nothing, runs nothing, and follows the reader's light or dark page."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from unicodedata import east_asian_width
from xml.etree import ElementTree as ET

import pygal
from pygal.style import Style

from drafter.desk.figures import Figure, Measure, Series

# The library leaves a hook for its plugins of maps, at which Python 3.11 warns of every module that it does not find.
sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__module__ != pygal.__name__]

MOST_LINES: Final = 5
MOST_BARS: Final = 12
_FONT: Final = 'system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif'
# Told apart by people who see no red or no green, and at least 3 to 1 against the card they stand on; after the palette
# of M. Okabe and K. Ito, "Color Universal Design" (2008), darkened for paper. No line is told by its colour alone.
_LIGHT: Final = ("#0072b2", "#c44e00", "#00795a", "#9c3d82", "#6b6400")
_DARK: Final = ("#56b4e9", "#f0a04b", "#3fc69a", "#e39acb", "#f0e442")
_DASHES: Final = ("none", "7,4", "2,4", "10,4,2,4", "14,4")
_INK: Final = {"light": ("#1b2421", "#55625d", "#d5dcd8"), "dark": ("#e7edea", "#a5b2ac", "#35403b")}
_FEWEST: Final = 0.05
_MARGIN: Final = 6
_LEGEND_ROW: Final = 18


@dataclass(frozen=True)
class Told:
    """What a chart says in words.

    Attributes:
        title: of the whole.
        steps: a label for each step of the time.
        line: the name of a series.
        axis: a value as it stands beside the chart, given the largest one.
        unit: of what value a round number is one, given the largest one.
    """

    title: str
    steps: Sequence[str]
    line: Callable[[Series], str]
    axis: Callable[[float, float], str]
    unit: Callable[[float], int]


def drawn(measure: Measure, told: Told, *, narrow: bool = False) -> bytes:
    """Return a chart as SVG: lines over the time, or bars where the measure has no steps.

    Args:
        measure: what is drawn; of more than fit, those with most behind them.
        told: its words.
        narrow: for a telephone.
    """
    chart = _lines(measure, told, narrow=narrow) if measure.over_time else _bars(measure, told, narrow=narrow)
    chart.add_xml_filter(lambda root: _plain(root, told.title))
    return bytes(chart.render())


def _lines(measure: Measure, told: Told, *, narrow: bool) -> Any:
    shown = measure.main()[:MOST_LINES]
    top = _top(one.value for series in shown for one in series.figures)
    unit, columns = told.unit(top), 1 if narrow else 2
    chart = pygal.Line(
        **_frame(narrow=narrow),
        height=360 if narrow else 300,
        allow_interruptions=True,
        dots_size=2.5 if len(told.steps) > 1 else 5,
        x_labels=list(told.steps),
        x_labels_major_every=max(1, math.ceil(len(told.steps) / (4 if narrow else 7))),
        show_minor_x_labels=False,
        show_legend=len(shown) > 1 or measure.by_rule,
        legend_at_bottom=True,
        legend_at_bottom_columns=columns,
        # The library leaves no room for a last row that is not full.
        margin_bottom=_MARGIN + (_LEGEND_ROW if len(shown) % columns else 0),
        value_formatter=lambda value: told.axis(value * unit, top),
        range=(0, top / unit),
        max_scale=6,
    )
    for at, series in enumerate(shown):
        chart.add(
            told.line(series),
            [None if one.value is None else one.value / unit for one in series.figures],
            stroke_style={"width": 2, "dasharray": _DASHES[at]},
        )
    return chart


def _bars(measure: Measure, told: Told, *, narrow: bool) -> Any:
    # The first one is drawn at the bottom.
    shown = measure.main()[:MOST_BARS][::-1]
    labels = [told.line(series) for series in shown]
    top = _top(one.whole.interval[1] for one in shown if one.whole.interval)
    chart = pygal.HorizontalBar(
        **_frame(narrow=narrow),
        height=90 + 26 * len(shown),
        x_labels=labels,
        show_legend=False,
        value_formatter=lambda value: told.axis(value, top),
        range=(0, top),
        max_scale=4 if narrow else 6,
        margin_left=_MARGIN + _missing_room(labels),
    )
    chart.add("", [_with_interval(series.whole) for series in shown])
    return chart


def _missing_room(labels: Sequence[str]) -> int:
    """Return by how much the library takes labels for too narrow: it thinks every letter Latin."""
    return max((5 * sum(east_asian_width(char) in "WF" for char in label) for label in labels), default=0)


def _with_interval(figure: Figure) -> dict[str, object] | None:
    if figure.value is None or figure.interval is None:
        return None
    low, high = figure.interval
    return {"value": figure.value, "ci": {"low": low, "high": high}}


def _top(values: Iterable[float | None]) -> float:
    """Return where the axis ends: a little above everything, and never so near that nothing looks like much."""
    return max([_FEWEST, *(value for value in values if value is not None)]) * 1.05


def _frame(*, narrow: bool) -> dict[str, Any]:
    ink, soft, line = _INK["light"]
    style = Style(
        background="transparent",
        plot_background="transparent",
        foreground=soft,
        foreground_strong=ink,
        foreground_subtle=line,
        guide_stroke_color=line,
        major_guide_stroke_color=line,
        font_family=_FONT,
        label_font_size=10 if narrow else 12,
        major_label_font_size=10 if narrow else 12,
        legend_font_size=13,
        stroke_width="2",
        opacity=".9",
        stroke_opacity="1",
        transition="0s",
        colors=_LIGHT,
        ci_colors=(ink,),
    )
    return {
        "width": 380 if narrow else 600,
        "style": style,
        "css": ["file://style.css", "file://graph.css", f"inline:{_dark()}"],
        "js": [],
        "no_prefix": True,
        "margin": _MARGIN,
        "truncate_legend": -1,
        "truncate_label": -1,
        "legend_box_size": 12,
    }


def _dark() -> str:
    ink, soft, line = _INK["dark"]
    colours = "".join(f".color-{at}{{stroke:{colour};fill:{colour}}}" for at, colour in enumerate(_DARK))
    return (
        f"@media (prefers-color-scheme:dark){{.graph,.legends .legend text{{fill:{soft}}}"
        f".axis text,.axis text.major,.series text{{fill:{ink}}}.axis .line{{stroke:{soft}}}"
        f".axis .guide.line,.axis .major.guide.line{{stroke:{line}}}{colours}.color-0 .ci{{stroke:{ink}}}}}"
    )


def _plain(root: ET.Element, title: str) -> ET.Element:
    """Take out of a chart what runs, and what leads elsewhere; name it."""
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in ("script", ET.Comment):
                parent.remove(child)
    named = root.find("title")
    if named is not None:
        named.text = title
    return root

"""Figures in words: what each measure, line and group is called, and how a value is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from drafter.desk.figures import Figure, Kind, Measure, MeasureName, Series, Unit
from drafter.domain import HOUSE, Split
from drafter.web.language import _
from drafter.web.words import rule_name, tier_name
from guardrails.model import Language

_DURATIONS: Final[Mapping[int, str]] = {86_400: _("{n} days"), 3_600: _("{n} h"), 60: _("{n} min"), 1: _("{n} s")}
_FINE: Final = 0.1
_MEASURES: Final[Mapping[MeasureName, tuple[str, str, str]]] = {
    "rejection": (
        _("Rejection rate"),
        _("Share of the models' texts that the guardrails rejected."),
        _("Appears with the first suggested reply."),
    ),
    "rejection-by-rule": (
        _("Rejection rate by rule"),
        _("Share of first drafts that a rule rejected; a draft may break several."),
        _("Appears once a rule has rejected a draft."),
    ),
    "false-alarms": (
        _("False-alarm rate"),
        _("Of the rejected drafts that reviewers have ruled on, the share they overturned."),
        _("Appears once reviewers have ruled on rejected drafts."),
    ),
    "false-alarms-by-rule": (
        _("False-alarm rate by rule"),
        _(
            "Share of a rule's findings that reviewers called false alarms, with its interval (95%): "
            "wide where few were ruled on."
        ),
        _("Appears once reviewers have ruled on rejected drafts."),
    ),
    "acceptance": (
        _("Acceptance rate"),
        _("Share of the suggested replies that somebody approved."),
        _("Appears with the first suggested reply."),
    ),
    "edit-distance": (
        _("Edit distance"),
        _("How much of a suggested reply was changed before its approval: nothing is 0%, everything 100%."),
        _("Appears with the first approval."),
    ),
    "time-to-approve": (
        _("Time to approve"),
        _("From the suggested reply to its approval."),
        _("Appears with the first approval."),
    ),
}
_KINDS: Final[Mapping[Kind, str]] = {
    "first": _("First drafts"),
    "attempts": _("All attempts"),
    "overturned": _("Overturned"),
    "false-hit": _("False alarms"),
    "approved": _("Approved"),
    "unedited": _("Approved unedited"),
    "all-approved": _("All approved"),
    "edited": _("Edited only"),
    "median": _("Median"),
    "p90": _("90% within"),
}
_EDITED: Final = _("{kind}: {share} edited on average ({n} drafts)")
SPLITS: Final[Mapping[Split, str]] = {
    "tier": _("Tier"),
    "model": _("Model"),
    "prompt_version": _("Prompt version"),
    "agent": _("Agent"),
}
_UNNAMED: Final[Mapping[Split, str]] = {
    "tier": "-",
    "model": _("written by a person"),
    "prompt_version": _("written by a person"),
    "agent": _("not decided yet"),
}


@dataclass(frozen=True)
class Words:
    """The words of one reader.

    Attributes:
        say: turns an English sentence into the reader's.
        split: what the figures are told apart by.
        names: of people, by id.
    """

    lang: Language
    say: Callable[[str], str]
    split: Split | None
    names: Mapping[str, str]

    def title(self, name: MeasureName) -> str:
        return self.say(_MEASURES[name][0])

    def about(self, name: MeasureName) -> str:
        return self.say(_MEASURES[name][1])

    def missing(self, name: MeasureName) -> str:
        return self.say(_MEASURES[name][2])

    def kind(self, kind: Kind) -> str:
        return self.say(_KINDS[kind])

    def group(self, group: str, split: Split | None) -> str:
        """Return the name of a group that figures are told apart by."""
        if split is None:
            return ""
        if not group:
            return self.say(_UNNAMED[split])
        if split == "tier":
            return tier_name(group, self.lang)
        if split == "agent":
            return self.names.get(group, group)
        return self.say(_("house reply")) if split == "model" and group == HOUSE else group

    def line(self, measure: Measure, series: Series) -> str:
        """Return the name of a series."""
        if measure.by_rule:
            return rule_name(series.group, self.lang) if series.group else self.say(_("A check could not run"))
        told = [self.group(series.group, self.split)] if self.split else []
        if not self.split or len(measure.kinds) > 1:
            told.append(self.kind(series.kind))
        return " · ".join(told)

    def drawn(self, measure: Measure, series: Series) -> str:
        """Return the name of a series in a chart, where groups are all of the measure's main kind."""
        told = self.split and not measure.by_rule
        return self.group(series.group, self.split) if told else self.line(measure, series)

    def value(self, value: float | None, unit: Unit) -> str:
        """Return a value as people read it."""
        if value is None:
            return "–"
        return f"{value:.1%}" if unit == "share" else self._duration(value)

    def figure(self, figure: Figure, unit: Unit) -> str:
        """Return a figure with what it is of."""
        told = self.value(figure.value, unit)
        if figure.value is None:
            return told
        return f"{told} ({figure.n})" if figure.hits is None else f"{told} ({figure.hits}/{figure.n})"

    def whole(self, measure: Measure, series: Series) -> str:
        """Return what a series comes to over the whole time."""
        kind, figure = self.kind(series.kind), series.whole
        if measure.name != "edit-distance" or figure.value is None:
            return f"{kind} {self.figure(figure, measure.unit)}"
        return self.say(_EDITED).format(kind=kind, share=self.value(figure.value, measure.unit), n=figure.n)

    def interval(self, figure: Figure) -> str:
        return "–".join(f"{end:.0%}" for end in figure.interval) if figure.interval else "–"

    def axis(self, value: float, top: float, unit: Unit) -> str:
        """Return a value as it stands beside a chart, no finer than the largest one needs."""
        if unit == "share":
            return f"{value:.1%}" if top < _FINE else f"{value:.0%}"
        one = unit_of(top, unit)
        return self.say(_DURATIONS[one]).format(n=f"{value / one:.1f}".removesuffix(".0"))

    def _duration(self, seconds: float) -> str:
        one = unit_of(seconds, "seconds")
        said = f"{seconds / one:.1f}".removesuffix(".0") if one > 1 else str(round(seconds))
        return self.say(_DURATIONS[one]).format(n=said)


def unit_of(top: float, unit: Unit) -> int:
    """Return of how many of a measure's own units values up to a largest one are told: seconds become minutes."""
    return next((one for one in _DURATIONS if unit == "seconds" and top >= 2 * one), 1)

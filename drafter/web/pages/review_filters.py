"""What the address of the reviewers' queue asks for: a tab, and what narrows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import Query
from fastapi.responses import RedirectResponse

from drafter.domain import Person, ReviewFilter, Tier, review_tabs
from drafter.web.language import _
from drafter.web.texts import Keepable
from drafter.web.words import rule_name, tier_name
from guardrails.model import Language, Value

Word = Annotated[str, Query(max_length=200), Keepable]
_LABELS: Final[Mapping[str, str]] = {
    "rule": _("Rule"),
    "tier": _("Tier"),
    "agent": _("Agent"),
    "model": _("Model"),
    "prompt": _("Prompt version"),
    "since": _("From"),
    "until": _("Until"),
}
_SEE_OTHER: Final = 303


class Asked(Value):
    """What the address asks for; what cannot be looked for is not.

    Attributes:
        since: a day; drafts of that day or later.
        until: a day; drafts of that day or earlier.
        told: the key of a sentence to show, with how many of how many drafts it is about.
        last: the draft that was ruled on last, whose ruling may be taken back.
    """

    tab: Word = "unassigned"
    rule: Word = ""
    tier: Word = ""
    agent: Word = ""
    model: Word = ""
    prompt: Word = ""
    since: Word = ""
    until: Word = ""
    cursor: Annotated[str | None, Query(max_length=300), Keepable] = None
    told: Word = ""
    done: Annotated[int, Query(ge=0, le=1_000_000)] = 0
    of: Annotated[int, Query(ge=0, le=1_000_000)] = 0
    last: Word = ""

    @property
    def chosen(self) -> str:
        """The tab that is shown."""
        return self.tab if self.tab in review_tabs("") else "unassigned"

    @property
    def narrowing(self) -> ReviewFilter:
        """What is looked for, whatever the tab is."""
        until = _day(self.until)
        return ReviewFilter(
            rule=self.rule or None,
            tier=Tier(self.tier) if self.tier in tuple(Tier) else None,
            agent=self.agent or None,
            model=self.model or None,
            prompt_version=self.prompt or None,
            since=_midnight(_day(self.since)),
            until=_midnight(None if until is None else until + timedelta(days=1)),
        )

    @property
    def words(self) -> dict[str, str]:
        """What is filtered by, as it stands in the address."""
        given = {name: str(getattr(self, name)) for name in _LABELS}
        unfit = {
            "tier": self.tier not in tuple(Tier),
            "since": _day(self.since) is None,
            "until": _day(self.until) is None,
        }
        return {name: value for name, value in given.items() if value and not unfit.get(name)}

    @property
    def query(self) -> str:
        """The address's query of the list that is shown."""
        return urlencode({"tab": self.chosen, **self.words})

    @property
    def filters(self) -> str:
        """The address's query without the tab."""
        return urlencode(self.words)

    def wanted(self, person: Person) -> ReviewFilter:
        """Return what stands under the tab for a person, as far as it is asked for."""
        return review_tabs(person.id)[self.chosen].narrowed(self.narrowing)

    def back(self, path: str, **told: str | int) -> RedirectResponse:
        """Send the browser to a page of the review that keeps the filters."""
        query = urlencode({"tab": self.chosen, **self.words, **told})
        return RedirectResponse(f"{path}?{query}", status_code=_SEE_OTHER)


@dataclass(frozen=True)
class Active:
    """A filter that is set: what it is called, what it is set to, and the query without it."""

    label: str
    value: str
    without: str


def active(asked: Asked, say: Callable[[str], str], names: Mapping[str, str], lang: Language) -> Iterator[Active]:
    """Yield the filters that are set, as the page shows them.

    Args:
        asked: the address.
        say: speaks the reader's language.
        names: of people, by their ids.
        lang: the reader's language.
    """
    for name, value in asked.words.items():
        shown = {"rule": rule_name(value, lang), "tier": tier_name(value, lang), "agent": names.get(value, value)}
        rest = {other: given for other, given in asked.words.items() if other != name}
        yield Active(say(_LABELS[name]), shown.get(name, value), urlencode({"tab": asked.chosen, **rest}))


def _day(given: str) -> date | None:
    try:
        day = date.fromisoformat(given)
    except ValueError:
        return None
    return day if date(1970, 1, 2) <= day <= date(9000, 1, 1) else None


def _midnight(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time()).astimezone()

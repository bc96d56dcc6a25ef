"""Which drafts an address of the dashboards asks for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Final, get_args
from urllib.parse import urlencode

from fastapi import Depends, Query, Request

from drafter.domain import Measured, Split, Tier
from drafter.web.services import services_of

_DEFAULT_DAYS: Final = 30
MOST_DAYS: Final = 366
_MOST_DAILY: Final = 92
_DAILY_UNLESS_ASKED: Final = 31
_WEEK: Final = 7
_FIRST_YEAR: Final = 2000
_Short = Annotated[str, Query(max_length=200)]


@dataclass(frozen=True)
class Asked:
    """What the address asks for, made usable: days in order, not more than a year, and none that is still to come.

    Attributes:
        first, last: days, both among those measured.
        weekly: a step is a week, else a day.
    """

    first: date
    last: date
    weekly: bool
    split: Split | None
    tier: Tier | None
    model: str
    prompt_version: str
    agent: str

    @property
    def steps(self) -> list[date]:
        """The first day of each step."""
        return [self.first + timedelta(days=at) for at in range(0, (self.last - self.first).days + 1, self._days)]

    @property
    def _days(self) -> int:
        return _WEEK if self.weekly else 1

    def end_of(self, first: date) -> date:
        """Return the last day of the step that begins on a day."""
        return min(first + timedelta(days=self._days - 1), self.last)

    def wanted(self) -> Measured:
        return Measured(
            edges=tuple(map(_midnight, [*self.steps, self.last + timedelta(days=1)])),
            split=self.split,
            tier=self.tier,
            model=self.model or None,
            prompt_version=self.prompt_version or None,
            agent=self.agent or None,
        )

    def query(self) -> str:
        """Return the part of an address that asks for the same."""
        return urlencode(
            {
                "from": self.first.isoformat(),
                "to": self.last.isoformat(),
                "by": "week" if self.weekly else "day",
                "split": self.split or "",
                "tier": self.tier or "",
                "model": self.model,
                "prompt_version": self.prompt_version,
                "agent": self.agent,
            }
        )


def asked(  # noqa: PLR0917 - each is a part of the address
    request: Request,
    first: Annotated[str, Query(alias="from")] = "",
    last: Annotated[str, Query(alias="to")] = "",
    by: str = "",
    split: str = "",
    tier: str = "",
    model: _Short = "",
    prompt_version: _Short = "",
    agent: _Short = "",
) -> Asked:
    """Return what the address asks for; what of it cannot be read counts as not asked."""
    today = services_of(request).clock.now().date()
    end = min(_day(last) or today, today)
    begin = _day(first) or end - timedelta(days=_DEFAULT_DAYS - 1)
    begin, end = min(begin, end), min(max(begin, end), today)
    begin = max(begin, end - timedelta(days=MOST_DAYS - 1))
    days = (end - begin).days + 1
    return Asked(
        first=begin,
        last=end,
        weekly=days > _MOST_DAILY or by == "week" or (by != "day" and days > _DAILY_UNLESS_ASKED),
        split=next((known for known in get_args(Split) if known == split), None),
        tier=Tier(tier) if tier in tuple(Tier) else None,
        model=model,
        prompt_version=prompt_version,
        agent=agent,
    )


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    # Before it there was no desk, and near the calendar's ends there is no midnight everywhere.
    return day if day.year >= _FIRST_YEAR else None


def _midnight(day: date) -> datetime:
    """Return when a day begins where the desk stands, as its pages tell the time."""
    return datetime.combine(day, time.min).astimezone()


AskedFor = Annotated[Asked, Depends(asked)]

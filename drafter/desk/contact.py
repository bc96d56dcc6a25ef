"""When one may write to a debtor, and when one comes back: hours, zones, holidays, frequency."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from holidays import HolidayBase, country_holidays

from drafter.desk.tiers import manners
from drafter.domain import Case
from guardrails.rulebook import PolicyFile

_SATURDAY = 5
_QUARTER_MINUTES = 15
_LONGEST_WAIT = timedelta(days=2)
_WEEK = 7


def may_go_out_at(case: Case, policy: PolicyFile, now: datetime) -> datetime:
    """Return the first moment from now on at which an answer may go out.

    The hours of the law are kept where the debtor lives, or wherever debtors of this jurisdiction live when that is
    not known.

    Args:
        case: names the debtor's time zone, if it is known.
        policy: of the jurisdiction.
        now: with its time zone.
    """
    zones = [ZoneInfo(name) for name in ((case.time_zone,) if case.time_zone else policy.time_zones)]
    moment = now
    while moment < now + _LONGEST_WAIT and not all(_within_hours(moment.astimezone(zone), policy) for zone in zones):
        moment = _next_quarter(moment)
    return moment


def follow_up_day(case: Case, policy: PolicyFile, today: date, *, promised: Iterable[date] = ()) -> date:
    """Return the working day on which the agent comes back to the case by itself.

    It is never sooner than the law's frequency and the tier's allow, with the reply of today counted.

    Args:
        case: with its tier and conversation.
        policy: whose holidays and frequency are kept.
        today: the day of writing.
        promised: days on which the debtor means to pay; one comes back on the working day after the first of them.
    """
    ahead = [day for day in promised if day >= today]
    wait = timedelta(days=manners()[case.tier].follow_up_days)
    wanted = min(ahead) + timedelta(days=1) if ahead else today + wait
    contacts = [today, *(turn.at.date() for turn in case.conversation if turn.by == "desk" and turn.at)]
    while not is_working_day(wanted, policy) or any(_too_often(wanted, contacts, cap) for cap in _caps(case, policy)):
        wanted += timedelta(days=1)
    return wanted


def is_working_day(day: date, policy: PolicyFile) -> bool:
    """Tell whether people work on a day: no weekend, no public holiday."""
    return day.weekday() < _SATURDAY and (policy.holidays is None or day not in _holidays(policy.holidays))


def _caps(case: Case, policy: PolicyFile) -> Iterator[tuple[int, int]]:
    """Yield (most, days): contacts within so many days."""
    yield manners()[case.tier].contacts_a_week, _WEEK
    if policy.contact_frequency is not None:
        yield policy.contact_frequency.most, policy.contact_frequency.days


def _too_often(day: date, contacts: Iterable[date], cap: tuple[int, int]) -> bool:
    most, days = cap
    return sum(day - timedelta(days=days) < contact <= day for contact in contacts) >= most


def _within_hours(local: datetime, policy: PolicyFile) -> bool:
    start, end = (time.fromisoformat(text) for text in (policy.contact_hours.start, policy.contact_hours.end))
    return start <= local.time() < end


def _next_quarter(moment: datetime) -> datetime:
    whole = moment.replace(minute=moment.minute - moment.minute % _QUARTER_MINUTES, second=0, microsecond=0)
    return whole + timedelta(minutes=_QUARTER_MINUTES)


@cache
def _holidays(country: str) -> HolidayBase:
    return country_holidays(country)

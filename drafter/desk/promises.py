"""What the debtor says will be paid, and when: amounts and days out of the message."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from drafter.domain import DebtorMessage, Promise, Triage
from guardrails.calendar import Day, Leading
from guardrails.near_days import NearDay
from guardrails.normalise import normalise
from guardrails.quantities import Amount, quantities

PROMISE_TO_PAY: Final = "promise_to_pay"
_SENTENCE: Final = re.compile(r"[^。！？!?\n.]+(?:\.(?=\d)[^。！？!?\n.]+)*")
_PAST: Final = re.compile(
    r"昨|前天|上周|上个?月|去年|已经|刚刚|刚才|过了|\b(?:yesterday|last (?:week|month|year)|already|ago|was|went)\b"
)
_HORIZON_DAYS: Final = 400
_TWO_WEEKS: Final = tuple(timedelta(days=ahead) for ahead in range(14))


def promises(message: DebtorMessage, triage: Triage, *, today: date, leading: Leading) -> tuple[Promise, ...]:
    """Return what the debtor promises to pay, in the order in which it is said; at most one a sentence.

    Only sentences in which triage saw a promise are read. A day is the last one that the words allow: "by the end of
    the month" is its last day.

    Args:
        message: the debtor's message.
        triage: what was seen in it.
        today: the day from which "tomorrow" is told.
        leading: which part begins a date such as 10/05.
    """
    shown = [item for item in triage.evidence if item.signal == PROMISE_TO_PAY]
    return tuple(
        _promise(sentence[0], today, leading)
        for sentence in _SENTENCE.finditer(message.text)
        if any(item.start < sentence.end() and sentence.start() < item.end for item in shown)
    )


def _promise(sentence: str, today: date, leading: Leading) -> Promise:
    counted = quantities(normalise(sentence).folded, leading)
    amounts = [one for one in counted if isinstance(one, Amount) and one.value is not None]
    due = next(_days_to_come(counted, sentence, today), None)
    amount = amounts[0] if len(amounts) == 1 else None  # of several sums none is surely the promised one
    return Promise(amount=_money(amount), currency=_currency(amount), due=due, quote=sentence.strip())


def _days_to_come(counted: Sequence[object], sentence: str, today: date) -> Iterator[date]:
    for one in counted:
        if isinstance(one, Day | NearDay) and not _PAST.search(sentence.lower()):
            day = _last_day_that_fits(one, today)
            if day is not None:
                yield day


def _last_day_that_fits(when: Day | NearDay, today: date) -> date | None:
    """Return the last day of the first stretch of days to come that the words allow.

    "Next Friday" may be this week's or the next; of the two the debtor is given the later.
    """
    if isinstance(when, NearDay) and when.part == "weekday" and when.ahead == 1:
        return max((day for day in map(today.__add__, _TWO_WEEKS) if when.fits(day, today)), default=None)
    days = (today + timedelta(days=ahead) for ahead in range(_HORIZON_DAYS))
    fitting: date | None = None
    for day in days:
        if when.fits(day, today):
            fitting = day
        elif fitting is not None:
            break
    return fitting


def _money(amount: Amount | None) -> Decimal | None:
    return None if amount is None or amount.value is None else amount.value.quantize(Decimal("0.01"))


def _currency(amount: Amount | None) -> str | None:
    named = amount.currency if amount else None
    return named if named is not None and named.isalpha() else None

"""Which figures a text may state: those of the facts, what follows from them, and what the debtor wrote."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal
from functools import cached_property
from typing import Final

from guardrails.calendar import Day, Leading, When
from guardrails.model import Facts
from guardrails.near_days import NearDay
from guardrails.normalise import normalise
from guardrails.quantities import Amount, Duration, Instalments, Quantity, Share, numbers, quantities

_CENT: Final = Decimal("0.01")
_TENTH: Final = Decimal("0.1")
_WHOLE: Final = Decimal(1)
_DOLLARS: Final = frozenset({"USD", "HKD", "CAD", "AUD", "SGD"})
_YUAN_OR_YEN: Final = frozenset({"CNY", "JPY"})
_LONGEST: Final = {"hour": 24 * 3660, "day": 3660, "working-day": 2600, "week": 520, "month": 120, "year": 10}
_DAYS_OF: Final = {"day": 1.0, "week": 7.0, "month": 30.4375, "year": 365.25}
_ROUGHLY: Final = {"day": 0.0, "week": 3.0, "month": 4.0, "year": 20.0}
_AROUND: Final = range(-120, 181)
_WORKING_DAYS: Final = 5


class Ledger:
    """The figures of one case.

    Args:
        facts: what is true of the account.
        heard: the debtor's message, canonical and lower case; empty when there is none.
        leading: which part begins a date such as 10/05/2026.
    """

    def __init__(self, facts: Facts, heard: str, leading: Leading) -> None:
        self._facts = facts
        self._heard_text = heard
        self._leading = leading

    @property
    def sums(self) -> tuple[Decimal, ...]:
        """Return the sums that the facts state outright."""
        return tuple(value for value in (self._facts.amount_due, self._facts.minimum_due) if value is not None)

    @cached_property
    def days(self) -> frozenset[date]:
        """Return the dates that the facts state outright; today is not among them."""
        facts = self._facts
        due = facts.due_date
        if due is None and facts.today is not None and facts.days_past_due is not None:
            due = facts.today - timedelta(days=facts.days_past_due)
        return frozenset(day for day in (due, facts.follow_up_date, facts.last_payment) if day is not None)

    @cached_property
    def overdue(self) -> frozenset[int]:
        """Return the number of days past due, as stated and as it follows from the due date."""
        facts = self._facts
        stated = {facts.days_past_due} if facts.days_past_due is not None else set()
        if facts.due_date and facts.today and facts.today >= facts.due_date:
            stated.add((facts.today - facts.due_date).days)
        return frozenset(stated)

    @cached_property
    def noted(self) -> tuple[Quantity, ...]:
        """Return the figures in the facts that are sentences: offers, next legal step, deeds."""
        facts = self._facts
        note = (facts.legal_action_note,) if facts.legal_action_note else ()
        sentences = "\n".join((*facts.authorised_offers, *note, *facts.actions_taken))
        return tuple(quantities(normalise(sentences).folded, self._leading)) if sentences else ()

    @cached_property
    def heard(self) -> tuple[Quantity, ...]:
        """Return the figures in the debtor's message."""
        return tuple(quantities(self._heard_text, self._leading))

    @cached_property
    def _heard_numbers(self) -> frozenset[Decimal]:
        return frozenset(numbers(self._heard_text)) if self._heard_text else frozenset()

    @cached_property
    def _derived_sums(self) -> frozenset[Decimal]:
        """Return the sums in the offers and those that plain arithmetic on an offer and the balance gives."""
        offered = {amount.value for amount in self.noted if isinstance(amount, Amount) and amount.value is not None}
        due = self._facts.amount_due
        follows = set(offered)
        if due is not None:
            shares = {share.value for share in self.noted if isinstance(share, Share)}
            follows |= {due * share for share in shares} | {due * (1 - share) for share in shares}
            follows |= {due - value for value in (*offered, *self.sums) if value < due}
        for terms in (item.count for item in self.noted if isinstance(item, Instalments) and item.count):
            follows |= {value * terms for value in offered} | ({due / terms} if due is not None else set())
        return frozenset(value.quantize(_CENT) for value in follows)

    def states_sum(self, amount: Amount) -> bool:
        """Tell whether a sum is one of the facts' own or follows from them, in the facts' currency."""
        if not self._same_currency(amount.currency):
            return False
        return any(_is(amount, value) for value in self.sums) or any(_is(amount, value) for value in self._derived_sums)

    def follows_from_heard(self, amount: Amount) -> bool:
        """Tell whether a sum is what is left of the balance after one that the debtor named."""
        if amount.value is None or not self._same_currency(amount.currency):
            return False
        return any(amount.value == own - said for own in self.sums for said in self._heard_numbers if 0 < said < own)

    def states_sum_cut_short(self, amount: Amount) -> bool:
        """Tell whether a sum is one of the facts' without its smallest coins, as people say it: 6843块, 1796块7."""
        if amount.value is None or not self._same_currency(amount.currency):
            return False
        known = (*self.sums, *self._derived_sums)
        return any(amount.value == value.quantize(cut, ROUND_DOWN) for value in known for cut in (_WHOLE, _TENTH))

    def states_share(self, share: Share) -> bool:
        """Tell whether a share, or the rest that it leaves, stands in an offer."""
        return any(isinstance(own, Share) and own.value in {share.value, 1 - share.value} for own in self.noted)

    def states_terms(self, terms: Instalments) -> bool:
        return any(isinstance(own, Instalments) and own.count == terms.count for own in self.noted)

    def states_day(self, when: When) -> bool:
        """Tell whether a date is one of the facts' own or stands in an offer; today counts only when told by date."""
        today = self._facts.today
        known = self.days | {today} if today and isinstance(when, Day) else self.days
        if any(when.fits(day, today) for day in known):
            return True
        return any(isinstance(own, Day | NearDay) and self._meet(when, own) for own in self.noted)

    def states_due_day(self, when: When) -> bool:
        """Tell whether a date is the due date or stands in an offer; True when the facts have no due date."""
        due = self._facts.due_date
        if due is None or when.fits(due, self._facts.today):
            return True
        return any(isinstance(own, Day | NearDay) and self._meet(when, own) for own in self.noted)

    def states_overdue(self, length: Duration) -> bool:
        """Tell whether the debt is overdue for this long; weeks, months and years may be rounded."""
        if length.unit not in _DAYS_OF:
            return False
        least = float(length.count) * _DAYS_OF[length.unit]
        slack = _ROUGHLY[length.unit]
        if length.more:
            return any(least - slack <= days for days in self.overdue)
        return any(abs(days - least) <= slack for days in self.overdue)

    def states_term(self, length: Duration) -> bool:
        """Tell whether a term that begins today ends on a date of the facts, or stands in an offer."""
        if any(
            isinstance(own, Duration) and (own.count, own.unit) == (length.count, length.unit) for own in self.noted
        ):
            return True
        end = self._end_of(length)
        return end is not None and (end in self.days or any(isinstance(o, Day) and o.fits(end) for o in self.noted))

    def heard_figure(self, figure: Quantity) -> bool:
        """Tell whether the debtor wrote this figure, in whatever notation."""
        if not self._heard_text:
            return False
        if isinstance(figure, Day | NearDay):
            return any(isinstance(item, Day | NearDay) and self._meet(figure, item) for item in self.heard)
        if isinstance(figure, Amount):
            own = (item for item in self.heard if isinstance(item, Amount))
            if figure.value is None:
                return any(item.value is None for item in own)
            return figure.value in self._heard_numbers or any(item.value == figure.value for item in own)
        if isinstance(figure, Share):
            return any(isinstance(item, Share) and item.value == figure.value for item in self.heard)
        return Decimal(figure.count) in self._heard_numbers

    def weekday_of(self, when: When) -> frozenset[int]:
        """Return the weekdays (Monday is 0) of the facts' dates that a date may mean."""
        today = self._facts.today
        known = self.days | {today} if today else self.days
        return frozenset(day.weekday() for day in known if when.fits(day, today))

    def _same_currency(self, said: str | None) -> bool:
        own = self._facts.currency
        if said is None or own is None:
            return True
        return own == said or (said == "$" and own in _DOLLARS) or (said == "¥" and own in _YUAN_OR_YEN)

    def _meet(self, one: When, other: When) -> bool:
        if one.agrees(other):
            return True
        today = self._facts.today
        if today is None or isinstance(one, Day) is isinstance(other, Day):
            return False
        around = (today + timedelta(days=days) for days in _AROUND)
        return any(one.fits(day, today) and other.fits(day, today) for day in around)

    def _end_of(self, length: Duration) -> date | None:
        today = self._facts.today
        if today is None or length.count > _LONGEST[length.unit]:
            return None
        if length.unit == "hour":
            return today + timedelta(hours=float(length.count)) if length.count % 24 == 0 else None
        if length.unit == "working-day":
            end, left = today, int(length.count)
            while left > 0:
                end += timedelta(days=1)
                left -= end.weekday() < _WORKING_DAYS
            return end
        if length.unit in {"day", "week"}:
            return today + timedelta(days=float(length.count) * _DAYS_OF[length.unit])
        return None


def _is(amount: Amount, value: Decimal) -> bool:
    if amount.value is None:
        return False
    return amount.value == value if amount.below is None else amount.value <= value < amount.below

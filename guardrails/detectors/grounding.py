"""Every amount, share, date and length of time that is neither in the facts nor plainly the debtor's own."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from typing import Final

from guardrails import cues
from guardrails.boundaries import Boundaries
from guardrails.calendar import Day, When
from guardrails.clauses import Stance
from guardrails.detectors import Check, Hit, Reasons
from guardrails.ledger import Ledger
from guardrails.near_days import NearDay
from guardrails.quantities import Amount, Duration, Instalments, Quantity, Share, numbers, quantities

SENTENCE_BY_SENTENCE: Final = True
REASONS: Reasons = {
    "no-amount": {
        "zh": "“{quote}”：事实中没有这个金额，请删去或先核实。",
        "en": "“{quote}”: the facts give no such amount; remove it or verify it first.",
    },
    "other-amount": {
        "zh": "“{quote}”与事实不符，事实中的金额是{known}。",
        "en": "“{quote}” differs from the facts, which give {known}.",
    },
    "wrong-role": {
        "zh": "“{quote}”用错了地方：全部应还与最低还款不是同一个金额。",
        "en": "“{quote}” is put in the wrong place: the whole balance and the minimum payment are two amounts.",
    },
    "share": {
        "zh": "“{quote}”：事实中没有这个比例，请删去或先核实。",
        "en": "“{quote}”: the facts give no such percentage; remove it or verify it first.",
    },
    "instalments": {
        "zh": "“{quote}”：事实中没有这个期数，请删去或先核实。",
        "en": "“{quote}”: the facts give no such number of payments; remove it or verify it first.",
    },
    "date": {
        "zh": "“{quote}”：事实中没有这个日期，请删去或先核实。",
        "en": "“{quote}”: the facts give no such date; remove it or verify it first.",
    },
    "due-date": {
        "zh": "“{quote}”与事实中的到期日{known}不符。",
        "en": "“{quote}” differs from the due date in the facts, {known}.",
    },
    "overdue": {
        "zh": "“{quote}”与事实中的逾期天数不符，或事实中没有逾期天数。",
        "en": "“{quote}” is not how long the account is overdue according to the facts.",
    },
    "deadline": {
        "zh": "“{quote}”：事实中没有这个期限，不能用它催促对方。",
        "en": "“{quote}”: the facts set no such deadline, so it must not be used to press the reader.",
    },
}

_ADJOINING: Final = 3


def find(check: Check) -> Iterator[Hit]:
    """Yield every figure that neither the facts nor the debtor's message bear out."""
    text = check.canonical.folded
    leading = check.policy.file.dates
    stated = quantities(text, leading)
    if not stated:
        return
    bench = _Bench(check, Ledger(check.facts, check.inbound.folded if check.inbound else "", leading), stated)
    for quantity in stated:
        fault = bench.fault(quantity)
        if fault:
            rule = "date-misstatement" if isinstance(quantity, Day | NearDay | Duration) else "amount-misstatement"
            start, end = check.canonical.span(quantity.start, quantity.end)
            yield Hit(rule, start, end, fault, {"known": bench.known(fault)})


class _Bench:
    """Judges the figures of one text."""

    def __init__(self, check: Check, ledger: Ledger, stated: list[Quantity]) -> None:
        self._check = check
        self._text = check.canonical.folded
        self._ledger = ledger
        self._days = [day for day in stated if isinstance(day, Day)]
        self._sentences = Boundaries(cues.SENTENCE_END, self._text)
        self._clauses = Boundaries(cues.CLAUSE_END, self._text)

    def known(self, fault: str) -> str:
        """Return what the facts say instead."""
        facts = self._check.facts
        if fault == "due-date":
            return str(facts.due_date)
        return " / ".join(f"{value} {facts.currency or ''}".rstrip() for value in self._ledger.sums)

    def fault(self, figure: Quantity) -> str:
        """Return the key of the reason why a figure must not stand; empty when it may."""
        return "" if self._set_aside(figure) else self._unfounded(figure)

    def _unfounded(self, figure: Quantity) -> str:
        if isinstance(figure, Amount):
            return self._amount(figure)
        if isinstance(figure, Duration):
            return self._duration(figure)
        if isinstance(figure, Share):
            idiom = figure.value == 1 and cues.CERTAINLY.match(self._text, figure.end)
            return "" if idiom or self._ledger.states_share(figure) or self._echoed(figure) else "share"
        if isinstance(figure, Instalments):
            single = figure.count <= 1
            return "" if single or self._ledger.states_terms(figure) or self._echoed(figure) else "instalments"
        return self._day(figure) if isinstance(figure, Day) else self._near_day(figure)

    def _amount(self, amount: Amount) -> str:
        if self._ledger.states_sum(amount):
            return "wrong-role" if self._in_wrong_role(amount) else ""
        if self._echoed(amount) or self._ledger.follows_from_heard(amount):
            return ""
        if "块" in self._text[amount.start : amount.end] and self._ledger.states_sum_cut_short(amount):
            return ""
        return "other-amount" if self._ledger.sums else "no-amount"

    def _in_wrong_role(self, amount: Amount) -> bool:
        facts = self._check.facts
        if facts.minimum_due is None or facts.amount_due in {None, facts.minimum_due}:
            return False
        clause = self._clause_before(amount)
        if amount.value == facts.minimum_due:
            return bool(cues.WHOLE_BEFORE.search(clause)) and not cues.MINIMUM.search(clause)
        return amount.value == facts.amount_due and cues.MINIMUM_BEFORE.search(clause) is not None

    def _day(self, day: Day) -> str:
        if cues.COUNTED_BEFORE.search(self._clause_before(day)) and self._counts_days(day):
            return ""
        if cues.DUE_BEFORE.search(self._text, max(0, day.start - 24), day.start) and not self._ledger.states_due_day(
            day
        ):
            return "" if self._echoed(day) else "due-date"
        if self._ledger.states_day(day) or self._echoed(day):
            return ""
        sentence = self._sentence(day)
        if cues.LAW_IN_FORCE.search(sentence):
            return ""
        month_alone = all(reading[2] is None for reading in day.readings)
        return "" if month_alone and not cues.LATE.search(sentence) else "date"

    def _counts_days(self, day: Day) -> bool:
        """Tell whether 43日 is no date but how many days the account is overdue."""
        return any(count in self._ledger.overdue for count in numbers(self._text[day.start : day.end]))

    def _near_day(self, near: NearDay) -> str:
        day = self._adjoining(near) if near.part == "weekday" else None
        if day is not None:
            weekdays = self._ledger.weekday_of(day)
            return "date" if weekdays and near.count not in weekdays else ""
        if self._ledger.states_day(near) or cues.ASKING.search(self._sentence(near, whole=True)):
            return ""
        fault = "date" if near.part == "date" else "deadline" if self._presses(near) else ""
        return "" if fault and self._echoed(near) else fault

    def _presses(self, near: NearDay) -> bool:
        """Tell whether "Friday" or 明天 is a time by which the reader is to act."""
        before = self._clause_before(near)
        if cues.OWN_DEED.search(before) and not cues.PAYING.search(before):
            return False
        sentence = self._sentence(near)
        if cues.BY_AFTER.match(self._text, near.end) or cues.BY_BEFORE.search(before):
            acting = cues.PAYING.search(sentence) or cues.DUE.search(sentence)
            return acting is not None and not self._stances(near) & {Stance.DENIED, Stance.QUOTED}
        if near.part not in {"day", "weekday"} or self._stances(near):
            return False
        told = cues.DEMANDING.search(before) and cues.PAYING.search(self._clause_after(near))
        return bool(told or cues.PAY_BEFORE.search(before))

    def _duration(self, length: Duration) -> str:
        before = self._clause_before(length)
        after = cues.OVERDUE_AFTER.match(self._text, length.end)
        late = after and (not after["since"] or cues.DUE.search(self._sentence(length)))
        if late or cues.OVERDUE_BEFORE.search(before):
            general = cues.IN_GENERAL_BEFORE.search(before) or cues.IN_GENERAL_AFTER.match(self._text, length.end)
            return "" if general or self._ledger.states_overdue(length) or self._echoed(length) else "overdue"
        if cues.WITHIN_AFTER.match(self._text, length.end) or cues.WITHIN_BEFORE.search(before):
            return "deadline" if self._limits(length, before) else ""
        return ""

    def _limits(self, length: Duration, before: str) -> bool:
        """Tell whether a term presses the reader to act and is not the facts' own."""
        sentence = self._sentence(length, whole=True)
        own_deed = cues.OWN_DEED.search(before) or cues.OWN_DEED.match(self._clause_after(length).lstrip("内以之 "))
        if own_deed or cues.RIGHTS.search(sentence) or cues.ASKING.search(sentence) or not cues.PAYING.search(sentence):
            return False
        if self._ledger.states_term(length) or self._echoed(length):
            return False
        return not self._stances(length) & {Stance.DENIED, Stance.QUOTED}

    def _set_aside(self, figure: Quantity) -> bool:
        """Tell whether the reply itself says that a figure is wrong or not to be had, or warns of whoever names it."""
        before = self._clause_before(figure)
        if cues.NOT_SO_BEFORE.search(before) or cues.NOT_SO_AFTER.match(self._text, figure.end):
            return True
        return Stance.REPORTED in self._stances(figure)

    def _echoed(self, figure: Quantity) -> bool:
        """Tell whether the debtor wrote the figure and the reply does not make it its own."""
        if self._check.inbound is None:
            said = cues.ATTRIBUTED.search(self._text[self._sentences.begin(figure.start) : figure.start])
            return said is not None or Stance.QUOTED in self._stances(figure)
        if not self._ledger.heard_figure(figure):
            return False
        clause = self._clause_before(figure) + self._clause_after(figure)
        if cues.ECHOES.search(self._sentence(figure)) or not cues.ASSERTS.search(clause):
            return True
        return bool(self._stances(figure) & {Stance.DENIED, Stance.QUOTED})

    def _adjoining(self, near: NearDay) -> When | None:
        following = bisect_left(self._days, near.end, key=lambda day: day.start)
        for other in self._days[max(0, following - 1) : following + 1]:
            if 0 <= other.start - near.end <= _ADJOINING or 0 <= near.start - other.end <= _ADJOINING:
                return other
        return None

    def _stances(self, figure: Quantity) -> frozenset[Stance]:
        return self._check.reader.stances(((figure.start, figure.end),))

    def _clause_before(self, figure: Quantity) -> str:
        start = max(self._sentences.begin(figure.start), self._clauses.begin(figure.start))
        return self._text[start : figure.start]

    def _clause_after(self, figure: Quantity) -> str:
        return self._text[figure.end : min(self._sentences.end(figure.end), self._clauses.end(figure.end))]

    def _sentence(self, figure: Quantity, *, whole: bool = False) -> str:
        """Return the sentence around a figure; `whole` with the mark that ends it."""
        begin, end = self._sentences.begin(figure.start), self._sentences.end(figure.end, with_mark=whole)
        return self._text[begin:end]

"""Every amount, share, length of time, number of instalments and date that a text states."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from guardrails import units
from guardrails.calendar import Leading, When, absolute_day, spelled_days
from guardrails.near_days import near_days_en, near_days_zh, places
from guardrails.numerals import english_number, number
from guardrails.units import Unit


@dataclass(frozen=True, slots=True)
class Amount:
    """Money.

    Attributes:
        start: where it begins.
        end: where it ends, exclusive.
        value: the sum; None where no single sum is named (几千元).
        currency: ISO 4217, "$" for any dollar, "¥" for yuan or yen, None if unsaid.
        below: for "3000多元", which may be anything from `value` up to here; else None.
    """

    start: int
    end: int
    value: Decimal | None
    currency: str | None
    below: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Share:
    """A part of something: 24 % is 0.24, 八折 is 0.8, "20% off" is 0.2."""

    start: int
    end: int
    value: Decimal


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time; `more` for 三个多月 and "over 3 months"."""

    start: int
    end: int
    count: Decimal
    unit: Unit
    more: bool = False


@dataclass(frozen=True, slots=True)
class Instalments:
    """分6期, "6 instalments", 连续3期."""

    start: int
    end: int
    count: int


Quantity = Amount | Share | Duration | Instalments | When


def quantities(text: str, leading: Leading) -> list[Quantity]:
    """Return everything that a text counts, in order.

    Args:
        text: canonical and lower case.
        leading: which part begins a date such as 10/05/2026.
    """
    chinese = not text.isascii()
    words = frozenset(units.WORD.findall(text))
    found: list[Quantity] = list(_numbers(text, leading, chinese=chinese))
    if chinese:
        found += _free(near_days_zh(text), found)
    found += _free(near_days_en(text, words), found)
    found += _free(spelled_days(text, words), found)
    found += _free(_word_numbers(text, words), found)
    return sorted(found, key=lambda quantity: quantity.start)


def _free(new: Iterable[Quantity], found: list[Quantity]) -> list[Quantity]:
    """Return what does not lie over something already found."""
    new = list(new)
    covered = {place for old in found for place in range(old.start, old.end)} if new else set()
    return [one for one in new if covered.isdisjoint(range(one.start, one.end))]


def _numbers(text: str, leading: Leading, *, chinese: bool) -> Iterator[Quantity]:
    starts = units.START if chinese else units.ASCII_START
    place = 0
    while start := starts.search(text, place):
        at = start.start()
        quantity: Quantity | None = absolute_day(text, at, leading)
        if quantity is None and text[at] in units.BASES:
            quantity = _share_of(text, at)
        match = None
        if quantity is None and (match := units.NUMBER.match(text, at)):
            quantity = _counted(text, match)
        if quantity is not None:
            yield quantity
        place = max(at + 1, quantity.end if quantity else match.end() if match else 0)


def _share_of(text: str, at: int) -> Share | None:
    match = units.OF.match(text, at)
    value = number(match["part"]) if match else None
    return Share(at, match.end(), value / units.BASES[match["base"]]) if match and value is not None else None


def _word_numbers(text: str, words: frozenset[str]) -> Iterator[Quantity]:
    place = 0
    for start in places(text, words & units.EN_WORDS):
        match = units.EN_NUMBER.match(text, start) if start >= place else None
        value = english_number(match.group()) if match else None
        if match is None or value is None:
            continue
        place = match.end()
        unit = units.UNIT.match(text, place)
        quantity = _with_unit(text, start, value, unit) if unit else None
        if "grand" in match.group() or ("thousand" in match.group() and unit is None and _sum_cue(text, start, place)):
            quantity = quantity or Amount(start, place, value, None)
        if quantity is not None:
            place = quantity.end
            yield quantity


def _counted(text: str, match: re.Match[str]) -> Quantity | None:
    """Return what a number counts, from the sign or words before it and the unit behind it."""
    start, end = match.span()
    numeral = match["n"]
    unit = units.UNIT.match(text, end)
    if match["sign"]:
        return _signed(text, match, _value(match), unit)
    if unit and (match["vague"] is None or unit["money"]):
        return _with_unit(text, start, _value(match), unit, numeral)
    code = (
        units.CODE_BEFORE.search(text, max(0, start - 5), start) if text[start - 1 : start] in units.CODE_ENDS else None
    )
    if code:
        return Amount(code.start(), end, _value(match), units.CURRENCY_OF.get(code["code"]))
    if _sum_cue(text, start, end) or (not numeral.isdigit() and _sum_by_itself(text, match)):
        value = _value(match)
        more = text[end : end + 1] in {"多", "余", "几"} and value is not None
        return Amount(start, end, value, None, _ceiling(value) if more and value is not None else None)
    return None


def _value(match: re.Match[str]) -> Decimal | None:
    return None if match["vague"] else number(match["n"].replace("o", "0").replace("l", "1"))


def _sum_by_itself(text: str, match: re.Match[str]) -> bool:
    """Tell whether a bare number is a sum by its looks (3,200.00), or a round one as one says it (大概五千多吧)."""
    start, end = match.span()
    if units.LOOKS_LIKE_MONEY.match(match["n"]):
        return not units.SECTION_BEFORE.search(text, max(0, start - 9), start) and not units.NO_SUM_AFTER.match(
            text, end
        )
    return bool(units.ROUND.match(match["n"]) and units.ROUND_AFTER.match(text, end))


def _signed(text: str, match: re.Match[str], value: Decimal | None, unit: re.Match[str] | None) -> Amount:
    start, end = match.span()
    nation = text[max(0, start - 2) : start]
    if nation in {"us", "hk"}:
        start -= 2
    currency = units.CURRENCY_OF.get(nation + match["sign"]) or units.CURRENCY_OF[match["sign"]]
    if unit and (unit["grand"] or unit["money"]):
        with_unit = _with_unit(text, start, value, unit, match["n"])
        if isinstance(with_unit, Amount):
            return replace(with_unit, start=start, currency=with_unit.currency or currency)
    scale = units.SCALE.match(text, end)
    if scale and value is not None:
        return Amount(start, scale.end(), value * (english_number(scale[1]) or 1), currency)
    below = _ceiling(value) if text[end : end + 1] in {"多", "余", "+"} and value is not None else None
    return Amount(start, end, value, currency, below)


def _with_unit(text: str, start: int, value: Decimal | None, unit: re.Match[str], numeral: str = "") -> Quantity | None:
    end = unit.end()
    if unit["money"] or unit["grand"]:
        return _money(text, start, value, unit, numeral)
    if value is None:
        return None
    if unit["terms"]:
        return None if text[start - 1 : start] == "第" else Instalments(start, end, int(value))
    if unit["time"]:
        return _duration(text, start, value, unit)
    # 八折 and 三成 count tenths, 八五折 hundredths.
    tenths = value < 10 and not unit["share"]  # noqa: PLR2004 - the decimal base
    return Share(start, end, value / (1000 if unit["share"] == "‰" else 10 if tenths else 100))


def _duration(text: str, start: int, value: Decimal, unit: re.Match[str]) -> Duration:
    word = unit["time"]
    more = bool(unit["more"] or unit["more2"]) or text.startswith("多", unit.end())
    more = more or units.MORE_BEFORE.search(text, max(0, start - 11), start) is not None
    count = value + Decimal("0.5") if unit["half"] else value
    return Duration(start, unit.end(), count, units.UNITS[word[:2] if word.isascii() else word[0]], more)


def _money(text: str, start: int, value: Decimal | None, unit: re.Match[str], numeral: str) -> Amount | None:
    if unit["grand"]:
        return Amount(start, unit.end(), None if value is None else value * 1000, None)
    word = unit["money"]
    if word == "块" and numeral in {"一", "两", "几"}:
        return None  # 一块商量 is together
    currency, end = units.CURRENCY_OF[word], unit.end()
    if value is not None and unit["scale"]:
        value *= 1000 if unit["scale"] == "k" else english_number(unit["scale"]) or 1
    if value is not None and word in units.HUNDREDTHS:
        return Amount(start, end, value / 100, currency)
    below = _ceiling(value) if unit["more"] and value is not None else None
    rest = units.CENTS.match(text, end)
    if value is not None and rest and rest.end() > end:
        small = rest["cents"]
        more = number(small) if small and small.isdigit() else english_number(small) if small else None
        value += (more or 0) / Decimal(100)
        for name, part in (("dime", "0.1"), ("tail", "0.1"), ("cent", "0.01")):
            value += (number(rest[name]) or 0) * Decimal(part) if rest[name] else 0
        end = rest.end()
    return Amount(start, end, value, currency, below)


def _sum_cue(text: str, start: int, end: int) -> bool:
    """Tell whether the words around a bare number make it a sum."""
    before = text[max(0, start - 12) : start].rstrip()
    last = before[-1:]
    if last not in units.SUM_ENDS and not (last.isascii() and units.LAST_WORD.search(before)):
        return False
    return (
        not units.NO_SUM_AFTER.match(text, end) and units.SUM_BEFORE.search(text, max(0, start - 24), start) is not None
    )


def _ceiling(value: Decimal) -> Decimal:
    """Return what 三千多 stays under: 4000."""
    place = Decimal(1)
    while value and value % (place * 10) == 0:
        place *= 10
    return value + place


def numbers(text: str) -> Iterator[Decimal]:
    """Yield the value of every number in a text, whatever it counts."""
    values = [_value(match) for match in units.NUMBER.finditer(text)]
    values += [english_number(match.group()) for match in units.EN_NUMBER.finditer(text)]
    yield from (value for value in values if value is not None)

"""Dates of the calendar as people write them ("2026年5月10日", "10/05/2026", "5月底", "the 10th of May")."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

from guardrails.near_days import AHEAD, NearDay, places
from guardrails.numerals import EN_ORDINAL_WORDS, ZH_DIGIT, english_ordinal, number

Leading = Literal["day", "month", "either"]
Reading = tuple[int | None, int | None, int | None]
_MONTHS_OF_A_YEAR: Final = 12


@dataclass(frozen=True, slots=True)
class Day:
    """A date on the calendar.

    Attributes:
        start: where it begins.
        end: where it ends, exclusive.
        readings: (year, month, day) as it may be understood; a part that was not written is None.
    """

    start: int
    end: int
    readings: tuple[Reading, ...]

    def fits(self, other: date, _today: date | None = None) -> bool:
        """Tell whether `other` could be the date meant."""
        return any(
            year in {None, other.year} and month in {None, other.month} and day in {None, other.day}
            for year, month, day in self.readings
        )

    def agrees(self, other: object) -> bool:
        """Tell whether two writings could mean one date: the same day, and nothing against it."""
        return isinstance(other, Day) and any(
            mine[2] == theirs[2] and all(a == b or None in {a, b} for a, b in zip(mine, theirs, strict=True))
            for mine in self.readings
            for theirs in other.readings
        )


When = Day | NearDay

_MONTH_NAMES: Final[Mapping[str, int]] = {
    name: month
    for month, names in enumerate(
        (
            "january jan",
            "february feb",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sept sep",
            "october oct",
            "november nov",
            "december dec",
        ),
        start=1,
    )
    for name in names.split()
}
_MONTH: Final = "|".join(sorted(_MONTH_NAMES, key=len, reverse=True))
_N: Final = rf"(?:\d{{1,2}}|[{ZH_DIGIT}十拾廿卅]{{1,3}})"
_AT: Final = r"\s?[日号](?![线楼窗])"

_ZH_DATE: Final = re.compile(
    rf"(?:(?P<y>\d{{4}}|\d\d|[{ZH_DIGIT}]{{2,4}})\s?年\s?)?(?P<m>{_N})\s?月(?:份的?)?\s?"
    rf"(?:(?P<d>{_N}){_AT}|(?P<part>[底末初中]|[上中下]旬))"
    rf"|(?P<y2>\d{{4}}|[{ZH_DIGIT}]{{4}})\s?年\s?(?P<m2>{_N})\s?月"
)
_ZH_MARKS: Final = re.compile(r"[月日号年]")
_DATE_LIKE: Final = re.compile(r"\d{1,4}(?:[-/.]\d|(?:st|nd|rd|th)\b|[ -](?:day|of|" + _MONTH + r")|\s[-/]|\d{4})")
_ORDINALS: Final = frozenset(EN_ORDINAL_WORDS)
_PARTS: Final[Mapping[str, tuple[int, int]]] = {
    "初": (1, 7), "上旬": (1, 10), "中": (10, 20), "中旬": (10, 20), "下旬": (20, 31), "底": (26, 31), "末": (26, 31),
}  # fmt: skip
_ZH_DAY: Final = re.compile(rf"(?P<d>(?!一日){_N}){_AT}(?!之?[内后]|以[内后]|左右|码|元)")
_COUNT_BEFORE: Final = re.compile(r"(?:逾期|拖欠|超期|超过|已|达|近|满)(?:了|达|已)?\s?$")
_ZH_MONTH_BEFORE: Final = re.compile(r"(?P<w>每个?|本|这个?|当|下下个?|下个?|次|上上个?|上个?)月份?\s?的?$")
_YEAR_FIRST: Final = re.compile(
    r"(?P<y>(?:19|20)\d\d)(?:\s?(?P<s>[-/.])\s?(?P<m>\d{1,2})\s?(?P=s)\s?(?P<d>\d{1,2})(?![\d.]\d|\d)"
    r"|(?P<m2>0[1-9]|1[0-2])(?P<d2>0[1-9]|[12]\d|3[01])(?![\d.元]))"
)
_YEAR_LAST: Final = re.compile(
    r"(?P<a>\d{1,2})(?P<s>[-/.])(?P<b>\d{1,2})(?P=s)(?P<y>(?:19|20)\d\d|(?<!\.)\d\d)(?![\d.]\d|\d)"
)
_NO_YEAR: Final = re.compile(r"(?P<a>\d{1,2})[/.](?P<b>\d{1,2})(?![\d/%]|\.\d)")
_CUE_BEFORE: Final = re.compile(r"(?:\b(?:due|by|before|on|since|until|till|from|of)|[于在到至自从期为是])\s?$")
_CUE_AFTER: Final = re.compile(r"\s?(?:前|之前|以前|到期|截止)")
_DAY_MONTH: Final = re.compile(
    rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[ -](?:day )?(?:of )?(?P<m>{_MONTH})\b\.?(?! (?:be|have|not|also|need|take)\b)"
    r"(?:,?[ -](?P<y>(?:19|20)\d\d)(?!\d))?"
)
_MONTH_BEFORE: Final = re.compile(rf"\b(?P<m>{_MONTH})\.?[ -](?:the )?$")
_AFTER_MONTH: Final = re.compile(
    r"(?P<d>\d{1,2})(?:st|nd|rd|th)?\b(?![:.%]\d|\s?[%ap]m?\b)(?:,?\s(?P<y>(?:19|20)\d\d)(?!\d))?"
)
_YEAR_ALONE: Final = re.compile(r"(?P<y>(?:19|20)\d\d)(?!\d)")
_ORDINAL_DAY: Final = re.compile(
    r"(?<=the )(?P<d>\d{1,2})(?:st|nd|rd|th)\b(?=$|[.,;!?)]|\s(?:of|or|and|to|so|at|if|when|for|is|was|in|will|we|i)\b)"
)
_ORDINAL_WORDS: Final = re.compile(
    rf"(?:(?:twenty|thirty)[- ])?(?:{'|'.join(sorted(EN_ORDINAL_WORDS, key=len, reverse=True))})\b"
)
_OF_MONTH: Final = re.compile(rf" (?:day )?of (?P<m>{_MONTH})\b")


def absolute_day(text: str, start: int, leading: Leading) -> When | None:
    """Return the date written where a number stands, or None.

    Args:
        text: lower case.
        start: where the number begins; a month's name or 本月 before it is taken in.
        leading: whether 10/05/2026 begins with the day (UK), with the month (US), or may be read either way.
    """
    if _ZH_MARKS.search(text, start + 1, start + 9):
        return _zh_date(text, start)
    if not text[start].isdigit():
        return None
    followed = _DATE_LIKE.match(text, start)
    if followed:
        day = _year_first(text, start) or _with_slashes(text, start, leading) or _day_month(text, start)
        if day is not None:
            return day
    if text[start - 1 : start] in {" ", "-"} and text[max(0, start - 3) : start - 1].strip(" .").isalpha():
        return _after_month(text, start) or (_lone_day(text, start) if followed else None)
    return _lone_day(text, start) if followed else None


def spelled_days(text: str, words: frozenset[str]) -> Iterator[Day]:
    """Yield every English date in words ("May tenth", "the tenth of May").

    Args:
        text: lower case.
        words: the text's words, which tell at once that most texts hold none.
    """
    if words.isdisjoint(_MONTH_NAMES):
        return
    for start in places(text, words & _ORDINALS):
        begin = start - 7 if text[max(0, start - 7) : start - 1] in {"twenty", "thirty"} else start
        match = _ORDINAL_WORDS.match(text, begin)
        before = _MONTH_BEFORE.search(text, max(0, begin - 16), begin)
        after = before or (_OF_MONTH.match(text, match.end()) if match else None)
        if match and after:
            reading = (None, _MONTH_NAMES[after["m"]], english_ordinal(match.group()))
            yield Day(min(begin, after.start()), max(match.end(), after.end()), (reading,))


def _zh_date(text: str, start: int) -> When | None:
    match = _ZH_DATE.match(text, start)
    if match is None:
        return _lone_day(text, start)
    year, month, day = _year(match["y"] or match["y2"]), _small(match["m"] or match["m2"]), _small(match["d"])
    if match["part"]:
        first, last = _PARTS[match["part"]]
        return Day(match.start(), match.end(), tuple((year, month, day) for day in range(first, last + 1)))
    return Day(match.start(), match.end(), ((year, month, day),))


def _year_first(text: str, start: int) -> Day | None:
    match = _YEAR_FIRST.match(text, start)
    if match is None:
        return None
    reading = (int(match["y"]), int(match["m"] or match["m2"]), int(match["d"] or match["d2"]))
    return Day(match.start(), match.end(), (reading,))


def _with_slashes(text: str, start: int, leading: Leading) -> Day | None:
    match = _YEAR_LAST.match(text, start) or _NO_YEAR.match(text, start)
    if match is None:
        return None
    year = _year(match.groupdict().get("y"))
    first, second = int(match["a"]), int(match["b"])
    month_first, day_first = (year, first, second), (year, second, first)
    if match.re is _NO_YEAR:
        after = _CUE_AFTER.match(text, match.end())
        if not after and not _CUE_BEFORE.search(text, max(0, start - 8), start):
            return None
        if after:  # 5.10前 is Chinese and so begins with the month
            return Day(match.start(), match.end(), (month_first,))
    readings = {"month": (month_first,), "day": (day_first,), "either": (month_first, day_first)}[leading]
    valid = [reading for reading in (month_first, day_first) if (reading[1] or 0) <= _MONTHS_OF_A_YEAR]
    if match.re is _NO_YEAR and not valid:
        return None
    # 25/12/2026 can be read in one way only, wherever it is written.
    return Day(match.start(), match.end(), tuple(valid) if len(valid) == 1 else readings)


def _day_month(text: str, start: int) -> Day | None:
    match = _DAY_MONTH.match(text, start)
    if match is None:
        return None
    return Day(match.start(), match.end(), ((_year(match["y"]), _MONTH_NAMES[match["m"]], int(match["d"])),))


def _after_month(text: str, start: int) -> Day | None:
    before = _MONTH_BEFORE.search(text, max(0, start - 16), start) if text[start - 1 : start] in {" ", "-"} else None
    if before is None:
        return None
    month = _MONTH_NAMES[before["m"]]
    if alone := _YEAR_ALONE.match(text, start):
        return Day(before.start(), alone.end(), ((int(alone["y"]), month, None),))
    match = _AFTER_MONTH.match(text, start)
    return Day(before.start(), match.end(), ((_year(match["y"]), month, int(match["d"])),)) if match else None


def _lone_day(text: str, start: int) -> When | None:
    match = _ZH_DAY.match(text, start) or _ORDINAL_DAY.match(text, start)
    if match is None:
        return None
    if _COUNT_BEFORE.search(text, max(0, start - 4), start):
        return None
    day = _small(match["d"])
    month = _ZH_MONTH_BEFORE.search(text, max(0, start - 6), start)
    if month is None:
        return Day(match.start(), match.end(), ((None, None, day),))
    word = month["w"].removesuffix("个")
    if word == "每":
        return Day(month.start(), match.end(), ((None, None, day),))
    return NearDay(month.start(), match.end(), "date", day or 0, AHEAD[word])


def _small(numeral: str | None) -> int | None:
    value = number(numeral) if numeral else None
    return None if value is None else int(value)


def _year(numeral: str | None) -> int | None:
    value = _small(numeral)
    return value + 2000 if value is not None and value < 100 else value  # noqa: PLR2004 - a year of two digits

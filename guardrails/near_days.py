"""Dates told from today ("下周三", "明天", "by Friday", "end of the month")."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

Part = Literal["day", "weekday", "week", "month", "start", "middle", "end", "date", "year"]


@dataclass(frozen=True, slots=True)
class NearDay:
    """A date told from today.

    Attributes:
        start: where it begins.
        end: where it ends, exclusive.
        part: what `count` counts: days from today, a weekday (Monday is 0), a day of the month; or a part of a month,
            a week, a year.
        count: that count.
        ahead: how many weeks, months or years from this one; None leaves it open ("Friday").
    """

    start: int
    end: int
    part: Part
    count: int = 0
    ahead: int | None = 0

    def fits(self, other: date, today: date | None) -> bool:
        """Tell whether `other` could be the date meant when it is `today`; nothing fits without a `today`."""
        return today is not None and any(first <= other <= last for first, last in self._stretches(today))

    def agrees(self, other: object) -> bool:
        """Tell whether the same words were used."""
        return isinstance(other, NearDay) and (self.part, self.count, self.ahead) == (
            other.part,
            other.count,
            other.ahead,
        )

    def _stretches(self, today: date) -> Iterator[tuple[date, date]]:
        monday = today - timedelta(days=today.weekday())
        if self.part == "day":
            there = today + timedelta(days=self.count)
            yield there, there
        elif self.part == "week":
            first = monday + timedelta(weeks=self.ahead or 0)
            yield first, first + timedelta(days=6)
        elif self.part == "weekday":
            # "Friday" is this week's, the next or the last one; said on a Tuesday, "next Friday" may be this week's.
            open_weeks = {None: (-1, 0, 1), 1: (0, 1)}
            for weeks in open_weeks.get(self.ahead, (self.ahead or 0,)):
                there = monday + timedelta(weeks=weeks, days=self.count)
                if self.ahead != 1 or there > today:
                    yield there, there
        elif self.part == "year":
            year = today.year + (self.ahead or 0)
            yield date(year, 12, 20), date(year, 12, 31)
        else:
            yield self._in_month(today)

    def _in_month(self, today: date) -> tuple[date, date]:
        year, month = divmod(today.year * 12 + today.month - 1 + (self.ahead or 0), 12)
        last = calendar.monthrange(year, month + 1)[1]
        stretches = {"start": (1, 7), "middle": (10, 20), "end": (last - 2, last), "date": (self.count, self.count)}
        low, high = (min(max(day, 1), last) for day in stretches.get(self.part, (1, last)))
        return date(year, month + 1, low), date(year, month + 1, high)


_WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_ZH_WEEKDAYS: Final = {char: weekday for weekday, char in enumerate("一二三四五六日")} | {"天": 6, "末": 5}
AHEAD: Final[Mapping[str, int]] = {
    "本": 0, "这": 0, "当": 0, "今": 0, "明": 1, "下下": 2, "下": 1, "次": 1, "上上": -2, "上": -1,
}  # fmt: skip
_ZH_DAYS: Final[Mapping[str, int]] = {"今": 0, "即": 0, "明": 1, "后": 2, "昨": -1, "前": -2}
_ZH_PARTS: Final[Mapping[str, Part]] = {"底": "end", "末": "end", "初": "start", "中": "middle"}
_EN_DAYS: Final[Mapping[str, int]] = {"today": 0, "tonight": 0, "tomorrow": 1, "yesterday": -1}
_EN_PARTS: Final[Mapping[str, Part]] = {"start": "start", "beginning": "start", "middle": "middle", "end": "end"}

_ZH_NEAR: Final = re.compile(
    r"(?P<later>大?)(?P<day>[今明后昨前即])(?:[天日](?!候|志)|(?<=[今明昨])[晚早夜])"
    r"|(?P<ahead>下下|[本这下上]|)个?(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天末])(?!期|年|围|到|至)(?<![到至]周.)"
    r"|(?P<month>下下|[本这下上当次]|)个?月(?P<part>[底末初中])|(?P<year>[今本明]|(?<![\d一二三四五六七八九十几半两数]))年(?:底|末|内)"
    r"|(?P<within>[本这下])个?(?P<unit>周|星期|月)(?=内|之内|以内)"
)
_ZH_NEAR_START: Final = re.compile(
    r"[今明后昨前即当大本这下上次周星礼月年](?=[今明后昨前天日晚早夜下个周星礼月一二三四五六末期拜底初中内])"
)
_EN_NEAR: Final = re.compile(
    rf"(?:(?P<ahead>this|next|coming|following|last)\s)?(?P<weekday>{'|'.join(_WEEKDAYS)})\b(?! (?:to|through) )"
    rf"|day after tomorrow\b|(?P<day>{'|'.join(_EN_DAYS)})\b|(?:close of business|end of (?:play|day|business))\b"
    r"|(?P<part>end|start|beginning|middle) of (?P<which>the|this|next)(?: calendar)? (?P<unit>week|month|year)\b"
    r"|month[- ]end\b"
)
_EN_NEAR_FIRST: Final = frozenset(
    (*_WEEKDAYS, *_EN_DAYS, *_EN_PARTS, "this", "next", "coming", "following", "last", "day", "close", "month")
)


def near_days_zh(text: str) -> Iterator[NearDay]:
    """Yield every Chinese date told from today."""
    place = 0
    while start := _ZH_NEAR_START.search(text, place):
        match = _ZH_NEAR.match(text, start.start())
        place = match.end() if match else start.end()
        if match:
            yield _zh_near(match)


def near_days_en(text: str, words: frozenset[str]) -> Iterator[NearDay]:
    """Yield every English date told from today.

    Args:
        text: lower case.
        words: the text's words, which tell at once that most texts hold none.
    """
    place = 0
    for start in places(text, words & _EN_NEAR_FIRST):
        match = _EN_NEAR.match(text, start) if start >= place else None
        if match and not text.endswith(("to ", "through "), 0, start):
            place = match.end()
            yield _en_near(match)


def places(text: str, words: Iterable[str]) -> list[int]:
    """Return where any of the words begins, in order; what stands behind it may be more of the word."""
    found = []
    for word in words:
        at = text.find(word)
        while at >= 0:
            if not text[at - 1 : at].isalnum():
                found.append(at)
            at = text.find(word, at + 1)
    return sorted(found)


def _zh_near(match: re.Match[str]) -> NearDay:
    start, end = match.span()
    if match["weekday"]:
        word = match["ahead"]
        return NearDay(start, end, "weekday", _ZH_WEEKDAYS[match["weekday"]], AHEAD[word] if word else None)
    if match["part"]:
        return NearDay(start, end, _ZH_PARTS[match["part"]], 0, AHEAD.get(match["month"], 0))
    if match["within"]:
        part: Part = "month" if match["unit"] == "月" else "week"
        return NearDay(start, end, part, 0, AHEAD[match["within"]])
    if match["day"]:
        return NearDay(start, end, "day", _ZH_DAYS[match["day"]] + (1 if match["later"] else 0))
    return NearDay(start, end, "year", 0, AHEAD.get(match["year"], 0))


def _en_near(match: re.Match[str]) -> NearDay:
    start, end = match.span()
    if match["weekday"]:
        ahead = {"this": 0, "last": -1}.get(match["ahead"], 1) if match["ahead"] else None
        return NearDay(start, end, "weekday", _WEEKDAYS.index(match["weekday"]), ahead)
    if match["day"]:
        return NearDay(start, end, "day", _EN_DAYS[match["day"]])
    if match["unit"]:
        whole: dict[str, Part] = {"week": "week", "year": "year"}
        part = whole.get(match["unit"]) or _EN_PARTS[match["part"]]
        return NearDay(start, end, part, 0, 1 if match["which"] == "next" else 0)
    if match.group().startswith("month"):
        return NearDay(start, end, "end")
    return NearDay(start, end, "day", 2 if match.group().endswith("tomorrow") else 0)

"""Phone, identity, card and other long numbers."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

import phonenumbers
from stdnum import luhn
from stdnum.cn import ric

from drafter.desk.recognisers import Hit, Kind

_REGIONS = ("CN", "US", "GB")
_GAP = r"[ \t\-‐‑‒–—·()（）_*/~。]{1,3}(?=\d)|\.(?=\d{3,4}(?!\d))"
_RUN = re.compile(rf"[+(（]{{0,2}}\d(?:\d|{_GAP})*(?:[ -]?[Xx](?![0-9A-Za-z]))?")
_GROUP = re.compile(r"\d+[Xx]?|[Xx]")
_MOST_DIGITS = 19


_MOBILE = re.compile(r"(?:(?:00)?86|0)?1[3-9]\d{9}")
_NATIONAL = re.compile(r"(?:0\d{9,11}|[48]00\d{7})")
_LOCAL = re.compile(r"[2-9]\d\d-\d{4}")
_RESIDENT_ID_GROUPS = {(6, 8, 4), (6, 4, 4, 4), (3, 3, 4, 4, 4)}
_SSN_GROUPS = (3, 2, 4)
_US_PHONE_GROUPS = {(3, 3, 4), (1, 3, 3, 4)}
_AMEX_GROUPS = (4, 6, 5)
_CARD_GROUPS = {(4, 6), (4, 4, 4), (4, 4, 4, 4)}  # all but the last
_FEWEST_IN_A_GROUP = 4  # of a card written in groups, but for the last
_FEWEST_IN_A_PHONE = 7
_FEWEST_UNBROKEN = 9
_FEWEST_IN_A_CARD = 13
_MOST_IN_A_PHONE = 15
_RESIDENT_ID = 18
_INTRODUCED_WITHIN = 24
_INTRODUCES_PHONE = re.compile(
    r"(?:电话|手机|座机|固话|号码|联系方式|拨打|\b(?:tel|phone|mobile|cell|call|ring|text|whatsapp|number|fax)\b)"
    r"[^\d。！？!?\n]{0,12}$",
    re.IGNORECASE,
)


def numbers(plain: str) -> Iterator[Hit]:
    """Yield phone, identity, card and other long numbers, also when written in groups.

    A check digit decides of which kind a number is, never whether it is found.

    Args:
        plain: canonical text without figures.
    """
    for run in _RUN.finditer(plain):
        if run.end() - run.start() >= _FEWEST_IN_A_PHONE:
            yield from _numbers_in_run(plain, run)


def _numbers_in_run(text: str, run: re.Match[str]) -> Iterator[Hit]:
    """Yield the numbers of one run of digits, the longest that its groups make up first."""
    groups = [match.span() for match in _GROUP.finditer(text, run.start(), run.end())]
    first = 0
    while first < len(groups):
        start = run.start() if first == 0 else groups[first][0] - (text[groups[first][0] - 1] in "+(（")
        for last in range(_last_within(groups, first), first - 1, -1):
            kind = _kind(text, start, groups[first : last + 1])
            if kind is not None:
                yield Hit(start, groups[last][1], kind)
                first = last
                break
        first += 1


def _last_within(groups: list[tuple[int, int]], first: int) -> int:
    """Return the last group that still fits into one number beginning with group `first`."""
    total = 0
    for index in range(first, len(groups)):
        total += groups[index][1] - groups[index][0]
        if total > _MOST_DIGITS:
            return max(first, index - 1)
    return len(groups) - 1


def _kind(text: str, start: int, groups: list[tuple[int, int]]) -> Kind | None:
    """Return what the number made of these groups is, None when it is nothing personal."""
    digits = "".join(text[begin:end] for begin, end in groups)
    digits = "".join(str(unicodedata.digit(char, char)) for char in digits)
    lengths = tuple(end - begin for begin, end in groups)
    unbroken = len(lengths) == 1 or max(lengths[:-1]) == 1
    size = len(digits)
    if size < _FEWEST_IN_A_PHONE:
        return None
    if _MOBILE.fullmatch(digits):
        return "phone"
    if lengths == _SSN_GROUPS or (size == _RESIDENT_ID and (ric.is_valid(digits) or lengths in _RESIDENT_ID_GROUPS)):
        return "id"
    grouped = lengths == _AMEX_GROUPS or min(lengths[:-1], default=0) >= _FEWEST_IN_A_GROUP
    if size >= _FEWEST_IN_A_CARD and (grouped or unbroken):
        return "card" if lengths[:-1] in _CARD_GROUPS or (digits.isdigit() and luhn.is_valid(digits)) else "number"
    if _is_phone(text, start, groups[-1][1], digits, lengths):
        return "phone"
    return "number" if unbroken and size >= _FEWEST_UNBROKEN else None


def _is_phone(text: str, start: int, end: int, digits: str, lengths: tuple[int, ...]) -> bool:
    """Say whether notation or the words before it make a number a phone number, and some country dials it."""
    raw = text[start:end]
    shaped = (
        raw.lstrip("(（").startswith("+")
        or lengths in _US_PHONE_GROUPS
        or _NATIONAL.fullmatch(digits) is not None
        or _LOCAL.fullmatch(raw) is not None
        or _INTRODUCES_PHONE.search(text, max(0, start - _INTRODUCED_WITHIN), start) is not None
    )
    return shaped and len(digits) <= _MOST_IN_A_PHONE and any(_is_possible(raw, region) for region in _REGIONS)


def _is_possible(raw: str, region: str) -> bool:
    try:
        return bool(phonenumbers.is_possible_number(phonenumbers.parse(raw, region)))
    except phonenumbers.NumberParseException:
        return False

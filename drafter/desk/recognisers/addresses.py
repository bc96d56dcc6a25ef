"""Places where a person lives or works, precise enough to stand at the door."""

from __future__ import annotations

import re
from collections.abc import Iterator

from drafter.desk.recognisers import Hit

_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_DOOR = r"(?:号楼|号院|号|弄|栋|幢|座|单元|室|楼|层|户|门)"
_NUMBER = r"[\dA-Za-z一二三四五六七八九十百零〇]{1,6}"
_ROAD = "(?:路|街|大道|巷|胡同|弄|里|道)"
_ESTATE = "(?:小区|花园|苑|公寓|大厦|广场|新村|家园|城|村|组|府|园|庭|社区|工业园|楼盘)"
_CHINESE = re.compile(
    rf"[{_HAN}A-Za-z]{{1,30}}?(?:{_ROAD}(?:[东西南北中]?[一二三四五六]?段|[东西南北])?\s?\d{{1,5}}(?:-\d+)?{_DOOR}"
    rf"|{_ROAD}(?:[{_HAN}]{{2,12}}?{_ESTATE})\s?{_NUMBER}(?:-\d+)?{_DOOR}"
    rf"|{_ESTATE}\s?{_NUMBER}(?:-\d+)?(?:号楼|栋|幢|座|单元|室|号(?!之前|前|以前|还|发|左右|晚|早|下午|上午|到账)))"
    rf"(?:[{_HAN}]{{0,10}}?[\s,，-]?(?:{_NUMBER}{_DOOR}|\d{{2,4}}(?!\d)(?=[，。,；\s]|$)))*"
)
# Three steps of the administration name a home even without a door number.
_CHINESE_AREA = re.compile(
    rf"[{_HAN}]{{2,9}}?(?:省|自治区|市)[{_HAN}]{{1,7}}?(?:市|区|县|州|旗)[{_HAN}]{{1,8}}?(?:镇|乡|街道|村|路|街|小区|花园|屯)"
    rf"(?:[{_HAN}]{{1,8}}?[村组屯])?"
)
# What leads up to an address is Chinese too; the address begins after the last of these.
_LEAD = re.compile(
    "^.*(?:住址|地址|住在|家在|家住|位于|搬到|搬去|搬至|寄到|寄往|送到|户籍|老家在|现居|租住|公司在|单位在|[住在是为到于来找去回给])"
)
_MAYBE_CHINESE = re.compile("[路街道巷弄村区园苑寓厦场城里组府庭]")

_STREET = (
    r"(?:street|st|avenue|ave|road|rd|drive|dr|lane|ln|boulevard|blvd|court|ct|place|pl|way|terrace|close|crescent"
    r"|parkway|pkwy|highway|hwy|square|sq|gardens|grove|mews|circle|cir|row|hill|trail)"
)
_PLAIN = (
    "a|an|and|at|by|days?|do|for|from|go|hours?|i|in|is|it|it's|me|months?|more|my|no|not|of|off|on|or|per|so|than|that"
    "|the|this|times?|to|us|weeks?|when|with|years?|you"
)
_ENGLISH = re.compile(
    r"(?:(?:apt|apartment|unit|flat|suite|room)\.?\s?\w{1,5},?\s{1,3})?"
    r"(?<![\w.,$£])\d{1,6}[A-Za-z]?,?\s{1,3}"
    rf"(?:(?!(?:{_PLAIN})\b)[A-Za-z\d][\w'.-]{{0,20}}\s{{1,3}}){{1,4}}{_STREET}\b\.?"
    r"(?:\s(?:[NSEW]{1,2}|north|south|east|west)\b)?"
    r"(?:,?\s{1,3}(?:apt|apartment|unit|flat|suite|room|#)\.?\s?\w{1,6})?"
    r"(?:,\s?(?-i:[A-Z][a-z]+(?:\s[A-Z][a-z]+){0,2}))?(?:,?\s{1,3}(?-i:[A-Z]{2})\s{1,3}\d{5}(?:-\d{4})?)?",
    re.IGNORECASE | re.ASCII,
)
_PO_BOX = re.compile(r"\bP\.?\s?O\.?\s?Box\s{1,3}\d{1,7}", re.IGNORECASE | re.ASCII)
_US_TOWN = re.compile(r"(?<![A-Za-z])[A-Z][a-z]+(?:\s[A-Z][a-z]+){0,2},?\s[A-Z]{2}\s\d{5}(?:-\d{4})?(?!\d)")
# The form of a postcode: GOV.UK, "Bulk data transfer: additional validation", 2021.
_UK_POSTCODE = re.compile(r"(?<![A-Za-z0-9])[A-Z]{1,2}\d[A-Z\d]?\s?\d[ABD-HJLNP-UW-Z]{2}(?![A-Za-z0-9])", re.IGNORECASE)
_MAYBE_ENGLISH = re.compile(r"\d\w{0,5}[, ]\s?[A-Za-z\d]|\d[A-Za-z]{2}|[Bb]ox|[A-Z]{2} \d{5}")


def addresses(text: str) -> Iterator[Hit]:
    """Yield Chinese, American and British addresses in a canonical text."""
    if _MAYBE_CHINESE.search(text):
        for pattern in (_CHINESE, _CHINESE_AREA):
            for match in pattern.finditer(text):
                lead = _LEAD.match(match.group())
                start = match.start() + (lead.end() if lead else 0)
                if match.end() - start > 2:  # noqa: PLR2004 - nothing shorter says where somebody lives
                    yield Hit(start, match.end(), "address")
    if _MAYBE_ENGLISH.search(text):
        for pattern in (_ENGLISH, _PO_BOX, _US_TOWN, _UK_POSTCODE):
            for match in pattern.finditer(text):
                yield Hit(*match.span(), "address")

"""Numbers in words: Chinese numerals (everyday, financial, mixed with digits) and English number words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

_ZH_DIGITS: Final[Mapping[str, int]] = {
    char: value
    for value, chars in enumerate(
        ("零〇", "一壹", "二两贰俩", "三叁仨", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
    )
    for char in chars
}
_ZH_UNITS: Final[Mapping[str, int]] = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_ZH_TENS: Final[Mapping[str, int]] = {"廿": 20, "卅": 30}
_ZH_MYRIADS: Final[Mapping[str, int]] = {"万": 10_000, "亿": 100_000_000}
_LATIN_UNITS: Final[Mapping[str, int]] = {"k": 1000, "w": 10_000}

ZH_DIGIT: Final = "".join(_ZH_DIGITS)
ZH_UNIT: Final = "".join((*_ZH_UNITS, *_ZH_TENS, *_ZH_MYRIADS))
ZH_NUMERAL: Final = ZH_DIGIT + ZH_UNIT
ARABIC: Final = r"(?:\d{1,3}(?:[,，]\d{3})+(?!\d)|\d+)(?:\.\d+)?"

_ZH_TOKEN: Final = re.compile(rf"{ARABIC}|[{ZH_NUMERAL}kw]")
_ZH_PLACED: Final = re.compile(f"[{ZH_UNIT}kw]")

_FROM_ZERO: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
_FROM_TWENTY: Final = "twenty thirty forty fifty sixty seventy eighty ninety"
_FROM_FIRST: Final = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
    "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
)
_EN_SMALL: Final[Mapping[str, int]] = {word: value for value, word in enumerate(_FROM_ZERO.split())}
_EN_TENS: Final[Mapping[str, int]] = {word: 10 * value for value, word in enumerate(_FROM_TWENTY.split(), start=2)}
_EN_SCALES: Final[Mapping[str, int]] = {"thousand": 1000, "grand": 1000, "million": 1_000_000}
_EN_ORDINALS: Final[Mapping[str, int]] = {
    **{word: value for value, word in enumerate(_FROM_FIRST.split(), start=1)},
    "thirtieth": 30,
}

EN_NUMBER_WORDS: Final = (*_EN_SMALL, *_EN_TENS, "hundred", *_EN_SCALES)
EN_ORDINAL_WORDS: Final = tuple(_EN_ORDINALS)


def number(numeral: str) -> Decimal | None:
    """Return the value of a number written with digits or with Chinese numerals, or None when it names no single one.

    Args:
        numeral: such as 3,200.00, 3千2, 1.2万, 3k, 三千二百, 两万八 (28000), 叁仟贰佰, 二〇二六 (digit by digit) or
            三点五; lower case, no sign.

    三四千 (three or four thousand) names no single number.
    """
    if numeral[:1].isdigit() and numeral[:1].isascii() and not _ZH_PLACED.search(numeral):
        return Decimal(numeral.replace(",", "").replace("，", ""))
    if numeral and all(char in _ZH_DIGITS for char in numeral):
        return Decimal("".join(str(_ZH_DIGITS[char]) for char in numeral))
    whole, point, fraction = numeral.partition("点")
    if point:
        integer = number(whole) if whole else None
        digits = "".join(str(_ZH_DIGITS.get(char, "x")) for char in fraction)
        return integer + Decimal(f"0.{digits}") if integer is not None and digits.isdigit() else None
    return _by_places(numeral) if numeral else None


def _by_places(numeral: str) -> Decimal | None:
    total = section = Decimal(0)
    digit: Decimal | None = None
    last_unit = 1
    for piece in _ZH_TOKEN.findall(numeral):
        if piece in "零〇":
            last_unit = 1
        elif piece in _ZH_TENS:
            section += _ZH_TENS[piece]
            last_unit = 10
        elif piece in _ZH_UNITS or piece in _LATIN_UNITS:
            unit = _ZH_UNITS.get(piece) or _LATIN_UNITS[piece]
            section += (Decimal(1) if digit is None else digit) * unit
            digit, last_unit = None, unit
        elif piece in _ZH_MYRIADS:
            unit = _ZH_MYRIADS[piece]
            here = section + (digit or 0)
            total = (total + here) * unit if unit > total > 0 else total + (here or 1) * unit
            section, digit, last_unit = Decimal(0), None, unit
        elif digit is not None:
            return None
        else:
            digit = Decimal(_ZH_DIGITS[piece]) if piece in _ZH_DIGITS else number(piece)
    if digit is not None:
        # 两万八 is 28000, 三千二 is 3200; 二十五 and 三千零二 are what they say.
        shorthand = last_unit > 10 and digit < 10 and digit == int(digit)  # noqa: PLR2004 - the decimal base
        section += digit * last_unit / 10 if shorthand else digit
    return total + section


def english_number(words: str) -> Decimal | None:
    """Return the value of English number words, or None when they name no number.

    Args:
        words: lower case, such as "twelve hundred", "a hundred and ninety-three", "three grand".
    """
    total = section = Decimal(0)
    seen = False
    for word in words.replace("-", " ").split():
        if word in _EN_SMALL or word in _EN_TENS:
            section += _EN_SMALL[word] if word in _EN_SMALL else _EN_TENS[word]
        elif word == "hundred":
            section = (section or Decimal(1)) * 100
        elif word in _EN_SCALES:
            total += (section or Decimal(1)) * _EN_SCALES[word]
            section = Decimal(0)
        elif word in {"and", "a"}:
            continue
        else:
            return None
        seen = True
    return total + section if seen else None


def english_ordinal(words: str) -> int | None:
    """Return 23 for "twenty-third", or None when the words are no ordinal up to the thirty-first."""
    *tens, last = words.replace("-", " ").split() or [""]
    value = _EN_ORDINALS.get(last)
    if value is None or len(tens) > 1:
        return None
    return value + _EN_TENS.get(tens[0], 0) if tens else value

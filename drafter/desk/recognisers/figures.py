"""Dates and amounts, which the model must see and by which nobody is known."""

from __future__ import annotations

import re

_NUMERALS = "零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖"
_SPELT = re.compile(f"[{_NUMERALS}\\d](?:[ \t-]?[{_NUMERALS}\\d]){{6,}}")
_SPELT_TO_DIGIT = str.maketrans(_NUMERALS, "00123456789" + "1" + "123456789")

_DATE = r"(?<!\d)(?:19|20)\d\d([-./])\d{1,2}\1\d{1,2}(?!\d)|(?<!\d)\d{1,2}([-./])\d{1,2}\2(?:19|20)?\d\d(?!\d)"
_CURRENCY = r"[$¥£€￥]|\b(?:RMB|CNY|USD|GBP)\b|人民币"
_AMOUNT = r"\d{1,10}(?:\.\d{1,2})?"
_UNIT = r"(?:万|亿)?(?:元|块|圆|美元|英镑|%|\b(?:k|dollars?|pounds?|yuan|bucks|usd|gbp|rmb|cny|per|a month)\b)|万|亿"
_TO = r"\s?[-–~至到]\s?"
# A number in several groups does not hide behind a currency sign or a unit.
_DATE_OR_AMOUNT = re.compile(
    rf"{_DATE}|(?:{_CURRENCY})\s?(?:{_AMOUNT}{_TO})?{_AMOUNT}(?!\d|[ -]\d)"
    rf"|(?<!\d)(?<!\d[ -])(?:{_AMOUNT}{_TO})?(?<!\d){_AMOUNT}\s?(?:{_UNIT})",
    re.IGNORECASE,
)


def without_figures(text: str) -> str:
    """Return a canonical text of the same length with dates and amounts blanked out and spelt digits as digits."""
    digits = _SPELT.sub(lambda match: match.group().translate(_SPELT_TO_DIGIT), text)
    return _DATE_OR_AMOUNT.sub(lambda match: "\n" * len(match.group()), digits)

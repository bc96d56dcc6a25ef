"""E-mail addresses, links, plates, passports, account names and days of birth."""

from __future__ import annotations

import re
from collections.abc import Iterator

from drafter.desk.recognisers import Hit, Kind

_EMAIL = re.compile(
    r"[A-Za-z0-9](?:[A-Za-z0-9._%+-]{0,63})\s?(?:@|[(\[]at[)\]])\s?"
    r"[A-Za-z0-9-]{1,63}(?:\s?(?:\.|[(\[]dot[)\]])\s?[A-Za-z0-9-]{2,63}){1,4}",
    re.IGNORECASE,
)
# A bare host names nobody; what follows it may.
_LINK = re.compile(
    r"(?:https?://|(?<![\w.@-]))[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,6}(?::\d+)?[/?#][\w/?#%&=.:;,@!$'()*+~-]*[\w/=-]",
    re.IGNORECASE | re.ASCII,
)
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_IS = r"\s?(?:号码?|ID|number|no\.?|#)?\s?(?:是|为|叫|就是|is|:|：|=)?\s?[\"“「]?"
_ALONE = "(?<![A-Za-z0-9])"
_END = "(?![A-Za-z0-9])"
_CODES: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("plate", re.compile(rf"[{_PROVINCES}][A-HJ-Z][\s·•-]?(?=[A-Z0-9]{{0,5}}\d)[A-HJ-NP-Z0-9]{{4,6}}[挂学警港澳]?")),
    ("plate", re.compile(rf"{_ALONE}[A-Z]{{2}}\d{{2}}\s?[A-Z]{{3}}{_END}")),
    (
        "plate",
        re.compile(
            rf"\b(?:licen[cs]e plates?|number plate|plate|registration|reg){_IS}"
            rf"(?P<value>(?=[A-Z0-9 -]{{0,7}}\d)[A-Z0-9]{{1,4}}[ -]?[A-Z0-9]{{2,4}}){_END}",
            re.IGNORECASE,
        ),
    ),
    # A National Insurance number: two letters, six digits, one letter (HMRC, NIM39110).
    ("id", re.compile(rf"{_ALONE}[A-Z]{{2}}(?:[ -]?\d{{2}}){{3}}[ -]?[A-D]{_END}", re.IGNORECASE)),
    ("id", re.compile(rf"{_ALONE}[A-Z]{{1,2}}\d{{7,9}}{_END}", re.IGNORECASE)),
    (
        "id",
        re.compile(
            r"(?:护照|通行证|身份证|驾驶证|驾照|passport|SSN|social security|driver'?s licen[cs]e|national insurance)"
            rf"{_IS}(?P<value>(?=[A-Z0-9-]{{0,11}}\d)[A-Z0-9][A-Z0-9-]{{5,17}})",
            re.IGNORECASE,
        ),
    ),
    (
        "account",
        re.compile(
            rf"(?:微信|{_ALONE}(?:wechat|weixin|v信|vx|wx)|支付宝|抖音|微博|{_ALONE}(?:alipay|venmo|paypal|telegram|skype"
            rf"|instagram)){_IS}(?P<value>@?[A-Z](?=[\w.-]{{0,19}}[\d_-])[\w.-]{{4,19}}|@[A-Z][\w.-]{{2,19}}"
            r"|(?<=[号是为叫:：=])[A-Z][\w-]{5,19}|\d{5,12})",
            re.IGNORECASE | re.ASCII,
        ),
    ),
    ("account", re.compile(rf"(?:{_ALONE}QQ|扣扣|企鹅号){_IS}(?P<value>\d{{5,12}})(?!\d)", re.IGNORECASE)),
    (
        "account",
        re.compile(
            r"(?:尾号|[末后]四位|\bending(?: in| with)?|\blast (?:4|four)(?: digits)?)"
            rf"(?:数字|号码)?{_IS}(?P<value>\d{{4}})(?!\d)",
            re.IGNORECASE,
        ),
    ),
    (
        "number",
        re.compile(
            rf"(?:账户?|账号|卡号|帐号|合同编?号?|工号|订单号?|account|card|loan|ref(?:erence)?|contract|case){_IS}"
            rf"(?P<value>(?=[A-Z-]{{0,8}}\d)[A-Z0-9][A-Z0-9-]{{5,24}}){_END}",
            re.IGNORECASE,
        ),
    ),
)
_HAS_CODE = re.compile(r"\d[A-Za-z\d]|[A-Za-z]\d|微信|支付宝|抖音|微博|@|wechat|weixin|v信|vx|wx", re.IGNORECASE)

_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DAY = (
    r"(?:(?:19|20)?\d\d\s?[-./年]\s?\d{1,2}(?:\s?[-./月]\s?\d{1,2}日?|月)|\d{1,2}月\d{1,2}[日号]|(?:19|20)\d{6}"
    r"|\d{1,2}[-./]\d{1,2}[-./](?:19|20)?\d\d"
    rf"|{_MONTH}\s\d{{1,2}}(?:st|nd|rd|th)?,?(?:\s(?:19|20)\d\d)?|\d{{1,2}}(?:st|nd|rd|th)?\s{_MONTH}(?:\s(?:19|20)\d\d)?)"
)
_BIRTH = re.compile(
    r"(?:生日|出生(?:日期|年月日?|时间)?|生于|\b(?:born(?: on| in)?|birthday|birth ?date|date of birth|d\.?o\.?b\.?))"
    rf"{_IS}(?P<after>{_DAY})(?!\d)|(?<!\d)(?P<before>{_DAY})(?=出?生(?:[的人，。,.\s]|$))",
    re.IGNORECASE,
)
_MAYBE_BIRTH = re.compile(r"生|born|birth|d\.?o\.?b", re.IGNORECASE)


def codes(plain: str) -> Iterator[Hit]:
    """Yield e-mail addresses, links, plates, passports, insurance numbers and account names that words introduce.

    Args:
        plain: canonical text without figures.
    """
    if "@" in plain or "at)" in plain or "at]" in plain:
        yield from (Hit(*match.span(), "email") for match in _EMAIL.finditer(plain))
    if "." in plain:
        yield from (Hit(*match.span(), "link") for match in _LINK.finditer(plain))
    if _HAS_CODE.search(plain):
        for kind, pattern in _CODES:
            for match in pattern.finditer(plain):
                yield Hit(*match.span("value" if "value" in pattern.groupindex else 0), kind)


def births(text: str) -> Iterator[Hit]:
    """Yield days of birth in a canonical text; every other date stays readable."""
    for match in _BIRTH.finditer(text) if _MAYBE_BIRTH.search(text) else ():
        yield Hit(*match.span(match.lastgroup or 0), "birth")

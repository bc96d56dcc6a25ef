"""Every amount, rate, date, duration, instalment count, phone number, account fragment and link that a text states."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Final, Literal

from guardrails.calendar import (
    EN_NEAR_WORDS,
    MONTH_NAMES,
    Leading,
    When,
    absolute_day,
    near_days_en,
    near_days_zh,
    spelled_day,
)
from guardrails.lexicon import Lexicon
from guardrails.numerals import (
    EN_NUMBER_WORDS,
    EN_ORDINAL_WORDS,
    ZH_DIGIT,
    ZH_NUMERAL,
    chinese_number,
    english_number,
)

Unit = Literal["hour", "day", "working-day", "week", "month", "year"]


@dataclass(frozen=True, slots=True)
class Amount:
    """Money; `value` is None where no single sum is named (几千元); `currency` is ISO 4217, "$" or None if unsaid."""

    start: int
    end: int
    value: Decimal | None
    currency: str | None


@dataclass(frozen=True, slots=True)
class Rate:
    """A share: 24 % is 0.24; `discount` for 八折 and "20% off", where `value` is what is left to pay or taken off."""

    start: int
    end: int
    value: Decimal
    discount: bool


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time; `leaning` is +1 for "more than", -1 for "nearly", 0 for exactly."""

    start: int
    end: int
    number: Decimal | None
    unit: Unit
    leaning: int = 0


@dataclass(frozen=True, slots=True)
class Instalments:
    """分6期, "6 instalments"."""

    start: int
    end: int
    number: int


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Phone:
    start: int
    end: int
    digits: str


@dataclass(frozen=True, slots=True)
class Identity:
    """A full identity, social security, national insurance, card or account number."""

    start: int
    end: int
    kind: Literal["identity", "account"]
    digits: str


@dataclass(frozen=True, slots=True)
class Fragment:
    """The last digits of an account."""

    start: int
    end: int
    digits: str


@dataclass(frozen=True, slots=True)
class Link:
    """A web or mail address; `host` in lower case without "www."."""

    start: int
    end: int
    host: str
    mail: bool


Quantity = Amount | Rate | Duration | Instalments | Clock | Phone | Identity | Fragment | Link | When

_CURRENCIES: Final = {
    "CNY": "元 块钱 块 圆 人民币 rmb cny yuan ￥ ¥".split(),
    "USD": "美元 美金 usd us$".split(),
    "GBP": "英镑 gbp £ pounds pound quid sterling".split(),
    "EUR": "欧元 eur euros euro €".split(),
    "HKD": "港元 港币 hkd hk$".split(),
    "JPY": "日元 jpy".split(),
    "$": "$ dollars dollar bucks".split(),
}
_CURRENCY_OF: Final = {word: code for code, words in _CURRENCIES.items() for word in words}
_SIGN: Final = "￥¥$£€"
_UNIT: Final = "|".join(
    sorted((rf"{word}\b" if word.isascii() else word for word in _CURRENCY_OF if word not in _SIGN), key=len, reverse=True)
)
_DIG: Final = r"\d(?:[\d,]*\d)?(?:\.\d+)?"
_SCALE: Final = r"百千万亿"
_HAN: Final = rf"[{ZH_DIGIT}十拾廿卅][{ZH_NUMERAL}\d]*(?:点[{ZH_DIGIT}]+)?"
_MIXED: Final = rf"{_DIG}(?:\s?[{_SCALE}][\d{ZH_NUMERAL}]*|\s?[kw](?![a-z]))?"
_VAGUE: Final = rf"(?:[几数]|上百?|好几|成)[十{_SCALE}]+|[{ZH_DIGIT}](?=[{ZH_DIGIT}][十{_SCALE}])"

# A letter that looks like a digit counts as one behind a currency sign: $4l2O.00.
_SIGNED: Final = re.compile(
    rf"(?P<sign>[{_SIGN}])\s?(?P<n>[\dlo][\dlo,]*(?:\.[\dlo]+)?)(?P<scale>\s?(?:[{_SCALE}][\d{ZH_NUMERAL}]*|[kw](?![a-z])"
    rf"|thousand|grand|hundred|million))?(?P<vague>\s?[多余几来]|\+)?"
)
_WITH_UNIT: Final = re.compile(
    rf"(?P<n>{_VAGUE}[{ZH_NUMERAL}]*|{_MIXED}|{_HAN})(?P<scale> (?:thousand|hundred|grand|million))?\s?(?P<vague>[多余几来]\s?)?"
    rf"(?P<unit>{_UNIT})(?!老|复)(?:(?P<dime>[{ZH_DIGIT}\d])角)?(?:零?(?P<cent>[{ZH_DIGIT}\d])分)?"
    r"(?: and (?P<cents>\d{1,2}) (?:cents|pence))?"
)
_SPACED: Final = re.compile(rf"(?P<n>\d(?:[ .]?\d){{2,9}})\s?(?P<unit>{_UNIT})")
_RATE: Final = re.compile(
    rf"(?:(?P<n>\d+(?:\.\d+)?)\s?(?P<sign>%|‰|percent\b|per ?cent\b|pct\b|个百分点)"
    rf"|(?P<base>[百千万])分之(?P<part>[{ZH_NUMERAL}]+(?:点[{ZH_DIGIT}]+)?|\d+(?:\.\d+)?)"
    rf"|(?P<fold>\d(?:\.\d+)?|\d\d|[{ZH_DIGIT}]{{1,2}})\s?折(?!叠|腾|磨|射|中|扣率|合|算|旧|损))"
    r"(?P<off>\s?(?:off|discount|reduction))?"
)
_LENGTH: Final = re.compile(
    rf"(?P<n>\d+(?:\.\d+)?|[{ZH_DIGIT}十廿卅][{ZH_NUMERAL}]*|[几数]十?)(?P<more>多|余|来)?[\s-]?(?P<half>个?半)?(?:个(?P<more2>多)?)?\s?"
    r"(?P<unit>工作日|working days?|business days?|小时|钟头|hours?|hrs?|天|日(?!息|元)|days?|周(?!年)|星期|礼拜|weeks?|wks?"
    r"|(?<=个)半?月|(?<=多)月|月(?=[内后])|months?|mths?|年(?!\d|[度化利底末])|years?|yrs?)(?![a-z])(?:之?内)?"
)
_TERMS: Final = re.compile(
    rf"(?P<n>\d+|[{ZH_DIGIT}十][{ZH_NUMERAL}]*)[\s-]?(?:个?期(?!间|限|待|望|望)|(?:equal |monthly |interest-free |weekly )*"
    r"(?:instal?lments?|payments?)\b)"
)
_CLOCK: Final = re.compile(
    rf"(?:\d{{1,2}}(?::\d\d)?\s?(?:[ap]\.?m\b\.?|o'clock)|\d{{1,2}}:\d\d|(?:\d{{1,2}}|[{ZH_DIGIT}十]{{1,3}})(?:点(?!击|开|数|滴)半?|时(?!候|间|常|刻)))"
)
_PHONE: Final = re.compile(
    r"(?:\+\d{1,3}[\s-]?(?:\(\d{1,4}\)[\s-]?)?\d{2,4}(?:[\s-]?\d{3,4}){1,3}|1[3-9]\d[\s-]?\d{4}[\s-]?\d{4}|[48]00[\s-]?\d{3,4}[\s-]?\d{3,4}"
    r"|(?:1[\s.-])?(?:\(\d{3}\)\s?|\d{3}[\s.-])\d{3}[\s.-]\d{4}|0\d{2,4}[\s-]\d{3,8}(?:[\s-]\d{3,4})?|0\d{9,11}|116[\s-]?123"
    r"|\d{3}-\d{4}|1?\d{10})(?![\d%])"
)
_IDENTITY: Final = re.compile(
    r"(?P<cn>\d{6}(?:19|20)\d{2}[01]\d[0-3]\d{4}[\dx])|(?P<ssn>\d{3}[- ]\d{2}[- ]\d{4}(?!\d))"
    r"|(?P<card>\d(?:[ -]?\d){12,19}(?!\d))"
)
_NINO: Final = re.compile(r"\b[a-ceghj-pr-tw-z][a-z] ?\d{2} ?\d{2} ?\d{2} ?[a-d]\b")
_PLAIN: Final = re.compile(rf"{_MIXED}(?P<vague>[多余几来]|\+)?|{_VAGUE}[{ZH_NUMERAL}]*|{_HAN}[多余几]?")
_COUNTER: Final = re.compile(
    r"\s?(?:[个人名户家次位条份步项天字种款号页层岁度秒类本张件笔封通遍级楼点期]|分钟|公里|working|business|minutes?|times?|people|steps?|"
    r"calls?|letters?|messages?|questions?|options?|ways?|things?|digits?|more|of)"
)
_LEFT: Final = re.compile(
    r"(?P<currency>人民币|rmb|cny|usd|gbp|eur|hkd|us|美元|英镑|ca)[:：\s]?$"
    r"|(?P<tail>尾号|末四位|后四位|尾数|ending(?: in| with)?|ends in|last (?:four|4)(?: digits)?(?: of)?|digits)(?:是|为|[:：,]|\s(?:are|is|with|in))?\s?$"
    r"|(?P<secret>身份证(?:号码?|件号)?|社保号?|ssn|social security(?: number| no\.?)?|national insurance(?: number)?|卡号|银行卡|账号|账户|"
    r"card number|sort code|account (?:number|no\.?))(?:是|为|[:：#]|\s(?:is|ending))?\s?$"
    r"|(?P<call>拨打|致电|来电|回电|热线|电话|手机号?|短信至?|微信号?|客服|号码|call(?: us)?(?: (?:on|at|back on))?|text(?: us)?|dial|phone|tel|ring|"
    r"line|helpline|hotline|reach (?:us|me) (?:on|at)|number(?: is)?|at)(?:是|为|[:：.（(\s]|即)?\s?$"
    r"|(?P<sum>应还|欠款?|未还|金额|余额|共计|合计|总计|总共|总额|支付|付款|还款|还|付|缴纳?|补|收取|加收|加|费用?|息|本金|减免|免除|免|每期|每月|最低|首付|"
    r"owe[sd]?(?: us)?|owing|balance(?: of| is)?(?: now)?|pay(?:ing|ment of)?|amount(?: of| is)?|total(?: of| is)?|sum of|settle (?:for|at)|fees? of|"
    r"charge(?:s|d)?(?: of)?|for just|minimum(?: of| is)?|due is)(?:了|为|是|约|共|至少|大概|大约|差不多|近|超过|达|到|计|[:：]|\s(?:is|about|around|"
    r"roughly|of|just|only|approximately|nearly|over|at least|exactly))*\s?$"
)
_ROUND: Final = re.compile(rf"^(?:(?:{_DIG})\s?[千万kw]|(?:[{ZH_DIGIT}十][{ZH_NUMERAL}]*)?[百千万][{ZH_NUMERAL}]*|[几数上][{_SCALE}]+)[多余几]?$")
_LINK_DOT: Final = re.compile(
    r"\.(?=(?:com|cn|net|org|gov|edu|info|biz|top|xyz|vip|cc|me|io|co|uk|us|app|site|online|shop|club|pro|link|live|ltd|ink|"
    r"example|test|invalid|ru|tk|ml|hk|tw|ly|gl|to|page|pay|finance|money|work|fun|icu|la|li|gd|in|im|dev|ai|tv|eu|de|fr|"
    r"int|law|loan|bank|support|help|services|group|world|store|website|space|tech)(?![a-zA-Z-])(?!\.\s))",
    re.ASCII,
)
_HOST_LEFT: Final = re.compile(r"(?:https?://)?(?P<user>[\w.+-]+@)?(?P<host>[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)*)$", re.ASCII)
_HOST_RIGHT: Final = re.compile(r"(?:\.[a-z]{2,})+(?::\d+)?(?:/[\w./?=&%#~+-]*)?", re.ASCII)
_SCHEME: Final = re.compile(r"https?://[^\s，。）]+", re.ASCII)
_NUMBER_START: Final = re.compile(rf"[\d{_SIGN}+({ZH_NUMERAL}几数上]")
_ASCII_START: Final = re.compile(rf"[\d{_SIGN}+(]", re.ASCII)
_NUMBER_RUN: Final = re.compile(rf"[\d{ZH_NUMERAL}][\d,{ZH_NUMERAL}]*|.")

"""The signs, units and words beside a number that tell what it counts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Literal

from guardrails.numerals import ARABIC, EN_NUMBER_WORDS, ZH_DIGIT, ZH_NUMERAL, ZH_UNIT

Unit = Literal["hour", "working-day", "day", "week", "month", "year"]

_CURRENCIES: Final[Mapping[str, str]] = {
    "CNY": "元 块钱 块 圆 人民币 rmb cny yuan",
    "USD": "美元 美金 usd us$",
    "GBP": "英镑 gbp £ pounds pound quid sterling pence p",
    "EUR": "欧元 eur euros euro €",
    "HKD": "港元 港币 hkd hk$",
    "JPY": "日元 jpy",
    "$": "$ dollars dollar bucks cents cent",
    "¥": "¥ ￥",
}
CURRENCY_OF: Final = {word: code for code, words in _CURRENCIES.items() for word in words.split()}
HUNDREDTHS: Final = frozenset({"pence", "p", "cents", "cent"})
_SIGNS: Final = "¥￥$£€"
UNITS: Final[Mapping[str, Unit]] = {
    "小": "hour", "钟": "hour", "ho": "hour", "hr": "hour", "工": "working-day", "wo": "working-day",
    "bu": "working-day", "天": "day", "日": "day", "da": "day", "周": "week", "星": "week", "礼": "week", "we": "week",
    "月": "month", "mo": "month", "年": "year", "ye": "year",
}  # fmt: skip

START: Final = re.compile(rf"[\d{_SIGNS}{ZH_NUMERAL}几数上]")
ASCII_START: Final = re.compile(rf"[\d{_SIGNS}]", re.ASCII)
# A letter that looks like a digit counts as one behind a currency sign: $4l2O.00.
NUMBER: Final = re.compile(
    rf"(?:(?P<sign>[{_SIGNS}])\s?)?(?P<n>(?(sign)\d[\d,.]*[lo][\dlo,.]*[\dlo](?![a-z])|(?!))"
    rf"|{ARABIC}(?:\s?[{ZH_UNIT}][\d{ZH_NUMERAL}]*|\s?[kw](?![a-z]))?|[{ZH_NUMERAL}]+(?:点[{ZH_DIGIT}]+)?"
    rf"|(?P<vague>(?:[几数]|上)[{ZH_UNIT}]+))"
)
UNIT: Final = re.compile(
    r"(?P<more>\s?[多余来几]|\+)?\s?"
    r"(?:(?P<scale>thousand|hundred|grand|million)?[\s-]?(?P<money>元(?!旦)|块钱|块(?![儿头])|圆|人民币|美元|美金|英镑|欧元|港[元币]|日元"
    r"|(?:rmb|cny|usd|gbp|eur|hkd|yuan|dollars?|bucks|pounds?|quid|sterling|euros?|pence|cents?|(?<=\d)p)(?![a-z]|\.m))"
    r"|(?P<grand>grand\b)"
    r"|(?P<share>%|‰|percent\b|per ?cent\b|pct\b|个?百分点)"
    r"|(?P<fold>折(?![叠腾磨射中合算旧损扣]))|(?P<tenth>成(?=[，。的]|利息|本金|欠款|$))"
    r"|(?P<half>个?半)?个?(?P<more2>多)?[\s-]?(?P<time>工作日|working days?|business days?"
    r"|小时|钟头|hours?\b|hrs?\b|天(?![然气])"
    r"|日(?=之?[内后]|以[内后]|左右|[，。]|$)|days?\b|周(?!年)|星期|礼拜|weeks?\b|(?<=[个半多])月|months?\b|年(?![度利化底末])|years?\b)"
    r"|个?(?P<terms>期(?![间限待望货刊])|(?:more |equal |monthly |weekly |missed |late |overdue |interest-free )*"
    r"(?:instal?lments?\b|payments?\b)))"
)
CENTS: Final = re.compile(
    rf"(?<=块)(?P<tail>[{ZH_DIGIT}\d])(?![{ZH_NUMERAL}\d])"
    r"|(?<=s) and (?P<cents>[a-z0-9-]+(?: [a-z]+)?) (?:cents|pence)\b"
    rf"|(?:(?P<dime>[{ZH_DIGIT}\d])角)?(?:零?(?P<cent>[{ZH_DIGIT}\d])分(?!之|期))?"
)
OF: Final = re.compile(rf"(?P<base>[百千万])分之(?P<part>[{ZH_NUMERAL}]+(?:点[{ZH_DIGIT}]+)?|\d+(?:\.\d+)?)")
SCALE: Final = re.compile(r"\s(thousand|hundred|million)\b")
BASES: Final = {"百": 100, "千": 1000, "万": 10_000}
WORD: Final = re.compile("[a-z]+")
EN_WORDS: Final = frozenset(EN_NUMBER_WORDS)
_EN_WORD: Final = "|".join(sorted(EN_NUMBER_WORDS, key=len, reverse=True))
EN_NUMBER: Final = re.compile(rf"(?:{_EN_WORD})\b(?:[ -](?:and )?(?:{_EN_WORD})\b)*")
CODE_ENDS: Final = frozenset("币镑元bydprkd :：")
CODE_BEFORE: Final = re.compile(r"(?P<code>人民币|rmb|cny|usd|gbp|eur|hkd|美元|英镑)[:：\s]?$")
SUM_BEFORE: Final = re.compile(
    r"(?:应还|欠款?|未还|金额|余额|共计|合计|总[计共额]|支付|付款|[还付补收缴]|缴纳|收取|加收|费用?|[利罚]息|本金|减免|免除|每[期月]|最低|首付"
    r"|\bowe[sd]?(?: us)?|owing|balance(?: of)?|\bpay(?:ing|ment of|ments of)?|\bamount(?: due| of)?|\btotal(?: of)?"
    r"|sum of|\bfees? of|\bcharged?|minimum(?: of| payment)?|settle (?:for|at)|\bfor just)"
    r"(?:了|为|是|约|共|到|至少|大概|大约|差不多|只需|仅需|[:：]|\s(?:is|now|about|around|of|just|only|exactly|nearly|over|least|at))*\s?$"
)
# The characters and words with which SUM_BEFORE can end, so that it is seldom asked.
SUM_ENDS: Final = frozenset("还款欠额计付补收缴纳取加费用息金免除期月低了为是约共到少概需：:")
LAST_WORD: Final = re.compile(
    r"\b(?:owe[sd]?|us|owing|balance|of|pay|paying|amount|due|total|for|at|charged?|minimum|payment|is|now|about|around|just"
    r"|only|exactly|nearly|over|least)$"
)
NO_SUM_AFTER: Final = re.compile(
    r"\s?(?:[个人名户家次位条份步项天字种款号页层岁度秒类张件笔封通遍级点楼期年月日周/:-]|\d|[一二三四五六七八九]|分[钟期之]|部分|[大小]半|半|些|点儿|下子?|笔"
    r"|(?!a month|each|per|now|today|by|to|and|or|this|next|every|in full|on|before|total|then|so|if|will|is"
    r"|for|which)[a-z])"
)
ROUND: Final = re.compile(
    rf"[{ZH_DIGIT}十\d][{ZH_NUMERAL}\d]*[百千万][{ZH_NUMERAL}\d]*$|(?!401k)\d+(?:\.\d+)?\s?[kw千万]$"
)
ROUND_AFTER: Final = re.compile(
    r"(?:[多余几来])?(?:吧|左右|上下|出头|打底|整|去了|的准备|基本|就够|就能|上|是|[，。,.；;！!？?]|了|还|$|\s)"
)
LOOKS_LIKE_MONEY: Final = re.compile(r"\d{1,3}(?:[,，]\d{3})+(?:\.\d\d)?$|\d{3,}\.\d\d$")
SECTION_BEFORE: Final = re.compile(r"(?:cfr|usc|conc|§|art\.?|section|reg\.?|gb/t|第|[\d.-])\s?$")
MORE_BEFORE: Final = re.compile(r"(?:超过|多于|逾|over|more than|above)\s?$")

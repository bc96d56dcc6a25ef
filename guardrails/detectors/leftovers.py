"""What a draft must not carry out of the workshop: unfilled slots, placeholders, meta text, markup, another language.

All of it is `injection-compliance`: that rule covers meta text and unfilled placeholders, and an answer in a language
nobody asked for is what a hidden instruction produces.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from guardrails.detectors import Check, Hit, Reasons
from guardrails.model import Facts

RULE: Final = "injection-compliance"

SENTENCE_BY_SENTENCE: Final = True
REASONS: Reasons = {
    "slot": {
        "zh": "“{quote}”是没有填上的空位，请换成真实内容或删去。",
        "en": "“{quote}” is a slot that was not filled; put in the real words or remove it.",
    },
    "meta": {
        "zh": "“{quote}”是写给审核人的话，不是写给客户的，请删去。",
        "en": "“{quote}” talks about the draft instead of to the customer; remove it.",
    },
    "markup": {
        "zh": "“{quote}”是排版或程序的残留，客户会原样看到，请删去。",
        "en": "“{quote}” is markup that the customer would see as it stands; remove it.",
    },
    "language": {
        "zh": "这里没有使用客户的语言，请改写成中文。",
        "en": "This is not in the customer's language; write it in English.",
    },
}

_BLANK: Final = (
    r"(?:(?:您|你|客户|债务人|贵行|机构|公司|银行|催收员|坐席|专员)的?)?"
    r"(?:姓名|名字|名称|金额|日期|电话|号码|热线|链接|时间|地址|尾号|天数|渠道|网址)|客户|债务人|机构|署名|签名|称呼|落款"
)
_TO_FILL: Final = r"(?:请|此处)?(?:填写|填入|插入|补充)[^】\]〕）)\n]*|占位符?|待[填补定][^】\]〕）)\n]*"
# How WeChat writes its emoji in plain text.
_FACES: Final = "抱拳|微笑|握手|合十|愉快|拥抱|爱心|玫瑰|太阳|咖啡|强|OK|加油|可怜|流泪|心|鲜花|憨笑|呲牙|捂脸"
# These look at the text as given: between Chinese characters, normalising takes ___ and ** away.
_SYMBOL: Final = re.compile(r"[{}\[［【〔（(<＜×ＸｘXx_＿某`*&|\\%$\"]")
_AT_SYMBOL: Final = re.compile(
    r"(?P<slot>\{+(?!\s?\")[^{}\n]{0,60}\}*|\}+|\$\{|%\([a-z_]+\)s|%s\b"
    rf"|[\[［](?!(?:{_FACES})[\]］])[^\]］\n]{{0,60}}?[A-Za-z\u4e00-\u9fff][^\]］\n]{{0,60}}[\]］]"
    rf"|[【〔]\s*(?:{_BLANK}|{_TO_FILL})\s*[】〕]|[（(](?:{_TO_FILL})[）)]"
    r"|[<＜](?!/|br|p>|b>|i>|div|span|\|)[a-z\u4e00-\u9fff][\w ]{1,30}[>＞]"
    r"|(?<![A-Za-z0-9*])(?:[XＸ×]{2,}(?![A-Za-z0-9*])|[XＸ×](?=\s?[元年月日号天期%]))"
    r"|[_＿](?:\s?[_＿])+|某某)"
    r"|(?P<markup>```|`[^`\n]+`|\*\*[^*\n]+\*\*|__[^_\n]+__|\{\s?\"|\"(?:reply|text|draft|response|content)\"\s?:"
    r"|</?(?:p|br|div|b|strong|i|em|ul|ol|li|span|html|body|h\d|a)\b[^>\n]*>|&(?:nbsp|amp|lt|gt|quot);"
    r"|<\|\w+\|>|<</?sys>>|\\n)",
    re.IGNORECASE,
)
_NAMES: Final = re.compile(
    rf"\b(?:{'|'.join(sorted(name for name in Facts.model_fields if '_' in name))}|offer_\d|official_channel)\b"
)
_BLANK_WORD: Final = re.compile(
    r"(?:todo|tbd|fixme|lorem ipsum|null(?! and void)|undefined|insert (?:\w+ )?(?:name|amount|date|number))\b"
)
_LINE: Final = re.compile(r"^[ \t]*", re.MULTILINE)
_AT_LINE: Final = re.compile(
    r"(?P<markup>#{1,6}\s|(?:-{3,}|={3,}|\*{3,})\s*$)"
    r"|(?P<meta>(?:agent|assistant|system|user|customer|debtor|collector|bot|ai"
    r"|客服|坐席|助手|用户|客户|债务人|催收员|专员|系统)"
    r"\s?[:：](?!\s?[\d+(]|\s?\w*\.\w)"
    r"|(?:建议)?(?:回复|草稿|答复|正文)(?:内容|如下|建议|示例)?\s?[:：]"
    r"|(?:sure|certainly|of course|absolutely)[,!.]? here\b"
    r"|(?:draft|suggested|proposed|final)?\s?(?:reply|response|draft)\s?:)",
    re.IGNORECASE | re.MULTILINE,
)
_META_ZH: Final = re.compile(
    r"(?:以下|下面|上面|以上|上述)(?:是|为|就是)?[^，。：:\n]{0,14}"
    r"(?:回复|草稿|答复|回信|话术|文案|版本|示例)(?:内容|建议)?(?=[：:，。\n]|$)"
    r"|(?:回复|草稿)(?:内容)?如下|这是(?:一[封份条段]|为您|给您)[^，。]{0,10}(?:回复|草稿|答复)"
    r"|(?:这[段条封份]|该|上述)(?:回复|草稿|话术)(?:体现|遵循|符合|避免|旨在|保持|没有|使用|采用|表达)"
    r"|希望(?:这[段条封份]|该)(?:回复|草稿)|如需(?:进一步)?(?:调整|修改)(?:语气|内容|措辞)?"
    r"|(?:注|备注|说明)[:：](?:以上|此|本|这|该)(?:回复|草稿|内容)|[（(](?:约|共)?\d+个?字[)）]"
    r"|根据(?:您|你)?(?:提供|给出)的(?:提示|指令|设定|信息生成)|(?:系统|我的)提示词?(?:是|为|如下|[:：])"
    r"|我的(?:指令|设定)(?:是|为|如下|[:：])"
)
_META_EN: Final = re.compile(
    r"here(?:'s| is| are) (?:an?|the|my|your|one) (?:[\w-]+,? ){0,4}?(?:draft|reply|response|message|version|rewrite)\b"
    r"(?=[^.\n]{0,40}:|\s*$)"
    r"|th(?:is|e above) (?:reply|draft|response) (?:keeps|follows|avoids|aims|acknowledges|shows"
    r"|demonstrates|uses|maintains)\b"
    r"|let me know if you(?:'d| would)? (?:like|want|need) (?:me to )?(?:(?:any|a|another) )?"
    r"(?:adjust|chang|revis|edit|rewrit|shorten|version|tweak)\w*"
    r"|note: (?:this|the) (?:reply|draft|response)\b|\(\d+ words\)"
    r"|(?:my|the) (?:system prompt|system message|instructions) (?:is|are|says?|tells? me|reads?)\b|system prompt:"
)
_AS_AN_AI: Final = re.compile(
    r"as an? (?:ai|artificial intelligence|(?:large )?language model|chatbot)\b"
    r"|作为(?:一[个名款])?(?:ai|人工智能|语言模型|大模型|机器人)|i(?:'m| am) (?:just )?an? (?:ai )?language model\b"
    r"|我(?:是|只是)(?:一个)?(?:大?语言|大)模型"
)
_ASKED_WHO: Final = re.compile(r"\bai\b|人工智能|机器人|真人|\b(?:ro|chat)?bot\b|human|real person|machine|automat")

_HAN_RUN: Final = re.compile(r"[\u3400-\u9fff](?:[，。！？、；：“” \d]{0,3}[\u3400-\u9fff]){3,}")
_LATIN_RUN: Final = re.compile(r"(?<![a-z'’-])[a-z][a-z'’-]*(?:[ ,;:.!?$£\d]+[a-z'’-]+){3,}")
_ENGLISH: Final = re.compile(
    r"\b(?:the|you|your|we|our|to|is|are|be|will|please|and|of|not|pay|have|this|that|for|with|it|can)\b"
)
_OTHER_SCRIPT: Final = re.compile(r"[\u0370-\u1fff\u3040-\u30ff\uac00-\ud7af]{2,}")
_ENGLISH_WORDS: Final = 2


def find(check: Check) -> Iterator[Hit]:
    """Yield every stretch that was left over from the making of the text."""
    yield from _symbols(check)
    canonical = check.canonical
    patterns = [_META_ZH, _META_EN, _BLANK_WORD]
    if not (check.inbound and _ASKED_WHO.search(check.inbound.folded)):
        patterns.append(_AS_AN_AI)
    for pattern in patterns:
        for match in pattern.finditer(canonical.folded):
            if not _inside_word(canonical.folded, match):
                yield Hit(RULE, *canonical.span(*match.span()), "slot" if pattern is _BLANK_WORD else "meta")
    for start, end in _foreign(check):
        yield Hit(RULE, *canonical.span(start, end), "language")


def _symbols(check: Check) -> Iterator[Hit]:
    text = check.text
    place = 0
    for symbol in _SYMBOL.finditer(text):
        match = _AT_SYMBOL.match(text, symbol.start()) if symbol.start() >= place else None
        if match and not _in_facts(check, match.group()):
            place = match.end()
            yield Hit(RULE, *match.span(), match.lastgroup or "slot")
    if "_" in text:
        for match in _NAMES.finditer(text):
            yield Hit(RULE, *match.span(), "slot")
    for line in _LINE.finditer(text):
        match = _AT_LINE.match(text, line.end())
        if match:
            yield Hit(RULE, *match.span(), match.lastgroup or "meta")


def _foreign(check: Check) -> Iterator[tuple[int, int]]:
    """Yield every stretch of the canonical text that is written in another language than the reply should be."""
    text = check.canonical.folded
    if check.lang == "zh":
        for run in _LATIN_RUN.finditer(text):
            if len(set(_ENGLISH.findall(run.group()))) >= _ENGLISH_WORDS and not _in_facts(check, run.group()):
                yield run.span()
    elif not text.isascii():
        for run in _HAN_RUN.finditer(text):
            if not _in_facts(check, run.group()):
                yield run.span()
    if not text.isascii():
        for run in _OTHER_SCRIPT.finditer(text):
            if not _in_facts(check, run.group()):
                yield run.span()


def _inside_word(text: str, match: re.Match[str]) -> bool:
    before = text[match.start() - 1 : match.start()] if match.start() else ""
    return before.isascii() and before.isalnum() and text[match.start()].isascii()


def _in_facts(check: Check, words: str) -> bool:
    """Tell whether the words stand in a fact, such as a name in another script; then they are no leftover."""
    facts = check.facts
    names = (facts.institution, facts.creditor, facts.debtor_name, facts.agent_name, facts.legal_action_note)
    stated = (*names, *facts.authorised_offers, *facts.official_channels, *facts.actions_taken)
    return any(fact is not None and words.lower() in fact.lower() for fact in stated)

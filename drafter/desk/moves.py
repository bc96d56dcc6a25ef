"""Which of the house's moves a reply makes: identify, acknowledge, concern, question, position, next step."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from guardrails.model import Facts, Language

MOVES = ("identify", "acknowledge", "concern", "question", "position", "next_step")
"""In the order in which a reply makes them."""

_DAY: Mapping[Language, str] = {
    "zh": r"(?:\d+月\d+日|\d+号|明天|后天|[本下这]?周[一二三四五六日天]|月底|\d+天内)",
    "en": (
        r"(?:\d{1,2}(?:st|nd|rd|th)?\s+(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)"
        r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w*\.?\s+\d{1,2}"
        r"|tomorrow|(?:mon|tues|wednes|thurs|fri|satur|sun)day|within \w+ (?:working )?days)"
    ),
}
_CUES: Mapping[Language, Mapping[str, re.Pattern[str]]] = {
    "zh": {
        "identify": re.compile(r"我是|这里是|【[^】]+】|[行司]的\S{1,4}[，。]"),
        "acknowledge": re.compile(r"谢谢|感谢|收到您|得知|听到您|听到了|了解到|听明白|知道了|记下|您提到|您说"),
        "concern": re.compile(
            r"理解|体谅|能体会|不容易|难处|辛苦|保重|抱歉|不好意思|着急|心里|担子|压力|难关|不好过|难受|费心|不轻|磨人"
            r"|祝|希望.{0,14}(?:好|顺利|康复|机会|到手|过去)|关心|困难|别慌|愿意听|踏实"
        ),
        "question": re.compile(r"[？?]|方便说说|能否告诉|请问"),
        "position": re.compile(r"应还|账户显示|账户的具体情况|账单|还款日|逾期|如实反映|核对"),
    },
    "en": {
        "identify": re.compile(
            r"\b(?:this is|it's|i am|i'm|my name is|writing from|on behalf of|here from)\b", re.IGNORECASE
        ),
        "acknowledge": re.compile(
            r"\b(?:thank|thanks|i hear|i can hear|i see|i understand|you (?:mention|told|said))", re.IGNORECASE
        ),
        "concern": re.compile(
            r"\b(?:sorry|i hope|understand|difficult|hard|tough|worr\w+|appreciate|a lot on|exhausting|stretched"
            r"|wearing|burden|upset|shock|stressful|frustrat\w+|i can hear|weigh\w*|squeeze)\b",
            re.IGNORECASE,
        ),
        "question": re.compile(r"\?"),
        "position": re.compile(
            r"\b(?:account|balance|due|pass on|overdue|past due|statement|payment you mention)\b", re.IGNORECASE
        ),
    },
}
_NEXT: Mapping[Language, re.Pattern[str]] = {
    "zh": re.compile(r"联系|沟通|跟进|回访|回复|问候|答复|落实|说明"),
    "en": re.compile(
        r"\b(?:in touch|follow up|get back to you|contact you|check in|call you|reply|update)\b", re.IGNORECASE
    ),
}
_SENTENCES: Mapping[Language, re.Pattern[str]] = {
    "zh": re.compile(r"[^。！？!?\n]+"),
    "en": re.compile(r"(?:[^.!?\n]|\.(?=\S))+"),
}


def moves(text: str, *, lang: Language, facts: Facts) -> tuple[str, ...]:
    """Return the moves a reply makes, in the house's order.

    Args:
        text: the reply, slots filled.
        lang: its language.
        facts: a reply that names the institution identifies the writer in any wording.
    """
    made = {name for name, cue in _CUES[lang].items() if cue.search(text)}
    if facts.institution and facts.institution in text:
        made.add("identify")
    if any(_NEXT[lang].search(sentence) for sentence in _dated(text, lang)):
        made.add("next_step")
    return tuple(move for move in MOVES if move in made)


def _dated(text: str, lang: Language) -> Iterator[str]:
    """Yield the sentences that name a day to come; a due date alone is no step."""
    day = re.compile(_DAY[lang], re.IGNORECASE)
    yield from (match[0] for match in _SENTENCES[lang].finditer(text) if day.search(match[0]))

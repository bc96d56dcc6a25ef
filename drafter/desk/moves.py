"""Which of the house's moves a reply makes: identify, thank, concern, question, position, next step."""

from __future__ import annotations

import re
from collections.abc import Mapping

from guardrails.model import Facts, Language

# In the order in which a reply makes them.
_MOVES: Mapping[Language, Mapping[str, re.Pattern[str]]] = {
    "zh": {
        "identify": re.compile(r"我是|这里是|【[^】]+】|[行司]的\S{1,4}[，。]"),
        "acknowledge": re.compile(r"谢谢|感谢|收到|得知|听到|了解到|明白|知道了|记下|您提到|您说"),
        "concern": re.compile(r"理解|体谅|不容易|难处|辛苦|保重|抱歉|祝|希望.{0,12}(?:好|顺利|康复)|关心|困难"),
        "question": re.compile(r"[？?]|方便说说|能否告诉|请问"),
        "position": re.compile(r"应还|账户显示|账单|还款日|逾期|如实反映|核对"),
        "next_step": re.compile(r"(?:再|会|将)?.{0,6}(?:与您|和您|跟您|给您)?(?:再次)?(?:联系|沟通|跟进|回访|回复)"),
    },
    "en": {
        "identify": re.compile(r"\b(?:this is|i am|i'm|my name is|writing from|on behalf of)\b", re.IGNORECASE),
        "acknowledge": re.compile(
            r"\b(?:thank|thanks|i hear|i see|i understand|you (?:mention|told|said))", re.IGNORECASE
        ),
        "concern": re.compile(r"\b(?:sorry|hope|understand|difficult|hard|tough|care)\b", re.IGNORECASE),
        "question": re.compile(r"\?"),
        "position": re.compile(r"\b(?:account|balance|due|pass on your request|overdue|past due)\b", re.IGNORECASE),
        "next_step": re.compile(
            r"\b(?:in touch|follow up|get back to you|contact you|check in|call you)\b", re.IGNORECASE
        ),
    },
}


def moves(text: str, *, lang: Language, facts: Facts) -> tuple[str, ...]:
    """Return the moves a reply makes, in the house's order.

    Args:
        text: the reply, slots filled.
        lang: its language.
        facts: a reply that names the institution identifies the writer in any wording.
    """
    made = [name for name, cue in _MOVES[lang].items() if cue.search(text)]
    if "identify" not in made and facts.institution and facts.institution in text:
        made.insert(0, "identify")
    return tuple(made)

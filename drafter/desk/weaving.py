"""A small model's answer -> the passage of the reply that it writes."""

from __future__ import annotations

import re
from typing import Final

from guardrails.model import Language

_LABEL: Final = re.compile(r"^\s*(?:【[^】\n]{0,12}】|\[[^\]\n]{0,20}\])\s*")
_GREETING: Final = re.compile(
    r"^(?:[^，。！,!?？]{0,10}您好|(?:hello|hi|dear)\b[^,.!]{0,30})[，。！,.!]\s*", re.IGNORECASE
)
_SENTENCE: Final = re.compile(r"[^。！？!?…\n]*?(?:[。！？!?…]+[”’\"]?|\.(?=\s|$)|\n|$)")
_WRAPPED: Final = ' \n\t"“”«»'
_QUESTION_MARKS: Final = ("?", "？")
_MOST_SENTENCES: Final = 2


def passage(answer: str, *, lang: Language) -> str:
    """Return what of an answer belongs into the reply: two sentences at most, none of them a question.

    The house greets, asks and ends in its own words; nothing is returned where the answer holds no more than that.
    """
    text = _GREETING.sub("", _LABEL.sub("", answer.strip(_WRAPPED)))
    sentences = [sentence for match in _SENTENCE.finditer(text) if (sentence := match[0].strip())]
    told = [sentence for sentence in sentences if not sentence.endswith(_QUESTION_MARKS)][:_MOST_SENTENCES]
    if not told:
        return ""
    joined = ("" if lang == "zh" else " ").join(told)
    if joined[-1] in "。！!.…":
        return joined
    return joined.rstrip("，,、;；") + ("。" if lang == "zh" else ".")

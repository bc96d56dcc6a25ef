"""A small model's answer -> the passage of the reply that it writes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher
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
_WORD: Final[Mapping[Language, re.Pattern[str]]] = {"zh": re.compile(r"[\u3400-\u9fff]"), "en": re.compile(r"[a-z']+")}
_BORROWED: Final[Mapping[Language, int]] = {"zh": 8, "en": 6}
"""Characters of Chinese, words of English in a row that no one writes by chance."""


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


def parrots(text: str, *, told: Iterable[str], own: Iterable[str], lang: Language) -> bool:
    """Tell whether a passage repeats its prompt: an instruction, or what was said to somebody else in an example.

    Args:
        text: the passage.
        told: what the model was told.
        own: what it may repeat all the same: the house's phrases.
        lang: the language of all.
    """
    written = _words(text, lang)
    allowed = [" ".join(_words(phrase, lang)) for phrase in own]
    for one in told:
        for block in SequenceMatcher(None, written, _words(one, lang), autojunk=False).get_matching_blocks():
            run = " ".join(written[block.a : block.a + block.size])
            if block.size >= _BORROWED[lang] and not any(run in phrase for phrase in allowed):
                return True
    return False


def _words(text: str, lang: Language) -> list[str]:
    return _WORD[lang].findall(text.lower())

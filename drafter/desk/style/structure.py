"""The checks of style that no word gives away: what is missing, how long, how many questions, whose words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

from drafter.desk.moves import MOVES, moves
from guardrails.model import Facts, Language

NAMES: Final[Mapping[str, Mapping[Language, str]]] = {
    "identify": {"zh": "说明您是哪家机构的谁", "en": "who writes and for whom"},
    "acknowledge": {"zh": "谢过或回应客户说的话", "en": "thanks or an answer to what was said"},
    "concern": {"zh": "对客户处境的关心", "en": "concern for what was said"},
    "question": {"zh": "一个引导的问题", "en": "one guiding question"},
    "position": {"zh": "账户的真实情况", "en": "where the account truly stands"},
    "next_step": {"zh": "写明日期的下一步", "en": "a next step with its date"},
}
"""What each move is called when it is missing."""

LONGEST: Final[Mapping[Language, int]] = {"zh": 280, "en": 170}
"""Characters of Chinese, words of English: what is read on a telephone without scrolling twice."""
_WORD: Final[Mapping[Language, re.Pattern[str]]] = {
    "zh": re.compile(r"[\u3400-\u9fff]|[a-zA-Z0-9.]+"),
    "en": re.compile(r"[\w'’.-]*\w"),
}
_HAN: Final = re.compile(r"[\u3400-\u9fff]")
_QUESTION: Final = re.compile(r"[?？]+")
_ECHO: Final[Mapping[Language, int]] = {"zh": 9, "en": 7}
_FIRST_PERSON: Final[Mapping[Language, re.Pattern[str]]] = {
    "zh": re.compile(r"我"),
    "en": re.compile(r"\b(?:i|i'm|i've|i'll|my|me|mine|we|our)\b", re.IGNORECASE),
}
_ECHO_OF_ONESELF: Final[Mapping[Language, int]] = {"zh": 5, "en": 4}


@dataclass(frozen=True)
class Reply:
    """A reply and what it answers."""

    text: str
    lang: Language
    facts: Facts
    inbound: str


@dataclass(frozen=True)
class Span:
    """Where it shows, in code points; a thing that is missing shows nowhere. `what` is named in the reason."""

    start: int = 0
    end: int = 0
    what: str = ""


def answers_in_its_language(reply: Reply) -> bool:
    """Tell whether the message, if there is one, is in the language of the reply: then their words can be compared."""
    if not reply.inbound:
        return True
    return bool(_WORD[reply.lang].search(reply.inbound)) and (reply.lang == "en") is not bool(
        _HAN.search(reply.inbound)
    )


def missing_moves(reply: Reply) -> Iterator[Span]:
    made = moves(reply.text, lang=reply.lang, facts=reply.facts)
    yield from (Span(what=move) for move in MOVES if move not in made)


def too_long(reply: Reply) -> Iterator[Span]:
    words = list(_WORD[reply.lang].finditer(reply.text))
    if len(words) > LONGEST[reply.lang]:
        yield Span(words[LONGEST[reply.lang]].start(), len(reply.text), str(len(words)))


def two_questions(reply: Reply) -> Iterator[Span]:
    marks = list(_QUESTION.finditer(reply.text))
    yield from (Span(*mark.span()) for mark in marks[1:])


def echo(reply: Reply) -> Iterator[Span]:
    """Yield where the debtor's own words come back, above all as if they were the agent's."""
    said = [match[0].lower() for match in _WORD[reply.lang].finditer(reply.inbound)]
    told = list(_WORD[reply.lang].finditer(reply.text))
    written = [match[0].lower() for match in told]
    for block in SequenceMatcher(None, said, written, autojunk=False).get_matching_blocks():
        if not block.size:
            continue
        start, end = told[block.b].start(), told[block.b + block.size - 1].end()
        oneself = _FIRST_PERSON[reply.lang].search(reply.text[start:end])
        if block.size >= (_ECHO_OF_ONESELF if oneself else _ECHO)[reply.lang]:
            yield Span(start, end)

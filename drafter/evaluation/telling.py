"""Can one tell from a text what it was written for? A plain classifier that never saw replies to the same message."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from drafter.domain import Rate
from guardrails.model import Language

_FOLDS: Final = 5
_WORD: Final = re.compile(r"[a-z']+|[\u3400-\u9fff]")


def told_apart(texts: Sequence[tuple[str, str, str]], lang: Language) -> Rate:
    """Return the share of texts whose class is told right, in five folds over the messages they answer.

    Multinomial naive Bayes over pairs of words (English) or characters (Chinese); the classes have equal weight.

    Args:
        texts: (message, text, class) each.
        lang: the language of the texts.
    """
    messages = sorted({message for message, _, _ in texts})
    fold = {message: number % _FOLDS for number, message in enumerate(messages)}
    hits = total = 0
    for held in range(min(_FOLDS, len(messages)) if len(messages) > 1 else 0):
        known: dict[str, Counter[str]] = {}
        for message, text, kind in texts:
            if fold[message] != held:
                known.setdefault(kind, Counter()).update(_pairs(text, lang))
        for message, text, kind in texts:
            if fold[message] == held and known:
                total += 1
                hits += _likeliest(_pairs(text, lang), known) == kind
    return Rate(hits=hits, total=total)


def _likeliest(pairs: set[str], known: dict[str, Counter[str]]) -> str:
    vocabulary = len(set().union(*known.values()))

    def likelihood(kind: str) -> float:
        counts = known[kind]
        size = counts.total() + vocabulary
        return sum(math.log((counts[pair] + 1) / size) for pair in pairs)

    return max(sorted(known), key=likelihood)


def _pairs(text: str, lang: Language) -> set[str]:
    words = _WORD.findall(text.lower())
    between = "" if lang == "zh" else " "
    return {between.join(pair) for pair in pairwise(words)}

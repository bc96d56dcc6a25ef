"""What the model knows of one message: what it means, its letter sequences, and the signals that words showed."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from guardrails.classifier.grams import Buckets, grams
from guardrails.model import Language

Floats = NDArray[np.float32]
# Letter sequences have length one together, like an embedding; a signal that words showed says half as much.
_SHOWN: Final = 0.5
_SENTENCE: Final[Mapping[Language, re.Pattern[str]]] = {
    "zh": re.compile(r"[^。！？!?\n；;]+[。！？!?\n；;]*"),
    "en": re.compile(r"(?:[^.!?\n]|\.(?=\S))+[.!?\n]*"),
}
_SHORTEST: Final = 4


def features(
    folded: str, lang: Language, embedding: Floats, seen: Collection[str], signals: Sequence[str]
) -> tuple[Buckets, float, Floats]:
    """Return what is known of a message.

    Args:
        folded: the message, canonical and in lower case.
        lang: its language.
        embedding: of the message, shape (384,), of length one.
        seen: the signals that words showed.
        signals: every signal, in the order of the weights.

    Returns:
        the buckets of its letter sequences, shape (n,); how much each counts; and embedding and signals in a row,
        shape (384 + signals,).
    """
    buckets = grams(folded, lang)
    shown = np.array([_SHOWN if name in seen else 0.0 for name in signals], dtype=np.float32)
    return buckets, 1 / np.sqrt(max(1, len(buckets))), np.concatenate([embedding.astype(np.float32), shown])


def sentences(text: str, lang: Language) -> list[tuple[int, int]]:
    """Return where the sentences of a message stand, in code points; blanks around them left out."""
    found = []
    for match in _SENTENCE[lang].finditer(text):
        said = match[0].strip()
        if len(said) >= _SHORTEST:
            start = match.start() + match[0].index(said)
            found.append((start, start + len(said)))
    return found

"""What the classifier knows of one reply: its grams, and the rule patterns that stand in it."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from guardrails.book import Match
from guardrails.classifier.grams import BUCKETS, Buckets, grams
from guardrails.model import Language

Values = NDArray[np.float32]
# A pattern says more than a sequence of letters does; this much more, against the length-normalised grams.
_READING: Final = 0.5


def features(folded: str, lang: Language, inbound: str | None, readings: Iterable[Match]) -> tuple[Buckets, Values]:
    """Return the buckets of a reply and how much each counts.

    Args:
        folded: the reply, canonical and in lower case.
        lang: its language.
        inbound: the message that it answers, canonical and in lower case.
        readings: the rule patterns that stand in it; one that is excused is told apart, since denial is telling, too.

    Returns:
        buckets, shape (n,); values, shape (n,), of which those of the grams have length one together.
    """
    said = grams(folded, lang, inbound)
    read = sorted({zlib.crc32(f"# {match.id} {match.counts}".encode()) % BUCKETS for match in readings})
    values = np.full(len(said) + len(read), 1 / np.sqrt(max(1, len(said))), dtype=np.float32)
    values[len(said) :] = _READING
    return np.concatenate([said, np.array(read, dtype=np.int64)]), values


def of_part(folded: str, lang: Language, readings: Iterable[Match], start: int, end: int) -> tuple[Buckets, Values]:
    """Return the features of the stretch `[start, end)` of a reply by itself."""
    inside = [match for match in readings if start <= match.start and match.end <= end]
    return features(folded[start:end], lang, None, inside)

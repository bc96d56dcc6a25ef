"""A reply as the set of its letter sequences and words, each a number below `BUCKETS`."""

from __future__ import annotations

import re
import zlib
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from guardrails.model import Language

BUCKETS: Final = 1 << 19
INBOUND_CHARS: Final = 200
"""Of the debtor's message only so much is read; it tells what the reply answers."""

_LENGTHS: Final[dict[Language, tuple[int, ...]]] = {"zh": (1, 2, 3, 4), "en": (3, 4, 5)}
_DIGITS: Final = re.compile(r"\d+(?:[.,:/-]\d+)*")
_SPACES: Final = re.compile(r"\s+")
_WORDS: Final = re.compile(r"[a-z']+|\S")
# Odd numbers with well-spread bits (from xxHash), one for each place in a sequence.
_SALTS: Final = np.array(
    [0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x85EBCA77C2B2AE63, 0x27D4EB2F165667C5],
    dtype=np.uint64,
)
_SHIFT: Final = np.uint64(64 - (BUCKETS.bit_length() - 1))

Buckets = NDArray[np.int64]


def grams(folded: str, lang: Language, inbound: str | None = None) -> Buckets:
    """Return the buckets of a reply, each once, in ascending order.

    Args:
        folded: the reply, canonical and in lower case.
        lang: decides how long the sequences are; English adds words, and two and three words in a row.
        inbound: the message that it answers, canonical and in lower case; its sequences have buckets of their own.

    Returns:
        shape (n,); a text of nothing but a letter or two may have none.
    """
    found = _sequences(folded, lang, 0)
    if inbound:
        found += _sequences(inbound[:INBOUND_CHARS], lang, 1)
    return np.unique(np.concatenate(found))


def _sequences(text: str, lang: Language, part: int) -> list[Buckets]:
    plain = _SPACES.sub(" ", _DIGITS.sub("0", text))
    codes = np.frombuffer(f" {plain} ".encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    found = []
    for length in _LENGTHS[lang]:
        places = len(codes) - length + 1
        if places > 0:
            mixed = np.full(places, 2 * length + part, dtype=np.uint64)
            for place in range(length):
                mixed = (mixed ^ codes[place : place + places]) * _SALTS[place]
                mixed ^= mixed >> np.uint64(29)
            found.append((mixed >> _SHIFT).astype(np.int64))
    if lang == "en":
        words = _WORDS.findall(plain)
        rows = (words, pairwise(words), zip(words, words[1:], words[2:], strict=False))
        said = [f"{part} {row if isinstance(row, str) else ' '.join(row)}" for some in rows for row in some]
        found.append(np.array([zlib.crc32(row.encode()) % BUCKETS for row in said], dtype=np.int64))
    return found

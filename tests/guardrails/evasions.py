"""Ways in which a text is disguised so that people still read it and a filter does not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random

from zhconv_rs import zhconv

from guardrails.model import Language

Evasion = Callable[[str, Random], str]

_LOOKALIKES = str.maketrans("aeiocpxyAEOPC", "аеіосрхуАЕОРС")


def _is_han(char: str) -> bool:
    return "\u4e00" <= char <= "\u9fff"


def _one_word(char: str, follows: str) -> bool:
    return (_is_han(char) and _is_han(follows)) or ((char + follows).isascii() and char.isalpha() and follows.isalpha())


def _between(text: str, rng: Random, fillers: str, share: float) -> str:
    """Put fillers between letters or characters of the same script, in so large a share of the places."""
    out = []
    for index, char in enumerate(text):
        out.append(char)
        follows = text[index + 1 : index + 2]
        if _one_word(char, follows) and rng.random() < share:
            out.append(rng.choice(fillers))
    return "".join(out)


def traditional(text: str, rng: Random) -> str:
    del rng
    return str(zhconv(text, "zh-hant"))


def full_width(text: str, rng: Random) -> str:
    del rng
    return "".join(chr(ord(c) + 0xFEE0) if c.isascii() and c.isalpha() else c for c in text)


def zero_width(text: str, rng: Random) -> str:
    return _between(text, rng, "\u200b\u200c\u2060\u00ad", 1)


def combining(text: str, rng: Random) -> str:
    return _between(text, rng, "\u0336\u0334\u0305", 0.5)


def emoji(text: str, rng: Random) -> str:
    return _between(text, rng, "⭐🔥★●", 0.5)


def entities(text: str, rng: Random) -> str:
    return "".join(f"&#{ord(c)};" if c.isalpha() and rng.random() < 0.5 else c for c in text)


def spaced(text: str, rng: Random) -> str:
    return _between(text, rng, " .*-_", 0.7)


def lookalikes(text: str, rng: Random) -> str:
    del rng
    return text.translate(_LOOKALIKES)


ANY: Mapping[str, Evasion] = {
    "zero-width characters": zero_width,
    "combining marks": combining,
    "emoji": emoji,
    "HTML entities": entities,
    "full-width letters": full_width,
}
EVASIONS: Mapping[Language, Mapping[str, Evasion]] = {
    "zh": {**ANY, "traditional characters": traditional, "spaces and dots": spaced},
    "en": {**ANY, "look-alike letters": lookalikes},
}

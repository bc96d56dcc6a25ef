"""The pattern language of rule files: words and word classes in order, with gaps.

    <we> ~6 (sue|take you to court) ~12 <deadline>?

An element is a word (`sue`), alternatives in brackets (`(sue|take you to court)`, which may hold spaces) or a class
of the rule or of the shared lexicon (`<we>`). A word that ends in `*` also stands for everything that begins with it
(`threat*`). `~6` lets at most six characters stand between its neighbours; without it the gap of the language
applies (see `DEFAULT_GAP`). `?` makes an element optional. A pattern never crosses the end of a sentence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from guardrails.model import Language

DEFAULT_GAP: dict[Language, int] = {"zh": 6, "en": 16}
MAX_GAP = 80

_TOKEN = re.compile(
    r"\s*(?:~(?P<gap>\d+)|<(?P<cls>[a-z0-9_-]+)>(?P<o1>\??)|\((?P<alt>[^()<>~]+)\)(?P<o2>\??)|(?P<word>[^\s()<>~?|]+)(?P<o3>\??))"
)


@dataclass(frozen=True, slots=True)
class Element:
    """One step of a pattern: any of `words`, or of the class `cls`, at most `gap` characters after the step before."""

    words: tuple[str, ...]
    cls: str | None
    gap: int
    optional: bool


def parse(pattern: str, lang: Language) -> tuple[Element, ...]:
    """Read a pattern.

    Raises:
        ValueError: the pattern does not follow the language above; the message says where.
    """
    elements: list[Element] = []
    gap = default = DEFAULT_GAP[lang]
    position = 0
    while position < len(pattern.rstrip()):
        token = _TOKEN.match(pattern, position)
        if token is None:
            raise ValueError(f"cannot read {pattern[position:]!r} in the pattern {pattern!r}")
        position = token.end()
        if token["gap"] is not None:
            gap = int(token["gap"])
            if gap > MAX_GAP or not elements:
                raise ValueError(f"the gap ~{gap} must stand between two words and be at most {MAX_GAP}: {pattern!r}")
            continue
        words = (token["alt"] or token["word"] or "").split("|")
        optional = bool(token["o1"] or token["o2"] or token["o3"])
        elements.append(Element(tuple(w.strip().lower() for w in words if w.strip()), token["cls"], gap, optional))
        gap = default
    if not any(not element.optional for element in elements):
        raise ValueError(f"the pattern {pattern!r} holds no word that must be there")
    return tuple(elements)

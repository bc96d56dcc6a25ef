"""Where the sentences of a text stand."""

from __future__ import annotations

import re
from typing import Final

_SENTENCE: Final = re.compile(r"[^。！？!?；;\n]+?(?:[。！？!?；;\n]+|\.(?=\s|$)|$)")
MOST: Final = 40


def sentences(text: str) -> list[tuple[int, int]]:
    """Return the places of the sentences, in order; of a text with very many, the last one is all the rest."""
    spans = [match.span() for match in _SENTENCE.finditer(text) if not match.group().isspace()]
    if len(spans) > MOST:
        spans[MOST - 1 :] = [(spans[MOST - 1][0], spans[-1][1])]
    return spans

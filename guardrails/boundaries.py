"""Where sentences and clauses begin and end, looked up many times in one text."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from typing import Final

REACH: Final = 400
"""No further than this many characters is looked around a place, so that a text without marks costs no more."""


class Boundaries:
    """The marks of one kind in one text.

    Args:
        mark: what ends a sentence or a clause.
        text: the text.
    """

    def __init__(self, mark: re.Pattern[str], text: str) -> None:
        spans = [match.span() for match in mark.finditer(text)]
        self._starts = [start for start, _ in spans]
        self._ends = [end for _, end in spans]
        self._length = len(text)

    def begin(self, place: int) -> int:
        """Return where the sentence or clause that holds `place` begins, at most `REACH` before it."""
        number = bisect_right(self._ends, place)
        return max(self._ends[number - 1] if number else 0, place - REACH)

    def end(self, place: int, *, with_mark: bool = False) -> int:
        """Return where the sentence or clause that holds `place` ends, at most `REACH` after it.

        Args:
            place: a place in the text.
            with_mark: the end of the mark, rather than its start.
        """
        number = bisect_left(self._starts, place)
        ends = self._ends if with_mark else self._starts
        return min(ends[number] if number < len(ends) else self._length, place + REACH)

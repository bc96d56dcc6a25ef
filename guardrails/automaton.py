"""The one door to the automaton that finds many words in one pass."""

from __future__ import annotations

from collections.abc import Sequence

from ahocorasick_rs import AhoCorasick, MatchKind


def every_match(words: Sequence[str]) -> AhoCorasick:
    """Return an automaton for `find_matches_as_indexes(text, overlapping=True)`: every word at every place."""
    return AhoCorasick(words or ["\0"], matchkind=MatchKind.Standard)


def longest_matches(words: Sequence[str]) -> AhoCorasick:
    """Return an automaton for `find_matches_as_indexes(text)`: from left to right the longest word at each place."""
    return AhoCorasick(words or ["\0"], matchkind=MatchKind.LeftmostLongest)

"""All patterns of one language as one automaton: which patterns stand where in a text."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick, MatchKind

from guardrails.model import Language
from guardrails.patterns import Element

_SENTENCE_END = re.compile(r"[。！？!?；;\n]|\.(?=\s|$)")
_MAX_TRIES = 400  # bounds the join on texts made of nothing but trigger words


@dataclass(frozen=True, slots=True)
class Phrase:
    """One pattern with the key under which a hit of it is reported."""

    key: int
    elements: tuple[Element, ...]


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Where in the folded canonical text the words of the pattern `key` stand, in order."""

    key: int
    words: tuple[tuple[int, int], ...]


class Sightings:
    """Every word of the lexicon seen in one text, ready to be joined into patterns."""

    __slots__ = ("_by_class", "_ends", "text")

    def __init__(self, text: str, by_class: dict[int, list[tuple[int, int]]]) -> None:
        self.text = text
        self._by_class = by_class
        self._ends: list[int] | None = None

    def __contains__(self, cls: int) -> bool:
        return cls in self._by_class

    def __iter__(self) -> Iterator[int]:
        return iter(self._by_class)

    def of(self, cls: int) -> list[tuple[int, int]]:
        return self._by_class.get(cls, [])

    def one_sentence(self, start: int, end: int) -> bool:
        """Tell whether no sentence ends between two offsets."""
        if self._ends is None:
            self._ends = [match.start() for match in _SENTENCE_END.finditer(self.text)]
        index = bisect_left(self._ends, start)
        return index == len(self._ends) or self._ends[index] >= end


class Lexicon:
    """Words, classes and patterns of one language, compiled.

    Args:
        lang: the language; English words match whole words only.
        classes: class name -> its words (lower case; a trailing `*` allows any ending).
        phrases: the patterns, each with the key to report it by.
    """

    def __init__(self, lang: Language, classes: Mapping[str, Sequence[str]], phrases: Iterable[Phrase]) -> None:
        self._lang = lang
        self._class_ids: dict[tuple[str, ...], int] = {}
        self._words: dict[str, set[int]] = defaultdict(set)
        self._named = {name: self._class_id(tuple(words)) for name, words in classes.items()}
        self._phrases = [self._compiled(phrase) for phrase in phrases]
        self._by_rarest = self._index()
        self._spellings: list[tuple[bool, bool, tuple[int, ...]]] = []
        spelled: list[str] = []
        for word, ids in self._words.items():
            bare = word.rstrip("*")
            latin = bare[:1].isascii() and bare[:1].isalnum(), bare[-1:].isascii() and bare[-1:].isalnum()
            self._spellings.append((latin[0], latin[1] and not word.endswith("*"), tuple(ids)))
            spelled.append(bare)
        self._automaton = AhoCorasick(spelled or ["\0"], matchkind=MatchKind.Standard)

    def class_id(self, name: str) -> int:
        """Return the id of a named class."""
        return self._named[name]

    def sight(self, text: str) -> Sightings:
        """Find every word of the lexicon in a folded canonical text."""
        by_class: dict[int, list[tuple[int, int]]] = {}
        spellings = self._spellings
        if not spellings:
            return Sightings(text, by_class)
        length = len(text)
        for index, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            bound_left, bound_right, ids = spellings[index]
            if bound_left and start and _is_latin(text[start - 1]):
                continue
            if bound_right and end < length and _is_latin(text[end]):
                continue
            for cls in ids:
                spans = by_class.get(cls)
                if spans is None:
                    by_class[cls] = [(start, end)]
                else:
                    spans.append((start, end))
        return Sightings(text, by_class)

    def occurrences(self, sightings: Sightings) -> Iterator[Occurrence]:
        """Yield where each pattern stands, at most once per place of its first word."""
        seen = set(sightings)
        for cls in seen:
            for key, needed, steps in self._by_rarest.get(cls, ()):
                if needed <= seen:
                    for words in _join(steps, sightings):
                        yield Occurrence(key, words)

    def _class_id(self, words: tuple[str, ...]) -> int:
        found = self._class_ids.get(words)
        if found is None:
            found = self._class_ids[words] = len(self._class_ids)
            for word in words:
                self._words[word.lower()].add(found)
        return found

    def _compiled(self, phrase: Phrase) -> tuple[int, frozenset[int], tuple[_Step, ...]]:
        steps = tuple(
            _Step(self._named[e.cls] if e.cls else self._class_id(e.words), e.gap, e.optional) for e in phrase.elements
        )
        return phrase.key, frozenset(step.cls for step in steps if not step.optional), steps

    def _index(self) -> dict[int, list[tuple[int, frozenset[int], tuple[_Step, ...]]]]:
        """File every pattern under the class that the fewest patterns need, so that few are ever looked at."""
        uses: dict[int, int] = defaultdict(int)
        for _, needed, _ in self._phrases:
            for cls in needed:
                uses[cls] += 1
        index: dict[int, list[tuple[int, frozenset[int], tuple[_Step, ...]]]] = defaultdict(list)
        for phrase in self._phrases:
            index[min(phrase[1], key=lambda cls: uses[cls])].append(phrase)
        return dict(index)


@dataclass(frozen=True, slots=True)
class _Step:
    cls: int
    gap: int
    optional: bool


def _is_latin(char: str) -> bool:
    return char.isascii() and (char.isalnum() or char == "_")


def _join(steps: tuple[_Step, ...], sightings: Sightings) -> Iterator[tuple[tuple[int, int], ...]]:
    """Yield the words with which the steps follow one another within their gaps and within one sentence."""
    tries = _MAX_TRIES

    def follow(index: int, end: int, slack: int) -> tuple[tuple[int, int], ...] | None:
        nonlocal tries
        if index == len(steps):
            return ()
        step = steps[index]
        reach = max(step.gap, slack)
        for start, stop in sightings.of(step.cls):
            if start < end or start > end + reach:
                continue
            tries -= 1
            if tries < 0:
                return None
            if sightings.one_sentence(end, start):
                rest = follow(index + 1, stop, 0)
                if rest is not None:
                    return ((start, stop), *rest)
        return follow(index + 1, end, reach) if step.optional else None

    first = next(index for index, step in enumerate(steps) if not step.optional)
    for start, stop in sightings.of(steps[first].cls):
        rest = follow(first + 1, stop, 0)
        if rest is not None:
            yield ((start, stop), *rest)

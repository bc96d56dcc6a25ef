"""All patterns of one language as one automaton: which patterns stand where in a text."""

from __future__ import annotations

import re
import string
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick, MatchKind

from guardrails.model import Language
from guardrails.patterns import Element

_SENTENCE_END = re.compile(r"[。！？!?；;\n]|\.(?=\s|$)")
# The number of a spelling and where it stands.
_Hit = tuple[int, int, int]
# What continues an English word.
_LATIN = frozenset(string.ascii_letters + string.digits + "_")
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
    """Every word of the lexicon seen in one text, ready to be joined into patterns.

    Attributes:
        text: the folded canonical text.
        spellings: the numbers of the spellings seen, each once.
        classes: the classes they belong to, a bit each.
    """

    __slots__ = ("_by_class", "_ends", "_hits", "_members", "classes", "spellings", "text")

    def __init__(self, text: str, hits: list[_Hit], classes: int, members: Sequence[frozenset[int]]) -> None:
        self.text = text
        self.classes = classes
        self.spellings = {hit[0] for hit in hits}
        self._hits = hits
        self._members = members
        self._by_class: dict[int, list[tuple[int, int]]] = {}
        self._ends: list[int] | None = None

    def of(self, cls: int) -> list[tuple[int, int]]:
        """Return where the words of a class stand, in order."""
        spans = self._by_class.get(cls)
        if spans is None:
            members = self._members[cls]
            spans = self._by_class[cls] = [(start, end) for spelling, start, end in self._hits if spelling in members]
        return spans

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
        on_demand: keys that `occurrences` leaves out, since only `find` asks for them.
    """

    def __init__(
        self,
        lang: Language,
        classes: Mapping[str, Sequence[str]],
        phrases: Iterable[Phrase],
        on_demand: Container[int] = (),
    ) -> None:
        self._lang = lang
        self._class_ids: dict[tuple[str, ...], int] = {}
        self._words: dict[str, set[int]] = defaultdict(set)
        self._named = {name: self._class_id(tuple(words)) for name, words in classes.items()}
        self._phrases = {phrase.key: self._compiled(phrase) for phrase in phrases}
        self._bounds: list[tuple[bool, bool]] = []
        self._masks: list[int] = []
        spelled: list[str] = []
        members: list[set[int]] = [set() for _ in self._class_ids]
        for number, (word, ids) in enumerate(self._words.items()):
            bare = word.rstrip("*")
            latin = bare[:1].isascii() and bare[:1].isalnum(), bare[-1:].isascii() and bare[-1:].isalnum()
            self._bounds.append((latin[0], latin[1] and not word.endswith("*")))
            self._masks.append(sum(1 << cls for cls in ids))
            for cls in ids:
                members[cls].add(number)
            spelled.append(bare)
        self._members = [frozenset(numbers) for numbers in members]
        self._candidates = self._index(on_demand)
        self._automaton = AhoCorasick(spelled or ["\0"], matchkind=MatchKind.Standard)

    def class_id(self, name: str) -> int:
        """Return the id of a named class."""
        return self._named[name]

    def sight(self, text: str) -> Sightings:
        """Find every word of the lexicon in a folded canonical text."""
        hits: list[_Hit] = []
        seen = 0
        bounds, masks, length = self._bounds, self._masks, len(text)
        if masks:
            for hit in self._automaton.find_matches_as_indexes(text, overlapping=True):
                spelling, start, end = hit
                left, right = bounds[spelling]
                if left and start and text[start - 1] in _LATIN:
                    continue
                if right and end < length and text[end] in _LATIN:
                    continue
                hits.append(hit)
                seen |= masks[spelling]
        return Sightings(text, hits, seen, self._members)

    def occurrences(self, sightings: Sightings) -> Iterator[Occurrence]:
        """Yield where each pattern stands, at most once per place of its first word."""
        missing = ~sightings.classes
        tried: set[int] = set()
        for spelling in sightings.spellings:
            for pattern in self._candidates.get(spelling, ()):
                if pattern.needed & missing or pattern.key in tried:
                    continue
                tried.add(pattern.key)
                for words in _join(pattern.steps, sightings):
                    yield Occurrence(pattern.key, words)

    def find(self, key: int, sightings: Sightings) -> Iterator[Occurrence]:
        """Yield where one pattern stands."""
        pattern = self._phrases[key]
        if not pattern.needed & ~sightings.classes:
            for words in _join(pattern.steps, sightings):
                yield Occurrence(key, words)

    def _class_id(self, words: tuple[str, ...]) -> int:
        found = self._class_ids.get(words)
        if found is None:
            found = self._class_ids[words] = len(self._class_ids)
            for word in words:
                self._words[word.lower()].add(found)
        return found

    def _compiled(self, phrase: Phrase) -> _Pattern:
        steps = tuple(
            _Step(self._named[e.cls] if e.cls else self._class_id(e.words), e.gap, e.optional) for e in phrase.elements
        )
        return _Pattern(phrase.key, sum({1 << step.cls for step in steps if not step.optional}), steps)

    def _index(self, on_demand: Container[int]) -> dict[int, tuple[_Pattern, ...]]:
        """File every pattern under the spellings of the class that the fewest patterns need: few are ever looked at."""
        wanted = [pattern for key, pattern in self._phrases.items() if key not in on_demand]
        uses: dict[int, int] = defaultdict(int)
        for pattern in wanted:
            for cls in pattern.required:
                uses[cls] += 1
        index: dict[int, list[_Pattern]] = defaultdict(list)
        for pattern in wanted:
            for spelling in self._members[min(pattern.required, key=lambda cls: uses[cls])]:
                index[spelling].append(pattern)
        return {spelling: tuple(patterns) for spelling, patterns in index.items()}


@dataclass(frozen=True, slots=True)
class _Step:
    cls: int
    gap: int
    optional: bool


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A compiled pattern; `needed` holds a bit for each class without which it cannot stand."""

    key: int
    needed: int
    steps: tuple[_Step, ...]

    @property
    def required(self) -> list[int]:
        return [step.cls for step in self.steps if not step.optional]


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

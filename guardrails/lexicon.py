"""All patterns of one language as one automaton: which patterns stand where in a text."""

from __future__ import annotations

import re
import string
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from guardrails.automaton import every_match
from guardrails.model import Language
from guardrails.patterns import Element

_SENTENCE_END = re.compile(r"[。！？!?；;\n]|\.(?=\s|$)")
# What continues an English word.
_LATIN = frozenset(string.ascii_letters + string.digits + "_")
_MAX_TRIES = 400  # bounds the join on texts made of nothing but trigger words


@dataclass(frozen=True, slots=True)
class Phrase:
    """One pattern with the key under which a hit of it is reported."""

    key: int
    elements: tuple[Element, ...]


class Sentence:
    """The words of the lexicon seen in one sentence, ready to be joined into patterns, which never leave it.

    Attributes:
        places: the number of each spelling seen -> where it stands in the text, in order.
        classes: the classes they belong to, a bit each.
    """

    __slots__ = ("_by_class", "_members", "classes", "places")

    def __init__(
        self, members: Sequence[frozenset[int]], places: dict[int, list[tuple[int, int]]], classes: int
    ) -> None:
        self.places = places
        self.classes = classes
        self._members = members
        self._by_class: dict[int, list[tuple[int, int]]] = {}

    def of(self, cls: int) -> list[tuple[int, int]]:
        """Return where the words of a class stand, in order."""
        spans = self._by_class.get(cls)
        if spans is None:
            seen = self._members[cls].intersection(self.places)
            spans = [span for spelling in seen for span in self.places[spelling]]
            if len(seen) > 1:
                spans.sort()
            self._by_class[cls] = spans
        return spans


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Where in the folded canonical text the words of the pattern `key` stand, in order, all in one sentence."""

    key: int
    words: tuple[tuple[int, int], ...]
    sentence: Sentence


class Lexicon:
    """Words, classes and patterns of one language, compiled.

    Args:
        lang: the language; English words match whole words only.
        classes: class name -> its words (lower case; a trailing `*` allows any ending).
        phrases: the patterns, each with the key to report it by.
        on_demand: keys that `occurrences` leaves out, since only `find` asks for them.
        ordinary: texts in which few patterns stand; they show which words are too common to look for patterns by.
    """

    def __init__(
        self,
        lang: Language,
        classes: Mapping[str, Sequence[str]],
        phrases: Iterable[Phrase],
        on_demand: Container[int] = (),
        ordinary: Iterable[str] = (),
    ) -> None:
        self._lang = lang
        self._class_ids: dict[tuple[str, ...], int] = {}
        self._words: dict[str, set[int]] = defaultdict(set)
        self._named = {name: self._class_id(tuple(words)) for name, words in classes.items()}
        self._phrases = {phrase.key: self._compiled(phrase) for phrase in phrases}
        self._bounds: dict[int, tuple[bool, bool]] = {}
        self._masks: list[int] = []
        spelled: list[str] = []
        members: list[set[int]] = [set() for _ in self._class_ids]
        for number, (word, ids) in enumerate(self._words.items()):
            bare = word.rstrip("*")
            bounds = bare[:1] in _LATIN, bare[-1:] in _LATIN and not word.endswith("*")
            if any(bounds):
                self._bounds[number] = bounds
            self._masks.append(sum(1 << cls for cls in ids))
            for cls in ids:
                members[cls].add(number)
            spelled.append(bare)
        self._members = [frozenset(numbers) for numbers in members]
        self._automaton = every_match(spelled)
        self._candidates = self._index(on_demand, ordinary)

    def class_id(self, name: str) -> int:
        """Return the id of a named class."""
        return self._named[name]

    def sight(self, text: str) -> list[Sentence]:
        """Find every word of the lexicon in a folded canonical text; return the sentences that hold any."""
        if not self._masks:
            return []
        bounds, masks, length = self._bounds, self._masks, len(text)
        ends = [match.start() for match in _SENTENCE_END.finditer(text)]
        ends.append(length)
        sentences: list[Sentence] = []
        number, limit, classes = -1, -1, 0
        places: dict[int, list[tuple[int, int]]] = {}
        for spelling, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            if spelling in bounds:
                left, right = bounds[spelling]
                if left and start and text[start - 1] in _LATIN:
                    continue
                if right and end < length and text[end] in _LATIN:
                    continue
            # The automaton tells of words in the order of their ends, so that one sentence is read after the other.
            if end > limit:
                if places:
                    sentences.append(Sentence(self._members, places, classes))
                    places, classes = {}, 0
                number = bisect_left(ends, end, number + 1)
                limit = ends[number]
            if spelling in places:
                places[spelling].append((start, end))
            else:
                places[spelling] = [(start, end)]
                classes |= masks[spelling]
        if places:
            sentences.append(Sentence(self._members, places, classes))
        return sentences

    def occurrences(self, sentences: Iterable[Sentence]) -> Iterator[Occurrence]:
        """Yield where each pattern stands, at most once per place of its first word."""
        candidates = self._candidates
        for sentence in sentences:
            missing = ~sentence.classes
            # A pattern is filed under each spelling of one class, so that it may come up more than once.
            likely = {
                pattern.key: pattern
                for spelling in sentence.places
                if spelling in candidates
                for pattern in candidates[spelling]
                if not pattern.needed & missing
            }
            for pattern in likely.values():
                for words in _join(pattern.steps, sentence):
                    yield Occurrence(pattern.key, words, sentence)

    def stands(self, key: int, sentences: Iterable[Sentence]) -> bool:
        """Tell whether one pattern stands in any of the sentences."""
        pattern = self._phrases[key]
        return any(
            not pattern.needed & ~sentence.classes and any(True for _ in _join(pattern.steps, sentence))
            for sentence in sentences
        )

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

    def _index(self, on_demand: Container[int], ordinary: Iterable[str]) -> dict[int, tuple[_Pattern, ...]]:
        """File every pattern under the spellings of its rarest class, so that few are looked at in ordinary text."""
        seen = [sentence.classes for text in ordinary for sentence in self.sight(text)]
        common = [sum(classes >> cls & 1 for classes in seen) for cls in range(len(self._members))]
        index: dict[int, list[_Pattern]] = defaultdict(list)
        for key, pattern in self._phrases.items():
            if key not in on_demand:
                rarest = min(pattern.required, key=lambda cls: (common[cls], len(self._members[cls])))
                for spelling in self._members[rarest]:
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


def _join(steps: tuple[_Step, ...], sentence: Sentence) -> Iterator[tuple[tuple[int, int], ...]]:
    """Yield the words with which the steps follow one another within their gaps."""
    tries = _MAX_TRIES

    def follow(index: int, end: int, slack: int) -> tuple[tuple[int, int], ...] | None:
        nonlocal tries
        if index == len(steps):
            return ()
        step = steps[index]
        reach = max(step.gap, slack)
        for start, stop in sentence.of(step.cls):
            if start < end or start > end + reach:
                continue
            tries -= 1
            if tries < 0:
                return None
            rest = follow(index + 1, stop, 0)
            if rest is not None:
                return ((start, stop), *rest)
        return follow(index + 1, end, reach) if step.optional else None

    first = next(index for index, step in enumerate(steps) if not step.optional)
    for start, stop in sentence.of(steps[first].cls):
        rest = follow(first + 1, stop, 0)
        if rest is not None:
            yield ((start, stop), *rest)

"""Pattern entries of many files compiled into one book per language, and the reading of texts with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from guardrails.clauses import Reader, Stance
from guardrails.errors import PatternError
from guardrails.lexicon import Lexicon, Occurrence, Phrase, Sentence
from guardrails.model import Facts, Language
from guardrails.normalise import Canonical, normalise
from guardrails.patterns import Element, parse
from guardrails.rulebook import PatternEntry, Words


@dataclass(frozen=True, slots=True)
class Chapter:
    """What one file says about one language: its own word classes, its patterns, and texts that they spare."""

    id: str
    classes: Mapping[str, Words]
    patterns: Sequence[PatternEntry]
    ordinary: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class CompiledPattern:
    """What makes a pattern count; keys point into the lexicon of its language."""

    id: str
    despite: frozenset[Stance]
    only: frozenset[Stance]
    if_fact: tuple[str, ...]
    unless_fact: tuple[str, ...]
    inbound: frozenset[int]
    unless: frozenset[int]
    absent: frozenset[int]


@dataclass(frozen=True, slots=True)
class Match:
    """A pattern of the chapter `id` that stands in a text, in canonical offsets, `end` exclusive.

    Attributes:
        counts: False where something around it excuses it.
        lasting: False where another sentence may excuse it.
    """

    id: str
    start: int
    end: int
    counts: bool = True
    lasting: bool = True


class Book:
    """Every pattern of one language, compiled.

    Args:
        lang: the language.
        shared: word classes that every chapter may use.
        chapters: the files' patterns.
        excusing: the stances that keep a pattern from counting unless it says otherwise.

    Raises:
        PatternError: a pattern cannot be read; names the chapter, the entry and the remedy.
    """

    def __init__(
        self,
        lang: Language,
        shared: Mapping[str, Words],
        chapters: Iterable[Chapter],
        excusing: frozenset[Stance] = frozenset(Stance),
    ) -> None:
        self.lang = lang
        self._excusing = excusing
        self._patterns: dict[int, CompiledPattern] = {}
        phrases: list[Phrase] = []
        ordinary: list[str] = []
        classes: dict[str, Words] = dict(shared)
        for chapter in chapters:
            classes.update({f"{chapter.id}.{name}": words for name, words in chapter.classes.items()})
            ordinary.extend(normalise(text).folded for text in chapter.ordinary)
            names = _Names(chapter.id, frozenset(chapter.classes), frozenset(shared))
            for number, entry in enumerate(chapter.patterns, start=1):
                try:
                    self._add(chapter.id, entry, names, phrases)
                except ValueError as error:
                    raise PatternError(chapter.id, f"{lang}.patterns, entry {number}: {error}") from error
        around = {phrase.key for phrase in phrases} - self._patterns.keys()
        self._lexicon = Lexicon(lang, classes, phrases, on_demand=around, ordinary=ordinary)

    def matches(
        self, text: Canonical, reader: Reader, *, facts: Facts | None = None, inbound: Canonical | None = None
    ) -> Iterator[Match]:
        """Yield every pattern that stands in the text and that nothing excuses, once per chapter and place.

        The arguments are those of `readings`.
        """
        return (match for match in self.readings(text, reader, facts=facts, inbound=inbound) if match.counts)

    def readings(
        self, text: Canonical, reader: Reader, *, facts: Facts | None = None, inbound: Canonical | None = None
    ) -> Iterator[Match]:
        """Yield every pattern that stands in the text, once per chapter, place and whether it counts.

        Args:
            text: the text to read.
            reader: the reader of the same text.
            facts: what is true of the account.
            inbound: the message that the text answers.
        """
        sentences = self._lexicon.sight(text.folded)
        facts = facts or Facts()
        context = _Context(self, self._lexicon, sentences, facts, inbound)
        named = list(_names_in(text, facts))
        taken: set[Match] = set()
        counted: set[tuple[str, int, int]] = set()
        for occurrence in self._lexicon.occurrences(sentences):
            pattern = self._patterns[occurrence.key]
            start, end = occurrence.words[0][0], occurrence.words[-1][1]
            if (pattern.id, start, end) in counted or _names_someone(occurrence, named):
                continue
            match = Match(pattern.id, start, end, context.counts(pattern, occurrence, reader), not pattern.absent)
            if match not in taken:
                taken.add(match)
                if match.counts and match.lasting:
                    counted.add((pattern.id, start, end))
                yield match

    def standing(self, text: Canonical) -> int:
        """Return how many patterns stand in a text, however meant."""
        return sum(1 for _ in self._lexicon.occurrences(self._lexicon.sight(text.folded)))

    @property
    def excusing(self) -> frozenset[Stance]:
        return self._excusing

    def _add(self, chapter: str, entry: PatternEntry, names: _Names, phrases: list[Phrase]) -> None:
        def add(source: str) -> int:
            phrases.append(Phrase(len(phrases), tuple(names.resolve(e) for e in parse(source, self.lang))))
            return phrases[-1].key

        pattern = CompiledPattern(
            id=chapter,
            despite=frozenset(entry.despite),
            only=frozenset(entry.only),
            if_fact=entry.if_fact,
            unless_fact=entry.unless_fact,
            inbound=frozenset(add(source) for source in entry.inbound),
            unless=frozenset(add(source) for source in entry.unless),
            absent=frozenset(add(source) for source in entry.absent),
        )
        for source in entry.match:
            self._patterns[add(source)] = pattern


def _names_in(text: Canonical, facts: Facts) -> Iterator[tuple[int, int]]:
    """Yield where the agent and the debtor are named, so that "I'm Grace" grants no grace period."""
    for name in (facts.agent_name, facts.debtor_name):
        for part in {name, *name.split()} if name else ():
            start = text.text.find(part) if len(part) > 1 else -1
            while start >= 0:
                yield start, start + len(part)
                start = text.text.find(part, start + len(part))


def _names_someone(occurrence: Occurrence, named: Sequence[tuple[int, int]]) -> bool:
    return any(low <= start and end <= high for low, high in named for start, end in occurrence.words)


@dataclass(frozen=True, slots=True)
class _Names:
    """Which class a name in a pattern means: the chapter's own before the shared one."""

    chapter: str
    own: frozenset[str]
    shared: frozenset[str]

    def resolve(self, element: Element) -> Element:
        if element.cls is None:
            return element
        if element.cls in self.own:
            return Element(element.words, f"{self.chapter}.{element.cls}", element.gap, element.optional)
        if element.cls in self.shared:
            return element
        raise ValueError(f"there is no word class <{element.cls}>; add it under classes, or mend the name")


class _Context:
    """What stands around a pattern: facts, stance, neighbours, and the message answered."""

    def __init__(
        self, book: Book, lexicon: Lexicon, sentences: list[Sentence], facts: Facts, inbound: Canonical | None
    ) -> None:
        self._book = book
        self._lexicon = lexicon
        self._sentences = sentences
        self._facts = facts
        self._inbound = inbound
        self._heard: list[Sentence] | None = None

    def counts(self, pattern: CompiledPattern, occurrence: Occurrence, reader: Reader) -> bool:
        """Tell whether the pattern counts here."""
        if not self._facts_allow(pattern) or self._excused_by_neighbours(pattern, occurrence):
            return False
        if pattern.inbound and not any(self._in_inbound(key) for key in pattern.inbound):
            return False
        stances = reader.stances(occurrence.words)
        if pattern.only:
            return bool(stances & pattern.only)
        return not (stances & self._book.excusing) - pattern.despite

    def _facts_allow(self, pattern: CompiledPattern) -> bool:
        return all(getattr(self._facts, name) for name in pattern.if_fact) and not any(
            getattr(self._facts, name) for name in pattern.unless_fact
        )

    def _excused_by_neighbours(self, pattern: CompiledPattern, occurrence: Occurrence) -> bool:
        return any(self._lexicon.stands(key, self._sentences) for key in pattern.absent) or any(
            self._lexicon.stands(key, (occurrence.sentence,)) for key in pattern.unless
        )

    def _in_inbound(self, key: int) -> bool:
        if self._inbound is None:
            return False
        if self._heard is None:
            self._heard = self._lexicon.sight(self._inbound.folded)
        return self._lexicon.stands(key, self._heard)

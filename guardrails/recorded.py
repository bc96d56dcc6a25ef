"""What a text grants or claims to have done, set against what the facts record: which of it stands nowhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Literal

from guardrails.book import Book, Chapter, Match
from guardrails.checks import Check
from guardrails.clauses import Reader
from guardrails.model import Language
from guardrails.normalise import Canonical, normalise
from guardrails.policy import LANGUAGES
from guardrails.rulebook import PatternEntry, Rule, Words

Record = Literal["authorised_offers", "actions_taken"]

_KIND = "kind-"


def unrecorded(check: Check, rule_id: str, record: Record) -> Iterator[Match]:
    """Yield each stretch that breaks a rule and that nothing recorded in the facts covers.

    The rule's own word classes named `kind-*` say what a stretch is about (a waiver, an extension, a letter ...). A
    stretch is covered when every kind in it is also in the record; one without any kind is about the record itself.
    Where the facts record nothing the rule's patterns judge alone, so nothing is yielded.

    Args:
        check: the text and its facts.
        rule_id: the rule, whose patterns carry `unless_fact: <record>`.
        record: the fact that lists what is authorised or done, in free text.
    """
    recorded: tuple[str, ...] = getattr(check.facts, record)
    rule = check.policy.rules.get(rule_id)
    if not recorded or rule is None:
        return
    known = frozenset[str]().union(*(kinds_in(rule, normalise(text)) for text in recorded))
    unaware = check.facts.model_copy(update={record: ()})
    book = check.policy.books[check.lang]
    for match in book.matches(check.canonical, check.reader, facts=unaware, inbound=check.inbound):
        if match.id == rule_id and not _kinds_between(rule, check, match) <= known:
            yield match


def kinds_in(rule: Rule, text: Canonical) -> frozenset[str]:
    """Return the kinds that a recorded line names, whatever language it is written in."""
    return frozenset(match.id for lang in LANGUAGES for match in _kinds(rule, lang, text))


def _kinds_between(rule: Rule, check: Check, match: Match) -> frozenset[str]:
    found = _kinds(rule, check.lang, check.canonical)
    return frozenset(kind.id for kind in found if match.start <= kind.start and kind.end <= match.end)


def _kinds(rule: Rule, lang: Language, text: Canonical) -> Iterable[Match]:
    classes: Mapping[str, Words] = rule.language(lang).classes
    named = tuple((name, words) for name, words in classes.items() if name.startswith(_KIND))
    return _kind_book(lang, named).matches(text, Reader(text.folded, lang))


@cache
def _kind_book(lang: Language, kinds: tuple[tuple[str, Words], ...]) -> Book:
    """Compile the kinds of one rule; here a word counts however it is meant."""
    chapters = [Chapter(name, {name: words}, (PatternEntry(match=(f"<{name}>",)),)) for name, words in kinds]
    return Book(lang, {}, chapters, excusing=frozenset())

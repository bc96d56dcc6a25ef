"""Which entries of a rule speak at a place of a text."""

from __future__ import annotations

from guardrails.book import Book, Chapter
from guardrails.checks import Check
from guardrails.policy import load_words


def entries_at(check: Check, rule: str, start: int, end: int) -> tuple[str, ...]:
    """Return the first pattern of each entry of a rule that a stretch of a text breaks.

    Args:
        check: the text as `Guard.read` returns it.
        rule: id of the rule.
        start: of the stretch, in code points of the text as given.
        end: of the stretch, exclusive.
    """
    said = check.policy.rules[rule].language(check.lang)
    words = load_words(check.lang, check.policy.home)
    found = []
    for entry in said.patterns:
        book = Book(check.lang, words, [Chapter(rule, said.classes, [entry])])
        matches = book.matches(check.canonical, check.reader, facts=check.facts, inbound=check.inbound)
        spans = (check.canonical.span(match.start, match.end) for match in matches)
        if any(low < end and start < high for low, high in spans):
            found.append(entry.match[0])
    return tuple(found)

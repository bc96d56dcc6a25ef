"""The patterns of the rule files, each judged where it stands."""

from __future__ import annotations

from collections.abc import Iterator

from guardrails.detectors import Check, Hit, Reasons

REASONS: Reasons = {}  # a phrase is explained by its rule


def find(check: Check) -> Iterator[Hit]:
    """Yield every stretch in which a rule's pattern stands and nothing excuses it."""
    book = check.policy.books[check.lang]
    for match in book.matches(check.canonical, check.reader, facts=check.facts, inbound=check.inbound):
        yield Hit(match.id, *check.canonical.span(match.start, match.end))

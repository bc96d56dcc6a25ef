"""The patterns of the rule files, each judged where it stands."""

from __future__ import annotations

from collections.abc import Iterator

from guardrails.detectors import Check, Hit, Reasons

REASONS: Reasons = {}  # a phrase is explained by its rule


def find(check: Check) -> Iterator[Hit]:
    """Yield every stretch in which a rule's pattern stands and nothing excuses it.

    Where the classifier is sure that its sentence is lawful, a pattern is advice: the agent sees it and may go on.
    """
    for match in check.readings:
        if match.counts:
            cleared = check.opinion is not None and check.opinion.clears(match.start)
            yield Hit(match.id, *check.canonical.span(match.start, match.end), advice=cleared)

"""The patterns of the rule files, each judged where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from guardrails.book import Match
from guardrails.classifier.opinion import Opinion
from guardrails.detectors import Check, Hit, Reasons

REASONS: Reasons = {}  # a phrase is explained by its rule
_BORNE_OUT_BY_FACTS: Final = frozenset({"unauthorised-promise", "credit-promise", "invented-action"})


def find(check: Check) -> Iterator[Hit]:
    """Yield every stretch in which a rule's pattern stands and nothing excuses it.

    Where the classifier is sure that its sentence is lawful, a pattern is advice: the agent sees it and may go on. What
    only the facts can bear out is never cleared: a plain word of a promise or a deed reads as kindly as a true one.
    """
    for match in check.readings:
        if match.counts:
            view = _may_clear(check, match)
            cleared = view is not None and view.clears(match.start)
            yield Hit(match.id, *check.canonical.span(match.start, match.end), advice=cleared)


def find_certain(check: Check) -> Iterator[Hit]:
    """Yield those hits that no further sentence can excuse or turn into advice."""
    for match in check.readings:
        if match.counts and match.lasting:
            view = _may_clear(check, match)
            if view is None or view.confirms(match.start):
                yield Hit(match.id, *check.canonical.span(match.start, match.end))


def _may_clear(check: Check, match: Match) -> Opinion | None:
    return None if match.id in _BORNE_OUT_BY_FACTS else check.opinion

"""A reply that as a whole reads like those that break a rule, though no pattern names it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from guardrails.classifier.opinion import opinion
from guardrails.detectors import Check, Hit, Reasons

REASONS: Reasons = {
    "as-a-whole": {
        "zh": "整段话读起来像是违反这条规则，即使没有哪个词说破；请换一种说法。",
        "en": "As a whole this reads like texts that break the rule, though no word says so; put it another way.",
    },
}
_SENTENCE: Final = re.compile(r"[^。！？!?；;\n]+[。！？!?；;]*|\n")


def find(check: Check) -> Iterator[Hit]:
    """Yield the sentence that reads worst, under the likeliest rule, if the classifier rejects the reply."""
    view = check.opinion
    if view is None or not view.rejects:
        return
    named = {match.id for match in check.readings if match.counts}
    rule = next((rule for rule in view.likely if rule in check.policy.rules), None)
    # A pattern of the same rule shows its very words; the whole would only hide them.
    if rule is not None and rule not in named:
        yield Hit(rule, *check.canonical.span(*_worst_sentence(check)), "as-a-whole")


def _worst_sentence(check: Check) -> tuple[int, int]:
    text = check.canonical
    spans = [match.span() for match in _SENTENCE.finditer(text.text) if match.group().strip()]
    return max(spans, key=lambda span: _probability(check, *span), default=(0, len(text.text)))


def _probability(check: Check, start: int, end: int) -> float:
    inside = [match for match in check.readings if start <= match.start and match.end <= end]
    view = opinion(check.canonical.folded[start:end], check.lang, None, inside)
    return view.probability if view else 0.0

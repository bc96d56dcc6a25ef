"""A reply that as a whole, or in one sentence, reads like those that break a rule, though no pattern names it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from guardrails.detectors import Check, Hit, Reasons

REASONS: Reasons = {
    "as-a-whole": {
        "zh": "整段话读起来像是违反这条规则，即使没有哪个词说破；请换一种说法。",
        "en": "As a whole this reads like texts that break the rule, though no word says so; put it another way.",
    },
}
# What the facts may allow is left to the detectors that read them: the classifier sees no facts.
_ALLOWED_BY: Final = {
    "unauthorised-promise": "authorised_offers",
    "legal-action-threat": "legal_action_authorised",
    "invented-action": "actions_taken",
}


def find(check: Check) -> Iterator[Hit]:
    """Yield the sentence that reads worst, under the likeliest rule, if the classifier rejects the reply."""
    view = check.opinion
    if view is None or not view.rejects:
        return
    rule = next((rule for rule in view.likely if rule in check.policy.rules), None)
    if rule is not None and not getattr(check.facts, _ALLOWED_BY.get(rule, ""), None):
        worst = max(view.parts, key=lambda part: part.probability, default=None)
        start, end = (worst.start, worst.end) if worst else (0, len(check.canonical.text))
        yield Hit(rule, *check.canonical.span(start, end), "as-a-whole")

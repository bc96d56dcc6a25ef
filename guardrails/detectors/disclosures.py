"""What a first contact must say, as the policy of the jurisdiction lists it."""

from __future__ import annotations

from collections.abc import Iterator

from guardrails.detectors import Check, Hit, Reasons

REASONS: Reasons = {
    "missing": {
        "zh": "首次联系必须说明这一点：{what}",
        "en": "A first contact must say this: {what}",
    },
}


def find(check: Check) -> Iterator[Hit]:
    """Yield a hit for each thing that a first contact leaves out."""
    if not check.facts.initial_communication:
        return
    folded = check.canonical.folded
    for disclosure in check.policy.file.first_contact:
        if disclosure.if_fact and not getattr(check.facts, disclosure.if_fact):
            continue
        named = getattr(check.facts, disclosure.fact) if disclosure.fact else None
        said = named is not None and str(named).lower() in folded
        if not said and not any(word in folded for word in disclosure.any_of.get(check.lang, ())):
            yield Hit("missing-disclosure", 0, 0, "missing", {"what": disclosure.reason[check.lang]})

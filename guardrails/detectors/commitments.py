"""Offers that go beyond the authorised ones: with six instalments authorised, a waiver still is a promise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from guardrails.detectors import Check, Hit, Reasons
from guardrails.recorded import unrecorded

SENTENCE_BY_SENTENCE: Final = True
REASONS: Reasons = {
    "beyond-offers": {
        "zh": "“{quote}”不在授权方案之内，授权的只有：{offers}",
        "en": "“{quote}” is not among the authorised offers, which are: {offers}",
    },
}


def find(check: Check) -> Iterator[Hit]:
    """Yield every grant of a kind that no authorised offer names; figures are left to the detector of figures."""
    for match in unrecorded(check, "unauthorised-promise", "authorised_offers"):
        offers = (
            "；".join(check.facts.authorised_offers) if check.lang == "zh" else "; ".join(check.facts.authorised_offers)
        )
        yield Hit(
            "unauthorised-promise", *check.canonical.span(match.start, match.end), "beyond-offers", {"offers": offers}
        )

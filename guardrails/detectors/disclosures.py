"""What a first contact must say, as the policy of the jurisdiction lists it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final

from guardrails.clauses import Stance
from guardrails.detectors import Check, Hit, Reasons
from guardrails.normalise import normalise
from guardrails.rulebook import Disclosure

REASONS: Reasons = {
    "missing": {
        "zh": "首次联系必须说明这一点：{what}",
        "en": "A first contact must say this: {what}",
    },
}

# In a message a firm is called by its name, not by its legal form: 青禾银行股份有限公司 -> 青禾银行.
_LEGAL_FORM: Final = re.compile(
    r"(?:股份有限公司|有限责任公司|有限公司)$"
    r"|,?\s+(?:inc|llc|llp|ltd|limited|plc|corp|corporation|co|company|n\.a|national association)\.?$"
)
_BRAND: Final = 4
_SHORTEST_NAME: Final = 2


def find(check: Check) -> Iterator[Hit]:
    """Yield a hit for each thing that a first contact leaves out."""
    if not check.facts.initial_communication:
        return
    for disclosure in check.policy.file.first_contact:
        due = not disclosure.if_fact or getattr(check.facts, disclosure.if_fact)
        if due and not _said(check, disclosure):
            yield Hit("missing-disclosure", 0, 0, "missing", {"what": disclosure.reason[check.lang]})


def _said(check: Check, disclosure: Disclosure) -> bool:
    """Tell whether the text says it somewhere without denying it in the same breath."""
    words = disclosure.any_of.get(check.lang, ())
    if disclosure.fact:
        words = (*words, *_names(getattr(check.facts, disclosure.fact)))
    if not words:
        return False
    return any(
        Stance.DENIED not in check.reader.stances([match.span()])
        for match in _mentions(words).finditer(check.canonical.folded)
    )


def _names(value: str | None) -> Iterable[str]:
    """Return what a fact may be called, in canonical form."""
    if value is None:
        return
    name = normalise(value).folded.strip()
    yield name
    shorter = _LEGAL_FORM.sub("", name).strip()
    if len(shorter) >= _SHORTEST_NAME:
        yield shorter
    if not name.isascii() and len(name) > _BRAND:
        yield name[:_BRAND]  # 松果资产 of 松果资产管理公司


@cache
def _mentions(words: tuple[str, ...]) -> re.Pattern[str]:
    """Return a pattern for any of the words; an English one must stand whole, so that "objective" is no "object"."""
    return re.compile("|".join(_whole(word.lower()) for word in sorted(words, key=len, reverse=True)))


def _whole(word: str) -> str:
    before = r"(?<![a-z0-9_])" if word[0].isascii() and word[0].isalnum() else ""
    after = r"(?![a-z0-9_])" if word[-1].isascii() and word[-1].isalnum() else ""
    return before + re.escape(word) + after

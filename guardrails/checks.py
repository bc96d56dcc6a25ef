"""What a detector is given and what it gives back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from guardrails.clauses import Reader
from guardrails.model import Facts, Jurisdiction, Language
from guardrails.normalise import Canonical

if TYPE_CHECKING:
    from guardrails.policy import Policy

Reasons = Mapping[str, Mapping[Language, str]]


@dataclass(frozen=True, slots=True)
class Check:
    """One text to be judged, with everything a detector may know.

    Attributes:
        text: the text as given.
        canonical: the same text normalised; `canonical.span(start, end)` gives offsets in `text`.
        lang: the language the text should be in.
        jurisdiction: whose law applies.
        facts: what is true of the account.
        inbound: the debtor's message that the text answers, normalised, if it is known.
        reader: tells how a stretch of the canonical text is meant (denied, quoted, asked ...).
        policy: the rules in force.
    """

    text: str
    canonical: Canonical
    lang: Language
    jurisdiction: Jurisdiction
    facts: Facts
    inbound: Canonical | None
    reader: Reader
    policy: Policy


@dataclass(frozen=True, slots=True)
class Hit:
    """A stretch of the text as given (code points, `end` exclusive) that breaks a rule.

    `reason_key` names a sentence in the detector's `REASONS`, filled with `params`; empty means the rule's own.
    """

    rule: str
    start: int
    end: int
    reason_key: str = ""
    params: Mapping[str, str] = field(default_factory=dict)


class Detector(Protocol):
    """What a detector file offers."""

    REASONS: Reasons

    def find(self, check: Check) -> Iterable[Hit]:
        """Yield every stretch that breaks a rule; raising means "could not run" and rejects the text."""
        ...

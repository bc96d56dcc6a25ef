"""What a detector is given and what it gives back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from guardrails.book import Match
from guardrails.classifier.opinion import Opinion, opinion
from guardrails.clauses import Reader
from guardrails.model import Facts, Jurisdiction, Language
from guardrails.normalise import Canonical

if TYPE_CHECKING:
    from guardrails.policy import Policy

Reasons = Mapping[str, Mapping[Language, str]]


@dataclass(frozen=True)
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

    @cached_property
    def readings(self) -> tuple[Match, ...]:
        """Every pattern of the rule files that stands in the text, whether it counts or is excused."""
        book = self.policy.books[self.lang]
        return tuple(book.readings(self.canonical, self.reader, facts=self.facts, inbound=self.inbound))

    @cached_property
    def opinion(self) -> Opinion | None:
        """What the classifier makes of the text; None where it is not installed."""
        heard = self.inbound.folded if self.inbound else None
        return opinion(self.canonical.folded, self.lang, heard, self.readings)


@dataclass(frozen=True, slots=True)
class Hit:
    """A stretch of the text as given (code points, `end` exclusive) that breaks a rule.

    `reason_key` names a sentence in the detector's `REASONS`, filled with `params`; empty means the rule's own.
    `advice` makes a warning of it, whatever the policy says of the rule.
    """

    rule: str
    start: int
    end: int
    reason_key: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    advice: bool = False


class Detector(Protocol):
    """What a detector file offers."""

    REASONS: Reasons

    def find(self, check: Check) -> Iterable[Hit]:
        """Yield every stretch that breaks a rule; raising means "could not run" and rejects the text."""
        ...

"""From a verdict of the guardrails to what people make of it."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints

from drafter.domain.journal import Act
from drafter.domain.review_queue import Outcome, ReviewItem
from drafter.domain.values import Count
from guardrails.model import Jurisdiction, Language, Value

FindingOutcome = Literal["hit", "false-hit", "unsure"]
"""命中 / 误命中 / 不确定."""
ReasonCode = Literal["rule-too-broad", "context-missing", "wrong-span", "model-error", "law-outdated"]
Scope = Literal["this-text", "phrase-exception", "rule-change"]
"""How far an overturn reaches: this text alone, a phrase that shall excuse, or a rule that shall be written anew."""
Stage = Literal["first", "second", "appeal", "final"]
ProposalStatus = Literal["proposed", "approved", "declined", "withdrawn"]

LOTS: Final = 1_000_000
_Said = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2_000)]


def lot(purpose: str, draft_id: str) -> int:
    """Return the lot that a draft has drawn, below `LOTS`; always the same for the same purpose."""
    return int(hashlib.sha256(f"{purpose}:{draft_id}".encode()).hexdigest()[:12], 16) % LOTS


def is_drawn(purpose: str, draft_id: str, share: float) -> bool:
    """Tell whether a draft is among the share (0 to 1) of all that was drawn by lot."""
    return lot(purpose, draft_id) < round(share * LOTS)


class FindingRuling(Value):
    """What a reviewer says of one finding.

    Attributes:
        number: its place in the verdict's findings, 0 for the first.
        rule: of the finding; the desk fills it in.
    """

    number: Count
    ruling: FindingOutcome
    rule: str = ""
    comment: _Said = ""


class Miss(Value):
    """Something that no finding names.

    Attributes:
        start: in code points of the text.
        end: exclusive; None for the end of the text.
    """

    rule: str
    start: Count = 0
    end: Count | None = None


class Judgement(Value):
    """What a reviewer says of a draft's text.

    Attributes:
        findings: those not named are hits where the verdict is upheld, and false hits where it is overturned.
        misses: what was missed; needed where the outcome is "missed".
        reason: needed where the outcome is "overturned".
        about: the number of the finding that a change of the rules is proposed for; the first false hit when None.
        unless: the phrase that shall excuse, in the pattern language of the rules.
    """

    outcome: Outcome
    findings: tuple[FindingRuling, ...] = ()
    misses: tuple[Miss, ...] = ()
    reason: ReasonCode | None = None
    scope: Scope = "this-text"
    about: Count | None = None
    unless: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = ""
    note: _Said = ""


class Ruling(Judgement):
    """A judgement of a named reviewer about a version of a draft."""

    draft_id: str
    version: Annotated[int, Field(ge=1)]
    stage: Stage
    by: str
    at: datetime


class Appeal(Value):
    """An agent's objection (申诉) to a ruling, and why."""

    draft_id: str
    by: str
    at: datetime
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)]


class Proposal(Value):
    """A change of a rule that an overturned verdict asks for; a second person decides about it.

    Attributes:
        quote: what the rule wrongly found.
        entries: the first pattern of each entry of the rule that found it.
        unless: the phrase that shall excuse; empty where the change is told in `note` alone.
        altered: of how many past decisions approving it was known to change, out of `decisions`.
    """

    id: str
    draft_id: str
    version: Annotated[int, Field(ge=1)]
    rule: str
    lang: Language
    jurisdiction: Jurisdiction
    quote: str
    scope: Scope
    entries: tuple[str, ...] = ()
    unless: str = ""
    note: str = ""
    status: ProposalStatus = "proposed"
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    decision_note: str = ""
    altered: int | None = None
    decisions: int | None = None


class Altered(Value):
    """A past decision that a proposal would change; `upheld` where a reviewer found the old verdict right."""

    draft_id: str
    version: Annotated[int, Field(ge=1)]
    now: Literal["pass", "reject"]
    then: Literal["pass", "reject"]
    upheld: bool


class Effect(Value):
    """What a proposal would have altered.

    Attributes:
        decisions: how many past texts were judged anew.
        altered: those that would be judged otherwise, the upheld ones first.
        lost: the rule's own violating examples that would no longer be found.
    """

    proposal_id: str
    decisions: Count
    altered: tuple[Altered, ...]
    lost: tuple[str, ...] = ()


class ReviewStep(Value):
    """A draft's way from one state of its review to another: kept whole or not at all.

    Attributes:
        before: as it was seen; if it is otherwise by now, nothing happens.
        withdraws: the proposals that are not decided yet fall with the verdict that they came of.
        undoes: a ruling that is taken back, with what it asked of the rules; what fell with it rises again.
        act: how the journal tells it.
    """

    before: ReviewItem
    after: ReviewItem
    act: Act
    ruling: Ruling | None = None
    appeal: Appeal | None = None
    proposal: Proposal | None = None
    withdraws: bool = False
    undoes: Ruling | None = None

"""From a verdict of the guardrails to what people make of it."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints

from drafter.domain.cases import Tier
from drafter.domain.journal import Act
from drafter.domain.values import Count
from guardrails.model import Facts, Jurisdiction, Language, Severity, Value, Verdict

Outcome = Literal["upheld", "overturned", "missed"]
"""The verdict stands; it was too strict; it was blind to something."""
FindingOutcome = Literal["hit", "false-hit", "unsure"]
"""命中 / 误命中 / 不确定."""
ReasonCode = Literal["rule-too-broad", "context-missing", "wrong-span", "model-error", "law-outdated"]
Scope = Literal["this-text", "phrase-exception", "rule-change"]
"""How far an overturn reaches: this text alone, a phrase that shall excuse, or a rule that shall be written anew."""
Stage = Literal["first", "second", "appeal", "final"]
ReviewStatus = Literal["open", "second-review", "disputed", "ruled", "appealed", "final"]
"""Waits for a first ruling; for a second, blind one; for the lead, since two differ; ruled and open to an appeal;
appealed; closed (终审)."""
ProposalStatus = Literal["proposed", "approved", "declined", "withdrawn"]

PENDING: Final[tuple[ReviewStatus, ...]] = ("open", "second-review", "appealed")
"""What a reviewer has still to do; what is disputed waits for the lead."""
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


class ReviewItem(Value):
    """A draft as the reviewers' queue shows it.

    Attributes:
        version: the version that is reviewed: the newest that was rejected, or the newest where none was.
        rejected: some version was; otherwise the draft can only be there as one of the sample.
        rules: what was found in it, the blocking ones first.
        agents: who edited it or decided about it.
        outcome: of the ruling that stands; None until one does.
        ruled_at: since when it stands.
        revision: counts the changes, so that one who acts on an older state is told.
    """

    draft_id: str
    case_id: str
    version: Annotated[int, Field(ge=1)]
    rejected: bool
    created_at: datetime
    tier: Tier
    channel: str | None = None
    model: str = ""
    prompt_version: str = ""
    rules: tuple[str, ...] = ()
    severity: Severity | None = None
    agents: tuple[str, ...] = ()
    status: ReviewStatus = "open"
    outcome: Outcome | None = None
    ruled_at: datetime | None = None
    assignee: str | None = None
    revision: Count = 0


class ReviewText(Value):
    """A version of a draft with all that it is judged by.

    Attributes:
        inbound: the debtor's message that it answers.
        outcome: what stands of the review of this very version.
    """

    draft_id: str
    version: Annotated[int, Field(ge=1)]
    case_id: str
    text: str
    verdict: Verdict
    inbound: str
    jurisdiction: Jurisdiction
    facts: Facts
    outcome: Outcome | None = None


class ReviewFilter(Value):
    """Which drafts are looked for; None where it does not matter.

    Attributes:
        agent: who edited or decided.
        since: only those written then or later.
        until: only those written before.
        rejected: only rejected drafts, or only the sample of passed ones.
        pending: only those that a reviewer has still to rule on.
        draft_ids: only these; any where empty.
    """

    rule: str | None = None
    tier: Tier | None = None
    agent: str | None = None
    model: str | None = None
    prompt_version: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    status: ReviewStatus | None = None
    outcome: Outcome | None = None
    assignee: str | None = None
    rejected: bool | None = None
    pending: bool | None = None
    draft_ids: tuple[str, ...] = ()


class ReviewPage(Value):
    """Some of the queue, the newest first, and where it goes on; `next` is None at its end."""

    items: tuple[ReviewItem, ...]
    next: str | None


class ReviewCounts(Value):
    """How many drafts are where, for the tabs: 待我复核 / 全部 / 有申诉 / 争议 / 已推翻."""

    mine: Count
    all: Count
    appealed: Count
    disputed: Count
    overturned: Count
    unassigned: Count


class ReviewerProgress(Value):
    """How far one reviewer is: `done` of `total`."""

    person: str
    done: Count
    total: Count


class ReviewProgress(Value):
    """How far all are: `done` drafts of `total` have a ruling that stands."""

    done: Count
    total: Count
    reviewers: tuple[ReviewerProgress, ...]


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
        act: how the journal tells it.
    """

    before: ReviewItem
    after: ReviewItem
    act: Act
    ruling: Ruling | None = None
    appeal: Appeal | None = None
    proposal: Proposal | None = None
    withdraws: bool = False

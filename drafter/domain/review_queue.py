"""The queue of drafts as reviewers and their lead see it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import Field

from drafter.domain.cases import Tier
from drafter.domain.values import Count
from guardrails.model import Facts, Jurisdiction, Severity, Value, Verdict

Outcome = Literal["upheld", "overturned", "missed"]
"""The verdict stands; it was too strict; it was blind to something."""
ReviewStatus = Literal["open", "second-review", "disputed", "ruled", "appealed", "final"]
"""Waits for a first ruling; for a second, blind one; for the lead, since two differ or one asked; ruled and open to an
appeal; appealed; closed (终审)."""

PENDING: Final[tuple[ReviewStatus, ...]] = ("open", "second-review", "appealed")
"""What a reviewer has still to do; what is disputed waits for the lead."""


class ReviewItem(Value):
    """A draft as the reviewers' queue shows it.

    Attributes:
        version: the version that is reviewed: the newest that was rejected, or the newest where none was.
        rejected: some version was; otherwise the draft can only be there as one of the sample.
        rules: what was found in it, the blocking ones first.
        agents: who edited it or decided about it.
        holder: who has its case.
        outcome: of the ruling that stands; None until one does.
        ruled_at: since when it stands.
        revision: counts the changes, so that one who acts on an older state is told.
        escalated_by: the reviewer who put it before the lead, and why.
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
    holder: str | None = None
    status: ReviewStatus = "open"
    outcome: Outcome | None = None
    ruled_at: datetime | None = None
    assignee: str | None = None
    revision: Count = 0
    escalated_by: str | None = None
    escalated_because: str | None = None


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
        assigned: only what a reviewer has, or only what nobody has.
        free_for: only what this person had no hand in and has not ruled on.
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
    assigned: bool | None = None
    free_for: str | None = None
    rejected: bool | None = None
    pending: bool | None = None
    draft_ids: tuple[str, ...] = ()

    def narrowed(self, by: ReviewFilter) -> ReviewFilter:
        """Return what both look for; where both say something of the same kind, the other's word counts."""
        return self.model_copy(update=by.model_dump(exclude_defaults=True))


def review_tabs(person_id: str) -> Mapping[str, ReviewFilter]:
    """Return what stands under each tab of somebody's queue; what is counted is what is listed."""
    return {
        "unassigned": ReviewFilter(pending=True, assigned=False, free_for=person_id),
        "mine": ReviewFilter(pending=True, assignee=person_id),
        "assigned": ReviewFilter(pending=True, assigned=True),
        "appealed": ReviewFilter(status="appealed"),
        "disputed": ReviewFilter(status="disputed"),
        "overturned": ReviewFilter(outcome="overturned"),
        "all": ReviewFilter(),
    }


class ReviewPage(Value):
    """Some of the queue, the newest first, and where it goes on; `next` is None at its end."""

    items: tuple[ReviewItem, ...]
    next: str | None


class ReviewCounts(Value):
    """How many drafts are under each tab: 待我复核 / 我的 / 已分配 / 有申诉 / 争议 / 已推翻 / 全部."""

    unassigned: Count
    mine: Count
    assigned: Count
    appealed: Count
    disputed: Count
    overturned: Count
    all: Count


class ReviewChoices(Value):
    """What there is to filter by: models, prompt versions and agents that some draft of the queue comes of."""

    models: tuple[str, ...]
    prompt_versions: tuple[str, ...]
    agents: tuple[str, ...]


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

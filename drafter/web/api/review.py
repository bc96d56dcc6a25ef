"""The review for programs: what waits, a ruling, an appeal."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field

from drafter.domain import FindingRuling, Judgement, Miss, ReviewFilter, ReviewItem, ReviewPage, Tier
from drafter.domain.reviewing import Outcome, ReasonCode, ReviewStatus
from drafter.web.api.cases import Reason
from drafter.web.api.idempotency import Repeatable
from drafter.web.callers import Agent, Needs, Reviewer, person_of
from drafter.web.services import services_of
from guardrails.model import Value

router = APIRouter(prefix="/api/v1/review", tags=["review"], route_class=Repeatable)


class GivenRuling(Value):
    """What a reviewer says of a draft.

    Attributes:
        rules: what was missed; needed where the ruling is "missed".
        reason: why a verdict is overturned.
    """

    ruling: Outcome
    rules: tuple[Annotated[str, Field(max_length=64)], ...] = ()
    note: Annotated[str, Field(max_length=2000)] = ""
    reason: ReasonCode = "context-missing"
    findings: tuple[FindingRuling, ...] = ()
    version: Annotated[int, Field(ge=1)] | None = None

    def judgement(self) -> Judgement:
        return Judgement(
            outcome=self.ruling,
            findings=self.findings,
            misses=tuple(Miss(rule=rule) for rule in self.rules) if self.ruling == "missed" else (),
            reason=self.reason if self.ruling == "overturned" else None,
            note=self.note,
        )


@router.get("", dependencies=[Depends(Needs("review"))])
def list_items(
    request: Request,
    rule: Annotated[str | None, Query(max_length=64)] = None,
    status: ReviewStatus | None = None,
    tier: Tier | None = None,
    cursor: Annotated[str | None, Query(max_length=300)] = None,
) -> ReviewPage:
    """Return rejected drafts and the sample of passed ones, the newest first."""
    wanted = ReviewFilter(rule=rule, status=status, tier=tier)
    return services_of(request).reviews.page(wanted, cursor=cursor)


@router.post("/{draft_id}/ruling")
def rule(
    draft_id: str,
    given: GivenRuling,
    request: Request,
    caller: Reviewer,
) -> ReviewItem:
    """Rule on a draft; where a second reviewer is asked, blind for the first ruling."""
    reviews = services_of(request).reviews
    return reviews.rule(draft_id, given.judgement(), by=person_of(caller), version=given.version)


@router.post("/{draft_id}/appeal")
def appeal(
    draft_id: str,
    given: Reason,
    request: Request,
    caller: Agent,
) -> ReviewItem:
    """Appeal against a ruling; another reviewer looks at it anew."""
    return services_of(request).reviews.object(draft_id, reason=given.reason, by=person_of(caller))

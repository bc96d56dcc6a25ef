"""The review for programs: what waits, a ruling, an appeal."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field

from drafter.desk.judgements import findings_by_rule
from drafter.domain import (
    FindingRuling,
    Judgement,
    Miss,
    Outcome,
    ReasonCode,
    ReviewFilter,
    ReviewItem,
    ReviewPage,
    ReviewStatus,
    Tier,
)
from drafter.web.api.cases import Cursor, Reason
from drafter.web.api.drafts import VersionNumber
from drafter.web.api.idempotency import Repeatable
from drafter.web.callers import Agent, Needs, Reviewer, person_of
from drafter.web.services import services_of
from drafter.web.texts import Keepable
from guardrails.model import Value, Verdict

router = APIRouter(prefix="/api/v1/review", tags=["review"], route_class=Repeatable)


class GivenRuling(Value):
    """What a reviewer says of a draft.

    Attributes:
        rules: of the findings that were wrong where the ruling is "overturned", and that were right where it is
            "upheld"; findings of other rules are left unsure. Without them all findings were wrong, or right. Where the
            ruling is "missed": what was missed, and needed.
        reason: why a verdict is overturned.
        findings: says the same finding by finding, by their numbers in the verdict from 0; counts before `rules`.
    """

    ruling: Outcome
    rules: tuple[Annotated[str, Field(max_length=64)], ...] = ()
    note: Annotated[str, Field(max_length=2000)] = ""
    reason: ReasonCode = "context-missing"
    findings: tuple[FindingRuling, ...] = ()
    version: VersionNumber | None = None

    def judgement(self, verdict: Verdict) -> Judgement:
        """Return what is said of a verdict.

        Raises:
            InputError: no finding of it names one of the rules.
        """
        return Judgement(
            outcome=self.ruling,
            findings=self.findings or findings_by_rule(self.ruling, self.rules, verdict),
            misses=tuple(Miss(rule=rule) for rule in self.rules) if self.ruling == "missed" else (),
            reason=self.reason if self.ruling == "overturned" else None,
            note=self.note,
        )


@router.get("", dependencies=[Depends(Needs("review"))])
def list_review(
    request: Request,
    rule: Annotated[str | None, Query(max_length=64)] = None,
    status: ReviewStatus | None = None,
    tier: Tier | None = None,
    cursor: Cursor = None,
) -> ReviewPage:
    """Return rejected drafts and the sample of passed ones, the newest first."""
    wanted = ReviewFilter(rule=rule, status=status, tier=tier)
    return services_of(request).reviews.page(wanted, cursor=cursor)


@router.post("/{draft_id}/ruling")
def rule_on_draft(
    draft_id: str,
    given: Annotated[GivenRuling, Keepable],
    request: Request,
    caller: Reviewer,
) -> ReviewItem:
    """Rule on a draft; where a second reviewer is asked, blind for the first ruling.

    `rules` names what was missed where the ruling is "missed"; where it is "overturned", the rules whose findings were
    wrong, and where it is "upheld", those whose findings were right. Findings of other rules are then left unsure.
    """
    services = services_of(request)
    item = services.store.review.item(draft_id)
    verdict = services.store.review.text(draft_id, item.version).verdict
    return services.reviews.rule(draft_id, given.judgement(verdict), by=person_of(caller), version=given.version)


@router.post("/{draft_id}/appeal")
def appeal_ruling(
    draft_id: str,
    given: Reason,
    request: Request,
    caller: Agent,
) -> ReviewItem:
    """Appeal against a ruling; another reviewer looks at it anew."""
    return services_of(request).reviews.object(draft_id, reason=given.reason, by=person_of(caller))

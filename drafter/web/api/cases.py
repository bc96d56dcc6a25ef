"""Cases: a debtor's message comes in, another one follows, a lead takes over."""

from __future__ import annotations

from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field, StringConstraints

from drafter.desk.intake import new_case, read_message, read_tier
from drafter.domain import Case, Draft, Promise, QueueFilter, QueuePage, TimeZone, Triage, Turn
from drafter.web.api.idempotency import Repeatable
from drafter.web.callers import MayDraft, Needs
from drafter.web.services import services_of
from drafter.web.texts import Keepable
from guardrails import Facts
from guardrails.model import Jurisdiction, Language, Value

router = APIRouter(prefix="/api/v1", tags=["cases"], route_class=Repeatable)
Text = Annotated[str, Field(max_length=100_000)]


class NewCase(Value):
    """A debtor's message and what is known of the account."""

    message: Text
    tier: str = "general"
    lang: Language | None = None
    jurisdiction: Jurisdiction | None = None
    facts: Facts = Field(default_factory=Facts)
    channel: Annotated[str, Field(max_length=32), Keepable] | None = None
    external_id: Annotated[str, Field(min_length=1, max_length=200), Keepable] | None = None
    conversation: tuple[Turn, ...] = ()
    promises: tuple[Promise, ...] = ()
    time_zone: TimeZone | None = None


class CaseAnswer(Value):
    """A case with what triage saw in its newest message."""

    case: Case
    triage: Triage


class NewMessage(Value):
    """What the debtor wrote next."""

    message: Text
    lang: Language | None = None


class Reason(Value):
    """Why, in a few words."""

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000), Keepable]


class Done(Value):
    """What became of it."""

    case_id: str
    status: str


@router.post("/cases", status_code=201, dependencies=[Depends(Needs("draft"))])
def add_case(given: NewCase, request: Request, response: Response) -> CaseAnswer:
    """Keep a case; the same external_id again gives the case already kept, with 200."""
    services = services_of(request)
    case = new_case(
        read_message(given.message, lang=given.lang),
        tier=read_tier(given.tier),
        facts=given.facts,
        jurisdiction=given.jurisdiction,
        id=uuid4().hex,
        at=services.clock.now(),
        external_id=given.external_id,
        conversation=given.conversation,
        promises=given.promises,
        time_zone=given.time_zone,
        channel=given.channel,
    )
    kept, triage = services.casework.open(case)
    if kept.id != case.id:
        response.status_code = 200
    return CaseAnswer(case=kept, triage=triage)


@router.get("/cases", dependencies=[Depends(Needs("read"))])
def list_cases(
    request: Request,
    wanted: Annotated[QueueFilter, Depends()],
    cursor: Annotated[str | None, Field(max_length=200)] = None,
) -> QueuePage:
    """Return a page of the queue, those whose debtor wrote last first."""
    return services_of(request).store.queue.page(wanted, cursor=cursor)


@router.get("/cases/{case_id}", dependencies=[Depends(Needs("read"))])
def get_case(case_id: str, request: Request) -> CaseAnswer:
    """Return a case."""
    services = services_of(request)
    case = services.store.case(case_id)
    return CaseAnswer(case=case, triage=services.casework.triage(case.message))


@router.get("/cases/{case_id}/drafts", dependencies=[Depends(Needs("read"))])
def get_drafts(case_id: str, request: Request) -> list[Draft]:
    """Return the drafts of a case, the newest first."""
    services = services_of(request)
    return services.store.drafts.of_case(services.store.case(case_id).id)


@router.post("/cases/{case_id}/messages", status_code=201)
def add_message(case_id: str, given: NewMessage, request: Request, caller: MayDraft) -> CaseAnswer:
    """Keep what the debtor wrote next; drafts of before can no longer be approved."""
    services = services_of(request)
    message = read_message(given.message, lang=given.lang)
    triage = services.casework.add_message(case_id, message, by=caller.id)
    return CaseAnswer(case=services.store.case(case_id), triage=triage)


@router.post("/cases/{case_id}/escalation")
def escalate(case_id: str, given: Reason, request: Request, caller: MayDraft) -> Done:
    """Put a case before a lead."""
    services_of(request).casework.escalate(case_id, reason=given.reason, by=caller.id)
    return Done(case_id=case_id, status="escalated")

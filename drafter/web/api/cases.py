"""Cases: a debtor's message comes in, another one follows, a lead takes over."""

from __future__ import annotations

from typing import Annotated, Any, Final
from uuid import uuid4

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field, WithJsonSchema

from drafter.desk.intake import new_case, read_message, read_tier
from drafter.domain import (
    MAX_MESSAGE_CHARS,
    Case,
    Draft,
    Promise,
    QueueFilter,
    QueuePage,
    TimeZone,
    Triage,
    Turn,
)
from drafter.web.api.idempotency import Repeatable
from drafter.web.callers import Caller, Lead, MayDraft, MayRead
from drafter.web.services import Services, services_of
from drafter.web.texts import Keepable, Words, shown
from drafter.web.veils import lift, veil_for, veil_for_writers, veil_of_lists
from guardrails import Facts
from guardrails.model import Jurisdiction, Language, Value

router = APIRouter(prefix="/api/v1", tags=["cases"], route_class=Repeatable)
Text = Annotated[str, Field(max_length=100_000), shown(MAX_MESSAGE_CHARS)]
TierName = Annotated[
    str, WithJsonSchema({"type": "string", "enum": ["premium", "general", "high-risk", "优质", "一般", "高风险"]})
]
Cursor = Annotated[
    str | None,
    Query(max_length=300, description="The `next` of the page before; without it the list begins at its first page."),
]


class NewCase(Value):
    """A debtor's message and what is known of the account.

    Attributes:
        message: what the debtor wrote.
        lang: of the message; seen from it when not given.
        jurisdiction: whose law the reply is judged by; follows the language when not given.
        channel: by which way the reply goes out; the clipboard when not given.
        external_id: the case's name in another system; given again it finds the same case.
        conversation: what was said before the message, oldest first.
        promises: what the debtor promised before.
        time_zone: IANA name of the zone that the debtor lives in, for the hours in which the law lets one write.
    """

    message: Text
    tier: TierName = "general"
    lang: Language | None = None
    jurisdiction: Jurisdiction | None = None
    facts: Facts = Field(default_factory=Facts)
    channel: Annotated[str, Field(max_length=32)] | None = None
    external_id: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    conversation: tuple[Turn, ...] = ()
    promises: tuple[Promise, ...] = ()
    time_zone: TimeZone | None = None


class CaseAnswer(Value):
    """A case with what triage saw in its newest message."""

    case: Case
    triage: Triage


class RevealedCase(CaseAnswer):
    """A case as it is, with its drafts, the newest first."""

    drafts: tuple[Draft, ...]


class NewMessage(Value):
    """What the debtor wrote next."""

    message: Text
    lang: Language | None = None


class Reason(Value):
    """Why, in a few words."""

    reason: Words


class Done(Value):
    """What became of it."""

    case_id: str
    status: str


_KEPT_ALREADY: Final[dict[int | str, dict[str, Any]]] = {
    200: {"model": CaseAnswer, "description": "The case of this external_id, as it was kept before."}
}


@router.post("/cases", status_code=201, responses=_KEPT_ALREADY)
def add_case(given: Annotated[NewCase, Keepable], request: Request, response: Response, caller: MayDraft) -> CaseAnswer:
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
        return _told(services, caller, kept, triage)
    return CaseAnswer(case=kept, triage=triage)


@router.get("/cases")
def list_cases(
    request: Request,
    caller: MayRead,
    wanted: Annotated[QueueFilter, Depends()],
    cursor: Cursor = None,
) -> QueuePage:
    """Return a page of the queue, those whose debtor wrote last first.

    With status=open, those that a person must answer come before all others.
    """
    veil = veil_of_lists(caller)
    found = services_of(request).store.queue.page(wanted, cursor=cursor, names=not veil.hides)
    return found.model_copy(update={"rows": tuple(map(veil.row, found.rows))})


@router.get("/cases/{case_id}")
def get_case(case_id: str, request: Request, caller: MayRead) -> CaseAnswer:
    """Return a case; names and numbers stand behind tokens for whoever may not draft."""
    services = services_of(request)
    case = services.store.case(case_id)
    services.looks.at_case(case_id, by=caller.id)
    veil = veil_for(caller, case)
    triage = veil.triage(services.casework.triage(case.message), case.message.text)
    return CaseAnswer(case=veil.case(case), triage=triage)


@router.post("/cases/{case_id}/reveal")
def reveal_case(case_id: str, request: Request, caller: MayRead) -> RevealedCase:
    """Return a case and its drafts with names and numbers; the journal tells who asked for them."""
    services = services_of(request)
    lift(request, caller, case_id)
    case = services.store.case(case_id)
    triage = services.casework.triage(case.message)
    return RevealedCase(case=case, triage=triage, drafts=tuple(services.store.drafts.of_case(case_id)))


@router.get("/cases/{case_id}/drafts")
def list_drafts(case_id: str, request: Request, caller: MayRead) -> list[Draft]:
    """Return the drafts of a case, the newest first; for whoever may not draft with tokens for names and numbers."""
    services = services_of(request)
    case = services.store.case(case_id)
    services.looks.at_case(case.id, by=caller.id)
    drafts = services.store.drafts.of_case(case.id)
    veil = veil_for(caller, case, drafts)
    return [veil.draft(one) for one in drafts]


@router.post("/cases/{case_id}/messages", status_code=201)
def add_message(case_id: str, given: Annotated[NewMessage, Keepable], request: Request, caller: MayDraft) -> CaseAnswer:
    """Keep what the debtor wrote next; drafts of before can no longer be approved."""
    services = services_of(request)
    message = read_message(given.message, lang=given.lang)
    triage = services.casework.add_message(case_id, message, by=caller.id)
    return _told(services, caller, services.store.case(case_id), triage)


@router.post("/cases/{case_id}/escalation")
def escalate_case(case_id: str, given: Reason, request: Request, caller: MayDraft) -> Done:
    """Put a case and the drafts that wait in it before a lead."""
    services_of(request).casework.escalate(case_id, reason=given.reason, by=caller.id)
    return Done(case_id=case_id, status="escalated")


@router.delete("/cases/{case_id}/escalation")
def hand_back_case(case_id: str, request: Request, caller: Lead) -> Done:
    """Give a case that is before a lead back to the agents, with its drafts."""
    services_of(request).casework.hand_back(case_id, by=caller.id)
    return Done(case_id=case_id, status="open")


def _told(services: Services, caller: Caller, case: Case, triage: Triage) -> CaseAnswer:
    """Return a case that was kept before, noted as seen; names and numbers stand behind tokens without the right."""
    services.looks.at_case(case.id, by=caller.id)
    veil = veil_for_writers(caller, case)
    return CaseAnswer(case=veil.case(case), triage=veil.triage(triage, case.message.text))

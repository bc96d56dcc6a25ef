"""Drafts: read, edited, approved by a person, taken back, put aside."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from pydantic import Field

from drafter.domain import MAX_REPLY_CHARS, Delivery, Draft, Sha256
from drafter.web.api.cases import Reason
from drafter.web.api.idempotency import Repeatable
from drafter.web.callers import Agent, Approver, MayRead, Needs, person_of
from drafter.web.services import services_of
from drafter.web.texts import Keepable, shown
from drafter.web.veils import veil_for
from guardrails import Facts, Verdict
from guardrails.model import Counted, Value

MOST_VERSIONS: Final = 1_000_000
router = APIRouter(prefix="/api/v1/drafts", tags=["drafts"], route_class=Repeatable)
ReplyText = Annotated[str, Field(max_length=MAX_REPLY_CHARS)]
VersionNumber = Annotated[int, Field(ge=1, le=MOST_VERSIONS), Counted]


class DraftAnswer(Value):
    """A draft, the hash that an approval must name, and its way out once it is approved."""

    draft: Draft
    text_sha256: Sha256
    delivery: Delivery | None = None


class EditedText(Value):
    """The whole text as edited, and the version that was edited."""

    text: Annotated[ReplyText, shown(MAX_REPLY_CHARS)]
    version: VersionNumber
    facts: Facts | None = None


class Preview(Value):
    """A text that is only to be checked."""

    text: ReplyText
    facts: Facts | None = None


class Approval(Value):
    """What was read: the version, and the SHA-256 of the text's UTF-8 bytes."""

    version: VersionNumber
    text_sha256: Sha256


@router.get("/{draft_id}")
def get_draft(draft_id: str, request: Request, caller: MayRead) -> DraftAnswer:
    """Return a draft's newest version; names and numbers stand behind tokens for whoever may not draft."""
    services = services_of(request)
    draft = services.store.drafts.draft(draft_id)
    services.looks.at_case(draft.case_id, by=caller.id)
    answer, veil = _answer(request, draft), veil_for(caller, services.store.case(draft.case_id), [draft])
    return answer.model_copy(update={"draft": veil.draft(draft)})


@router.patch("/{draft_id}")
def edit_draft(draft_id: str, given: Annotated[EditedText, Keepable], request: Request, caller: Agent) -> DraftAnswer:
    """Keep an edited text as a new version and check it at once; 409 on a stale version."""
    approvals = services_of(request).approvals
    draft = approvals.edit(draft_id, given.text, version=given.version, by=person_of(caller), facts=given.facts)
    return _answer(request, draft)


@router.post("/{draft_id}/check", dependencies=[Depends(Needs("draft"))])
def check_draft(draft_id: str, given: Annotated[Preview, Keepable], request: Request) -> Verdict:
    """Judge a text in place of the draft's; nothing is kept."""
    services = services_of(request)
    return services.approvals.check(services.store.drafts.draft(draft_id), given.text, facts=given.facts)


@router.post("/{draft_id}/approval")
def approve_draft(draft_id: str, given: Approval, request: Request, caller: Approver) -> DraftAnswer:
    """Let the exact text go: 409 stale or changed, 422 not passing; a repeated call changes nothing."""
    approvals = services_of(request).approvals
    draft = approvals.approve(draft_id, version=given.version, sha256=given.text_sha256, by=person_of(caller))
    return _answer(request, draft)


@router.delete("/{draft_id}/approval")
def withdraw_approval(draft_id: str, request: Request, caller: Approver) -> DraftAnswer:
    """Take an approval back before the text leaves."""
    return _answer(request, services_of(request).approvals.withdraw(draft_id, by=person_of(caller)))


@router.post("/{draft_id}/discard")
def discard_draft(draft_id: str, given: Reason, request: Request, caller: Agent) -> DraftAnswer:
    """Put a draft aside for good."""
    approvals = services_of(request).approvals
    return _answer(request, approvals.discard(draft_id, reason=given.reason, by=person_of(caller)))


def _answer(request: Request, draft: Draft) -> DraftAnswer:
    delivery = services_of(request).store.drafts.delivery(draft.id)
    return DraftAnswer(draft=draft, text_sha256=draft.text_sha256, delivery=delivery)

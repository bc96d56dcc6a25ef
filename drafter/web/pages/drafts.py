"""What is done with a draft on its case's page."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response

from drafter.domain import Draft
from drafter.errors import DrafterError, NotApprovableError, NotFoundError
from drafter.web.api.drafts import person_of
from drafter.web.callers import Caller, Needs
from drafter.web.pages.case import case_page, own_lines
from drafter.web.pages.diffs import changes, parts
from drafter.web.pages.forms import Line, Reply, go
from drafter.web.rendering import page
from drafter.web.services import services_of

router = APIRouter(prefix="/drafts", include_in_schema=False)
Agent = Annotated[Caller, Depends(Needs("draft", by_person=True))]
Approver = Annotated[Caller, Depends(Needs("approve", by_person=True))]
Seen = Annotated[int, Form(ge=1)]


@router.post("/{draft_id}/check")
def check(draft_id: str, request: Request, caller: Agent, text: Reply) -> Response:
    """Return what the guardrails say of a text while it is typed; nothing is kept."""
    del caller
    services = services_of(request)
    draft, typed = services.store.drafts.draft(draft_id), own_lines(text)
    verdict = services.approvals.check(draft, typed)
    first = services.store.drafts.versions(draft_id)[0][1]
    return page(
        request,
        "findings.html",
        verdict=verdict,
        parts=parts(typed, verdict.findings),
        changes=changes(first, typed),
    )


@router.post("/{draft_id}/save")
def save(draft_id: str, request: Request, caller: Agent, text: Reply, version: Seen) -> Response:
    """Keep an edited text and check it."""
    services = services_of(request)
    draft = services.store.drafts.draft(draft_id)
    try:
        draft = services.approvals.edit(draft_id, own_lines(text), version=version, by=person_of(caller))
    except DrafterError as error:
        return _told(request, caller, draft, error)
    return _back(draft, "saved")


@router.post("/{draft_id}/approve")
def approve(draft_id: str, request: Request, caller: Approver, text: Reply, version: Seen) -> Response:
    """Approve exactly the text on the page: an edited one is first kept and checked."""
    services, person = services_of(request), person_of(caller)
    draft, read = services.store.drafts.draft(draft_id), own_lines(text)
    try:
        if read != draft.text:
            draft = services.approvals.edit(draft_id, read, version=version, by=person)
        if not draft.verdict.passed:
            raise NotApprovableError("The text does not pass the guardrails; it was kept, but nothing was approved.")
        draft = services.approvals.approve(draft_id, version=draft.version, sha256=draft.text_sha256, by=person)
    except DrafterError as error:
        return _told(request, caller, draft, error)
    return _back(draft, "approved")


@router.post("/{draft_id}/withdraw")
def withdraw(draft_id: str, request: Request, caller: Approver) -> Response:
    """Take an approval back."""
    services = services_of(request)
    draft = services.store.drafts.draft(draft_id)
    try:
        draft = services.approvals.withdraw(draft_id, by=person_of(caller))
    except DrafterError as error:
        return _told(request, caller, draft, error)
    return _back(draft, "withdrawn")


@router.post("/{draft_id}/discard")
def discard(draft_id: str, request: Request, caller: Agent, reason: Line) -> Response:
    """Put a draft aside for good."""
    services = services_of(request)
    draft = services.store.drafts.draft(draft_id)
    try:
        draft = services.approvals.discard(draft_id, reason=reason, by=person_of(caller))
    except DrafterError as error:
        return _told(request, caller, draft, error)
    return _back(draft, "discarded")


@router.post("/{draft_id}/retry")
def retry(draft_id: str, request: Request, caller: Approver) -> Response:
    """Let a text that could not be delivered be tried again."""
    services = services_of(request)
    draft = services.store.drafts.draft(draft_id)
    try:
        draft = services.deliveries.retry(draft_id, by=person_of(caller))
    except DrafterError as error:
        return _told(request, caller, draft, error)
    return _back(draft, "retry")


@router.post("/{draft_id}/appeal")
def appeal(draft_id: str, request: Request, caller: Agent, reason: Line) -> Response:
    """Appeal against a reviewer's ruling."""
    services = services_of(request)
    draft = services.store.drafts.draft(draft_id)
    try:
        services.reviews.object(draft_id, reason=reason, by=person_of(caller))
    except DrafterError as error:
        return _told(request, caller, draft, error)
    return _back(draft, "appealed")


@router.post("/{draft_id}/copied")
def copied(
    draft_id: str, request: Request, caller: Agent, text_sha256: Annotated[str, Form(max_length=64)]
) -> Response:
    """Note that the approved text was copied."""
    draft = services_of(request).deliveries.copied(draft_id, sha256=text_sha256, by=person_of(caller))
    return _back(draft, "copied")


def _told(request: Request, caller: Caller, draft: Draft, error: DrafterError) -> Response:
    if isinstance(error, NotFoundError):
        raise error
    return case_page(request, caller, draft.case_id, draft_id=draft.id, error=error)


def _back(draft: Draft, told: str) -> Response:
    return go(f"/cases/{draft.case_id}", told=told)

"""What is done with a draft on its case's page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Final

from fastapi import APIRouter, Form, Request, Response

from drafter.desk.looking import A_SITTING
from drafter.domain import Draft, Person
from drafter.errors import DrafterError, NotApprovableError, NotFoundError
from drafter.web.callers import Agent, Approver, Caller, person_of
from drafter.web.pages.card import shown_draft
from drafter.web.pages.case import case_page
from drafter.web.pages.diffs import changes, parts, together
from drafter.web.pages.forms import Added, Line, Reply, go, own_lines
from drafter.web.rendering import page
from drafter.web.services import services_of

router = APIRouter(prefix="/drafts", include_in_schema=False)
Seen = Annotated[int, Form(ge=1)]
_STAYS: Final = frozenset({"saved", "added"})
"""After these one goes on with the same draft, also where a newer one waits beside it."""


@router.post("/{draft_id}/check")
def check(draft_id: str, request: Request, caller: Agent, text: Reply) -> Response:
    """Return what the guardrails say of a text while it is typed; nothing is kept."""
    services = services_of(request)
    draft, typed = services.store.drafts.draft(draft_id), own_lines(text)
    # What is compared shows the draft as it was; the page that asks while one types has told of the case.
    services.looks.at_case(draft.case_id, by=caller.id, within=A_SITTING)
    verdict = services.approvals.check(draft, typed)
    first = services.store.drafts.versions(draft_id)[0][1]
    return page(
        request,
        "findings.html",
        verdict=verdict,
        parts=parts(typed, verdict.findings),
        findings=together(verdict.findings),
        changes=changes(first, typed),
    )


@router.post("/{draft_id}/save")
def save(draft_id: str, request: Request, caller: Agent, text: Reply, version: Seen) -> Response:
    """Keep an edited text and check it."""
    edit, read = services_of(request).approvals.edit, own_lines(text)
    return _after(
        request, caller, draft_id, "saved", lambda _, by: edit(draft_id, read, version=version, by=by), typed=read
    )


@router.post("/{draft_id}/facts")
def add_facts(draft_id: str, request: Request, caller: Agent, text: Reply, *, version: Seen, added: Added) -> Response:
    """Keep the text on the page with the facts that the agent adds for it, and check it against them."""
    ground, read = services_of(request).approvals.ground, own_lines(text)
    return _after(
        request,
        caller,
        draft_id,
        "added",
        lambda _, by: ground(draft_id, read, added.read(), version=version, by=by),
        typed=read,
    )


@router.post("/{draft_id}/approve")
def approve(draft_id: str, request: Request, caller: Approver, text: Reply, version: Seen) -> Response:
    """Approve exactly the text on the page: an edited one is first kept and checked."""
    approvals, read = services_of(request).approvals, own_lines(text)

    def let_go(draft: Draft, by: Person) -> None:
        if read != draft.text:
            draft = approvals.edit(draft_id, read, version=version, by=by)
        if not draft.verdict.passed:
            raise NotApprovableError("The text does not pass the guardrails; it was kept, but nothing was approved.")
        approvals.approve(draft_id, version=draft.version, sha256=draft.text_sha256, by=by)

    return _after(request, caller, draft_id, "approved", let_go, typed=read)


@router.post("/{draft_id}/withdraw")
def withdraw(draft_id: str, request: Request, caller: Approver) -> Response:
    """Take an approval back."""
    take_back = services_of(request).approvals.withdraw
    return _after(request, caller, draft_id, "withdrawn", lambda _, by: take_back(draft_id, by=by))


@router.post("/{draft_id}/discard")
def discard(draft_id: str, request: Request, caller: Agent, reason: Line) -> Response:
    """Put a draft aside for good."""
    put_aside = services_of(request).approvals.discard
    return _after(request, caller, draft_id, "discarded", lambda _, by: put_aside(draft_id, reason=reason, by=by))


@router.post("/{draft_id}/retry")
def retry(draft_id: str, request: Request, caller: Approver) -> Response:
    """Let a text that could not be delivered be tried again."""
    again = services_of(request).deliveries.retry
    return _after(request, caller, draft_id, "retry", lambda _, by: again(draft_id, by=by))


@router.post("/{draft_id}/appeal")
def appeal(draft_id: str, request: Request, caller: Agent, reason: Line) -> Response:
    """Appeal against a reviewer's ruling."""
    against = services_of(request).reviews.object
    return _after(request, caller, draft_id, "appealed", lambda _, by: against(draft_id, reason=reason, by=by))


@router.post("/{draft_id}/copied")
def copied(
    draft_id: str, request: Request, caller: Agent, text_sha256: Annotated[str, Form(max_length=64)]
) -> Response:
    """Note that the approved text was copied."""
    draft = services_of(request).deliveries.copied(draft_id, sha256=text_sha256, by=person_of(caller))
    return go(f"/cases/{draft.case_id}", told="copied")


def _after(
    request: Request,
    caller: Caller,
    draft_id: str,
    told: str,
    act: Callable[[Draft, Person], object],
    *,
    typed: str = "",
) -> Response:
    """Do something with a draft and go back to its case, or tell there why it was not done."""
    draft = services_of(request).store.drafts.draft(draft_id)
    try:
        act(draft, person_of(caller))
    except NotFoundError:
        raise
    except DrafterError as error:
        return case_page(request, caller, draft.case_id, draft_id=draft.id, error=error, typed=typed)
    first = shown_draft(services_of(request).store.drafts.of_case(draft.case_id), "")
    goes_on = told in _STAYS and first is not None and first.id != draft.id
    return go(f"/cases/{draft.case_id}", told=told, draft=draft.id if goes_on else "")

"""One case: what was said, what is known, what may be answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Request, Response
from fastapi.concurrency import run_in_threadpool

from drafter.desk.handover import handover_cards
from drafter.desk.intake import read_message, read_wish
from drafter.domain import Case, Draft, QueueFilter, Triage, Wish
from drafter.errors import DrafterError, InputError, NotFoundError
from drafter.web.callers import Agent, Caller, Reader, person_of
from drafter.web.language import _, language_of, translator
from drafter.web.pages.diffs import changes, parts, pieces
from drafter.web.pages.forms import Line, Message, Reply, go
from drafter.web.problems import status_of
from drafter.web.rendering import page
from drafter.web.services import Services, services_of
from guardrails.model import Value
from guardrails.policy import LANGUAGES

router = APIRouter(include_in_schema=False)
_BESIDE = 30


_SENTENCES: Final = {
    "approved": _("Approved. You can still take it back until it leaves."),
    "withdrawn": _("The approval was taken back; nothing has left."),
    "saved": _("Saved and checked."),
    "discarded": _("The draft was discarded."),
    "retry": _("It will be tried again."),
    "taken": _("The case is yours."),
    "appealed": _("Your appeal was kept; another reviewer looks at it."),
    "escalated": _("The case was put before a lead."),
    "copied": _("Copied. Paste it where you write to the debtor."),
}
_LIVE = ("approved", "queued", "failed", "awaiting_approval", "rejected", "delivered")


@dataclass(frozen=True)
class Reviewed:
    """What became of a draft in the review, and until when an agent may appeal."""

    status: str
    outcome: str | None
    until: datetime | None


class State(Value):
    """What a page that is open compares itself with."""

    message_number: int
    draft: str
    version: int
    status: str
    writing: bool


@router.get("/cases/{case_id}")
def show(case_id: str, request: Request, caller: Reader, draft: str = "", told: str = "") -> Response:
    return case_page(request, caller, case_id, draft_id=draft, told=told)


@router.get("/cases/{case_id}/draft")
def show_draft(case_id: str, request: Request, caller: Reader, draft: str = "") -> Response:
    """Return the draft's card alone, for a page that is open already."""
    return page(request, "draft.html", **_card(request, caller, case_id, draft))


@router.get("/cases/{case_id}/state")
def state(case_id: str, request: Request, caller: Reader) -> State:
    """Tell whether anything has happened since the page was made."""
    del caller
    services = services_of(request)
    case = services.store.case(case_id)
    shown = _shown_draft(services.store.drafts.of_case(case_id), "")
    return State(
        message_number=case.message_number,
        draft=shown.id if shown else "",
        version=shown.version if shown else 0,
        status=shown.status if shown else "",
        writing=services.jobs.running(case_id) is not None,
    )


@router.post("/cases/{case_id}/suggest")
async def suggest(
    case_id: str, request: Request, caller: Agent, wish: Annotated[str, Form()] = "", sentence: Line = ""
) -> Response:
    """Write a draft and come back with it, for browsers without scripts."""
    services = services_of(request)
    case = await run_in_threadpool(services.store.case, case_id)
    try:
        suggestion = await services.jobs.result(services.jobs.start(case, wish_of(wish, sentence), by=caller.id))
    except DrafterError as error:
        return await run_in_threadpool(_with_error, request, caller, case_id, error)
    return go(f"/cases/{suggestion.case_id}")


@router.post("/cases/{case_id}/message")
def add_message(case_id: str, request: Request, caller: Agent, message: Message) -> Response:
    """Keep what the debtor wrote next."""
    try:
        services_of(request).casework.add_message(case_id, read_message(message), by=caller.id)
    except InputError as error:
        return _with_error(request, caller, case_id, error)
    return go(f"/cases/{case_id}")


@router.post("/cases/{case_id}/write")
def write(case_id: str, request: Request, caller: Agent, text: Reply) -> Response:
    """Keep a reply that a person wrote, or took from a hand-over card."""
    try:
        draft = services_of(request).approvals.write(case_id, own_lines(text), by=person_of(caller))
    except NotFoundError:
        raise
    except InputError as error:
        return _with_error(request, caller, case_id, error)
    return go(f"/cases/{case_id}?draft={draft.id}")


@router.post("/cases/{case_id}/take")
def take(case_id: str, request: Request, caller: Agent) -> Response:
    """Put a case among one's own."""
    services_of(request).casework.take(case_id, by=caller.id)
    return go(f"/cases/{case_id}", told="taken")


@router.post("/cases/{case_id}/escalate")
def escalate(case_id: str, request: Request, caller: Agent, reason: Line) -> Response:
    """Put a case before a lead."""
    try:
        services_of(request).casework.escalate(case_id, reason=reason, by=caller.id)
    except InputError as error:
        return _with_error(request, caller, case_id, error)
    return go(f"/cases/{case_id}", told="escalated")


def case_page(
    request: Request,
    caller: Caller,
    case_id: str,
    *,
    draft_id: str = "",
    told: str = "",
    error: DrafterError | None = None,
) -> Response:
    """Return the page of a case.

    Args:
        request: whose answer it is.
        caller: who looks.
        case_id: the case.
        draft_id: the draft to show; the one that matters most when empty.
        told: the key of a sentence to show.
        error: what did not work.
    """
    services, say = services_of(request), translator(request)
    card = _card(request, caller, case_id, draft_id)
    status, assignee = services.store.queue.status(case_id)
    return page(
        request,
        "case.html",
        status_code=status_of(error) if error else 200,
        **card,
        case_status=status,
        assignee=services.store.people.person(assignee).shown_as if assignee else "",
        is_mine=assignee == caller.id,
        human_signals={name for name, one in services.desk.triager.signals.items() if one.route == "human"},
        message_parts=pieces(card["case"].message.text, card["triage"].evidence),
        follow_ups=services.store.follow_ups(case_id=case_id),
        page=services.store.queue.page(QueueFilter(status="open"), most=_BESIDE),
        told=error.told(say) if error else say(_SENTENCES.get(told, "")),
        told_bad=error is not None,
    )


def _card(request: Request, caller: Caller, case_id: str, draft_id: str) -> dict[str, Any]:
    """Return what the draft's card shows."""
    services, say = services_of(request), translator(request)
    case = services.store.case(case_id)
    triage = services.casework.triage(case.message)
    drafts = services.store.drafts.of_case(case_id)
    draft = _shown_draft(drafts, draft_id)
    delivery = services.store.drafts.delivery(draft.id) if draft else None
    channel = (delivery.channel if delivery else case.channel) or "clipboard"
    return {
        "case": case,
        "triage": triage,
        "cards": _cards(services, request, case, triage),
        "drafts": drafts,
        "draft": draft,
        "verdict": draft.verdict if draft else None,
        "parts": parts(draft.text, draft.verdict.findings) if draft else (),
        "changes": _changes(services, draft),
        "delivery": delivery,
        "reviewed": _reviewed(services, draft),
        "channel": say("the clipboard") if channel == "clipboard" else channel,
        "by_hand": channel == "clipboard",
        "made": _made(services, draft),
        "may_draft": "draft" in caller.rights,
        "may_approve": "approve" in caller.rights,
    }


def wish_of(name: str, sentence: str) -> Wish | None:
    """Return what a button of the page wishes for.

    Raises:
        InputError: the sentence is too long.
    """
    if name in ("", "again") and not sentence.strip():
        return None
    tone = name if name in ("warmer", "firmer", "shorter") else None
    return read_wish(tone, lang=next((lang for lang in LANGUAGES if lang == name), None), sentence=sentence)


def _with_error(request: Request, caller: Caller, case_id: str, error: DrafterError) -> Response:
    return case_page(request, caller, case_id, error=error)


def _shown_draft(drafts: list[Draft], draft_id: str) -> Draft | None:
    """Return the draft that was asked for, or the one that matters most: on its way out, else the newest that waits."""
    named = next((one for one in drafts if one.id == draft_id), None)
    if named is not None:
        return named
    ranked = [one for one in drafts if one.status in _LIVE]
    newest = max((one.message_number for one in ranked), default=0)
    current = [one for one in ranked if one.message_number == newest]
    return min(current, key=lambda one: _LIVE.index(one.status), default=None)


def _reviewed(services: Services, draft: Draft | None) -> Reviewed | None:
    """Return what the review made of a draft; None where it is not among the reviewed."""
    if draft is None:
        return None
    try:
        item = services.store.review.item(draft.id)
    except NotFoundError:
        return None
    until = services.reviews.appeal_until(item)
    open_still = until is not None and services.clock.now() <= until
    return Reviewed(item.status, item.outcome, until if open_still else None)


def _changes(services: Services, draft: Draft | None) -> object:
    if draft is None or draft.version == 1:
        return ()
    return changes(services.store.drafts.versions(draft.id)[0][1], draft.text)


def _cards(services: Services, request: Request, case: Case, triage: Triage) -> object:
    if triage.route != "human":
        return ()
    policy = services.desk.guard(case.jurisdiction).policy.file
    return handover_cards(
        triage, services.desk.triager.signals, policy, reader=language_of(request), debtor=case.message.lang
    )


def _made(services: Services, draft: Draft | None) -> str:
    """Return by what the draft was made, and how long it took; empty for a person's."""
    attempt = services.store.attempt_of(draft.id) if draft is not None else None
    if attempt is None or attempt.model == "house":
        return ""
    return f"{attempt.model} · {attempt.prompt_version} · {attempt.latency_ms / 1000:.1f} s"


def own_lines(text: str) -> str:
    """Return the text of a form field with the line ends of this desk; browsers send CRLF."""
    return text.replace("\r\n", "\n").replace("\r", "\n")

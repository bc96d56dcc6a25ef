"""One case: what was said, what is known, what may be answered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Form, Request, Response
from fastapi.concurrency import run_in_threadpool

from drafter.desk.intake import read_message, read_wish
from drafter.desk.looking import A_SITTING, AN_OPENING
from drafter.domain import AddedFacts, QueueFilter, Wish
from drafter.errors import ConflictError, DrafterError, InputError, NotFoundError
from drafter.web.callers import Agent, Caller, Lead, Reader, person_of
from drafter.web.language import _, translator
from drafter.web.pages.card import card
from drafter.web.pages.diffs import pieces
from drafter.web.pages.forms import Added, Line, Message, Reply, go, own_lines
from drafter.web.pages.standing import heard, standing
from drafter.web.problems import status_of
from drafter.web.rendering import page
from drafter.web.services import services_of
from drafter.web.veils import lift, veil_of_lists
from guardrails.model import Value
from guardrails.policy import LANGUAGES

router = APIRouter(include_in_schema=False)
_BESIDE = 30


_SENTENCES: Final = {
    "approved": _("Approved. You can take it back until it is sent."),
    "approved-to-copy": _("Approved. You can take it back until it is copied."),
    "withdrawn": _("Approval undone. Nothing was sent."),
    "saved": _("Saved and checked."),
    "discarded": _("The draft was discarded."),
    "retry": _("It will be tried again."),
    "taken": _("The case is yours."),
    "appealed": _("Your appeal was kept; another reviewer looks at it."),
    "handed-back": _("Returned to the agents."),
    "added": _("Facts saved; the reply was checked again."),
    "copied": _("Copied. Paste it where you write to the debtor."),
}
_FOCUS: Final = {
    "approved": "undo",
    "withdrawn": "text",
    "saved": "text",
    "added": "text",
    "copied": "next",
    "escalated": "before-lead",
}
"""What the keyboard goes on from after an act; the sentence that tells of it where none is named."""


class Here(Value):
    """A colleague who has the case open, and whether they hold a text that is not kept yet."""

    name: str
    typing: bool


class State(Value):
    """What a page that is open compares itself with.

    Attributes:
        mark: another one whenever anything has happened in the case.
        job: the draft that is being written; None where none is.
        here: who else has the case open.
    """

    message_number: int
    mark: str
    job: str | None
    here: tuple[Here, ...]


@router.get("/cases/{case_id}")
def show(
    case_id: str, request: Request, caller: Reader, draft: str = "", told: str = "", *, again: bool = False
) -> Response:
    """Return the page of a case; `again` where one that is open already looks for what has changed."""
    return case_page(request, caller, case_id, draft_id=draft, told=told, within=A_SITTING if again else AN_OPENING)


@router.post("/cases/{case_id}/reveal")
def reveal(case_id: str, request: Request, caller: Reader, draft: Annotated[str, Form()] = "") -> Response:
    """Show names and numbers for once to somebody who only reads; the journal tells who looked."""
    lift(request, caller, case_id)
    return case_page(request, caller, case_id, draft_id=draft, lifted=True)


@router.get("/cases/{case_id}/state")
def state(case_id: str, request: Request, caller: Reader, *, typing: bool = False) -> State:
    """Tell whether anything has happened since the page was made, and who else has it open."""
    services, person = services_of(request), person_of(caller)
    pulse, job = services.store.queue.pulse(case_id), services.jobs.running(case_id)
    others = services.presence.note(case_id, person, typing=typing, now=services.clock.now())
    return State(
        message_number=pulse.message_number,
        mark=pulse.mark,
        job=job.id if job else None,
        here=tuple(Here(name=one.name, typing=one.typing) for one in others),
    )


@router.post("/cases/{case_id}/suggest")
async def suggest(
    case_id: str,
    request: Request,
    caller: Agent,
    added: Added,
    *,
    wish: Annotated[str, Form()] = "",
    sentence: Line = "",
) -> Response:
    """Write a draft and come back with it, for browsers without scripts."""
    services = services_of(request)
    case = await run_in_threadpool(services.store.case, case_id)
    await run_in_threadpool(services.looks.at_case, case.id, by=caller.id)
    try:
        wanted = wish_of(wish, sentence, added.read())
        suggestion = await services.jobs.result(services.jobs.start(case, wanted, by=caller.id))
    except DrafterError as error:
        return await run_in_threadpool(_with_error, request, caller, case_id, error)
    unlike_others = suggestion.status == "rejected" and suggestion.draft_id
    return go(f"/cases/{suggestion.case_id}", draft=unlike_others or "")


@router.post("/cases/{case_id}/message")
def add_message(case_id: str, request: Request, caller: Agent, message: Message) -> Response:
    """Keep what the debtor wrote next."""
    try:
        services_of(request).casework.add_message(case_id, read_message(message), by=caller.id)
    except NotFoundError:
        raise
    except InputError as error:
        return _with_error(request, caller, case_id, error, typed=message)
    return go(f"/cases/{case_id}")


@router.post("/cases/{case_id}/write")
def write(case_id: str, request: Request, caller: Agent, text: Reply) -> Response:
    """Keep a reply that a person wrote, or took from a hand-over card."""
    try:
        draft = services_of(request).approvals.write(case_id, own_lines(text), by=person_of(caller))
    except NotFoundError:
        raise
    except InputError as error:
        return _with_error(request, caller, case_id, error, typed=text)
    return go(f"/cases/{case_id}?draft={draft.id}")


@router.post("/cases/{case_id}/take")
def take(case_id: str, request: Request, caller: Agent) -> Response:
    """Put a case among one's own."""
    services_of(request).casework.take(case_id, by=caller.id)
    return go(f"/cases/{case_id}", told="taken")


@router.post("/cases/{case_id}/escalate")
def escalate(case_id: str, request: Request, caller: Agent, reason: Line) -> Response:
    """Put a case and the drafts that wait in it before a lead."""
    try:
        services_of(request).casework.escalate(case_id, reason=reason, by=caller.id)
    except NotFoundError:
        raise
    except InputError as error:
        return _with_error(request, caller, case_id, error)
    return go(f"/cases/{case_id}", told="escalated")


@router.post("/cases/{case_id}/hand-back")
def hand_back(case_id: str, request: Request, caller: Lead) -> Response:
    """Give a case that is before a lead back to the agents."""
    try:
        services_of(request).casework.hand_back(case_id, by=caller.id)
    except ConflictError as error:
        return _with_error(request, caller, case_id, error)
    return go(f"/cases/{case_id}", told="handed-back")


def case_page(
    request: Request,
    caller: Caller,
    case_id: str,
    *,
    draft_id: str = "",
    told: str = "",
    error: DrafterError | None = None,
    typed: str = "",
    lifted: bool = False,
    within: timedelta = AN_OPENING,
) -> Response:
    """Return the page of a case.

    Args:
        request: whose answer it is.
        caller: who looks.
        case_id: the case.
        draft_id: the draft to show; the one that matters most when empty.
        told: the key of a sentence to show.
        error: what did not work.
        typed: what was typed and could not be kept, so that it is not lost.
        lifted: whoever looks has asked for names and numbers.
        within: how long a look at the case that the journal has told of counts as the same.
    """
    services, say = services_of(request), translator(request)
    # Read first: what happens while the page is made is then noticed by it.
    pulse = services.store.queue.pulse(case_id)
    shown = card(request, caller, case_id, draft_id, lifted=lifted)
    veil = shown["veil"]
    services.looks.at_case(case_id, by=caller.id, within=within)
    return page(
        request,
        "case.html",
        status_code=status_of(error) if error else 200,
        **shown,
        **beside(request, caller, case_id),
        **standing(services, caller, case_id, veil),
        heard=heard(shown["triage"].evidence),
        mark=pulse.mark,
        typed=own_lines(typed) if shown["draft"] is None or own_lines(typed) != shown["draft"].text else "",
        human_signals={name for name, one in services.desk.triager.signals.items() if one.route == "human"},
        message_parts=pieces(shown["case"].message.text, shown["triage"].evidence),
        follow_ups=[veil.follow_up(one) for one in services.store.follow_ups(case_id=case_id)],
        told=error.told(say) if error else say(_SENTENCES.get(_sentence(told, shown), "")),
        told_bad=error is not None,
        focus="told" if error else _FOCUS.get(told, "told" if told in _SENTENCES else ""),
    )


def beside(request: Request, caller: Caller, case_id: str) -> dict[str, Any]:
    """Return what the list of open cases beside a case shows."""
    services = services_of(request)
    page_of = services.store.queue.page(QueueFilter(status="open"), most=_BESIDE)
    rows = tuple(map(veil_of_lists(caller).row, page_of.rows))
    others = [row.case_id for row in rows]
    after_this = others[others.index(case_id) + 1 :] if case_id in others else others
    return {
        "rows": rows,
        "here": case_id,
        "counts": services.store.queue.counts(caller.id),
        "next_case": next(iter(after_this), ""),
        "now": services.clock.now(),
    }


@router.get("/cases/{case_id}/beside")
def show_beside(case_id: str, request: Request, caller: Reader) -> Response:
    """Return the list of open cases alone, for a page that is open already."""
    return page(request, "beside.html", **beside(request, caller, case_id))


def wish_of(name: str, sentence: str, added: AddedFacts) -> Wish | None:
    """Return what a button of the page wishes for.

    Raises:
        InputError: the sentence is too long.
    """
    if name in ("", "again") and not sentence.strip() and not added.names:
        return None
    tone = name if name in ("warmer", "firmer", "shorter") else None
    lang = next((lang for lang in LANGUAGES if lang == name), None)
    return read_wish(tone, lang=lang, sentence=sentence).model_copy(update={"added": added})


def _sentence(told: str, shown: Mapping[str, Any]) -> str:
    """Return what is told where it still holds: a page that is loaded again later tells nothing of an undo."""
    if told != "approved":
        return told
    if shown["draft"] is None or shown["draft"].status != "approved":
        return ""
    return "approved-to-copy" if shown["by_hand"] else told


def _with_error(request: Request, caller: Caller, case_id: str, error: DrafterError, *, typed: str = "") -> Response:
    return case_page(request, caller, case_id, error=error, typed=typed)

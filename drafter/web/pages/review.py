"""The reviewers' queue: what was rejected, a sample of what passed, and what has become of both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import StreamingResponse

from drafter.desk.intake import detect_language
from drafter.desk.labelling import labelled
from drafter.desk.veiling import Veil
from drafter.domain import Act, Person, ReviewText, review_tabs
from drafter.errors import NotFoundError
from drafter.web.callers import Reviewer, person_of
from drafter.web.language import _, language_of, translator
from drafter.web.pages.review_filters import Asked, active
from drafter.web.pages.tabs import tabs
from drafter.web.rendering import page
from drafter.web.services import Services, services_of
from drafter.web.words import rule_name
from guardrails.policy import load_rules

router = APIRouter(prefix="/review", include_in_schema=False)

_TABS: Final[Mapping[str, str]] = {
    "unassigned": _("To review"),
    "mine": _("Mine"),
    "assigned": _("Given out"),
    "appealed": _("Appealed"),
    "disputed": _("Disputed"),
    "overturned": _("Overturned"),
    "all": _("All"),
}
_LEADS_TABS: Final = frozenset({"assigned"})
_SENTENCES: Final = {
    "ruled": _("Your ruling was kept."),
    "escalated": _("The draft was escalated to the QA lead."),
    "released": _("The draft is back in the queue."),
    "end": _("Your ruling was kept, and nothing else waits for you here."),
    "given": _("{done} of {of} drafts were assigned."),
    "given-some": _(
        "{done} of {of} drafts were assigned. The others are taken or ruled on, or this reviewer had a hand in them."
    ),
    "taken": _("{done} of {of} drafts were taken back."),
    "taken-some": _("{done} of {of} drafts were taken back. Nobody had the others, or they are ruled on."),
    "none": _("Tick the drafts first, and choose who gets them; nothing was done."),
}
_QUOTES: Final = 2


@dataclass(frozen=True)
class Snippet:
    """What a row of the list shows of a text, without names and numbers: its words, and those that were found."""

    text: str
    quotes: tuple[str, ...]


@router.get("")
def queue(request: Request, caller: Reviewer, asked: Annotated[Asked, Depends()]) -> Response:
    services, person, say = services_of(request), person_of(caller), translator(request)
    found = services.reviews.page(asked.wanted(person), cursor=asked.cursor)
    texts = services.store.review.texts([item.draft_id for item in found.items])
    leads = "review-lead" in person.rights
    named = {
        key: (label, review_tabs(person.id)[key]) for key, label in _TABS.items() if leads or key not in _LEADS_TABS
    }
    progress = services.reviews.progress()
    names = names_of(services)
    told = _SENTENCES.get(asked.told, "")
    return page(
        request,
        "review.html",
        tabs=tabs(request, named, services.reviews.counts(person, asked.narrowing)),
        asked=asked,
        active=list(active(asked, say, names, language_of(request))),
        page=found,
        texts={draft_id: _shown(text) for draft_id, text in texts.items()},
        names=names,
        progress=progress,
        mine=next((one for one in progress.reviewers if one.person == person.id), None),
        rules=rules_of(request),
        choices=services.reviews.choices(),
        reviewers=reviewers_of(services) if leads else [],
        leads=leads,
        proposals=len(services.store.proposals.all(status="proposed")),
        now=services.clock.now(),
        undo=undo_of(services, person, asked),
        told=say(told).format(done=asked.done, of=asked.of) if told else "",
        told_bad=asked.told == "none",
    )


@router.post("/export")
def export(request: Request, caller: Reviewer) -> Response:
    """Give every overturned and missed text as a line that `drafter eval` reads, without anybody's personal data."""
    services = services_of(request)
    act = Act(at=services.clock.now(), actor=caller.id, action="review.export", subject="review")
    services.store.journal.add(act)
    lines = (f"{one.model_dump_json()}\n" for one in labelled(services.store.review.standing()))
    name = f"reviewed-{services.clock.now():%Y-%m-%d}.jsonl"
    return StreamingResponse(
        lines, media_type="application/x-ndjson", headers={"content-disposition": f'attachment; filename="{name}"'}
    )


def names_of(services: Services) -> dict[str, str]:
    """Return what everybody is called, by their ids."""
    return {person.id: person.shown_as for person in services.store.people.all()}


def reviewers_of(services: Services) -> list[Person]:
    """Return those to whom drafts can be given."""
    return [person for person in services.store.people.all() if "review" in person.rights]


def rules_of(request: Request) -> list[tuple[str, str]]:
    """Return every rule's id and name in the reader's language."""
    lang = language_of(request)
    return sorted((rule, rule_name(rule, lang)) for rule in load_rules())


def undo_of(services: Services, person: Person, asked: Asked) -> str:
    """Return the draft whose ruling a person can take back by now; empty where there is none."""
    try:
        return asked.last if asked.last and services.reviews.may_undo(asked.last, person) else ""
    except NotFoundError:
        return ""


def _shown(text: ReviewText) -> Snippet:
    veil = Veil([text.text], lang=detect_language(text.text), facts=text.facts)
    found = veil.verdict(text.verdict, text.text).findings[:_QUOTES]
    return Snippet(veil.text(text.text), tuple(one.quote for one in found))

"""What the QA lead does: gives drafts out, takes them back, and sees how far and how alike the reviewers are."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response

from drafter.domain import ReviewFilter
from drafter.web.callers import ReviewLead, person_of
from drafter.web.pages.review import names_of, reviewers_of
from drafter.web.pages.review_filters import Asked
from drafter.web.rendering import page
from drafter.web.services import services_of
from drafter.web.texts import Keepable

router = APIRouter(prefix="/review", include_in_schema=False)
Ids = Annotated[list[Annotated[str, Keepable]], Form(max_length=1_000)]
Id = Annotated[str, Form(max_length=64), Keepable]


@router.get("/team")
def team(request: Request, caller: ReviewLead, asked: Annotated[Asked, Depends()]) -> Response:
    """Show how far each reviewer is, and how far two agree who ruled on the same drafts."""
    del caller
    services = services_of(request)
    progress = services.reviews.progress()
    known = {one.person: one for one in progress.reviewers}
    people = {person.id: person for person in reviewers_of(services)}
    return page(
        request,
        "review_team.html",
        progress=progress,
        reviewers=[(person, known.get(person)) for person in {**dict.fromkeys(known), **people}],
        people=people,
        names=names_of(services),
        agreement=services.reviews.agreement(),
        asked=asked,
    )


@router.post("/assign")
def assign(
    request: Request,
    caller: ReviewLead,
    asked: Annotated[Asked, Depends()],
    *,
    to: Id = "",
    draft: Ids = [],  # noqa: B006 - the framework copies it
    most: Annotated[str, Form(max_length=4)] = "",
) -> Response:
    """Give the ticked drafts to a reviewer, or so many of the oldest that the filters find."""
    services, lead = services_of(request), person_of(caller)
    number = len(draft) if draft else int(most) if most.isdecimal() else 0
    if not to or not number:
        return asked.back("/review", told="none")
    wanted = ReviewFilter(draft_ids=tuple(draft)) if draft else asked.wanted(lead)
    reviewer = services.store.people.person(to)
    given = services.reviews.assign(reviewer, by=lead, most=number, wanted=wanted)
    told = "given" if len(given) == number else "given-some"
    return asked.back("/review", told=told, done=len(given), of=number)


@router.post("/recall")
def recall(
    request: Request,
    caller: ReviewLead,
    asked: Annotated[Asked, Depends()],
    *,
    draft: Ids = [],  # noqa: B006 - the framework copies it
    whose: Id = "",
) -> Response:
    """Take the ticked drafts back, or everything that a reviewer has and has not ruled on."""
    reviews = services_of(request).reviews
    if not draft and not whose:
        return asked.back("/review", told="none")
    wanted = ReviewFilter(draft_ids=tuple(draft)) if draft else ReviewFilter(assignee=whose)
    back = reviews.recall(wanted, by=person_of(caller))
    of = len(draft) if draft else len(back)
    return asked.back("/review", told="taken" if len(back) == of else "taken-some", done=len(back), of=of)

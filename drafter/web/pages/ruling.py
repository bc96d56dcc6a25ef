"""A ruling as its form brings it, and which draft a reviewer can rule on next."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import ValidationError

from drafter.desk.review import Reviews
from drafter.domain import FindingRuling, Judgement, Miss, Person, ReviewFilter, ReviewItem
from drafter.errors import InputError


def following(reviews: Reviews, person: Person, *, disputed: bool) -> str | None:
    """Return the draft that a person can rule on next: one of their own, else one that nobody has.

    Args:
        reviews: the review.
        person: who rules.
        disputed: look first for what only the lead can settle.
    """
    wishes = [ReviewFilter(pending=True, assignee=person.id), ReviewFilter(pending=True)]
    wishes = [ReviewFilter(status="disputed"), *wishes] if disputed else wishes
    waiting = (item for wanted in wishes for item in _all(reviews, wanted))
    free = (one for one in waiting if one.assignee in (None, person.id) and is_free(reviews, person, one))
    return next((one.draft_id for one in free), None)


def is_free(reviews: Reviews, person: Person, item: ReviewItem) -> bool:
    """Tell whether a person had no hand in a draft and has not ruled on it; one's own ruling is never hidden."""
    if person.id in item.agents:
        return False
    # Nobody can have ruled on what is open, so that a long queue is not asked about draft by draft.
    return item.status == "open" or all(one.by != person.id for one in reviews.rulings(item.draft_id, by=person))


def version_of(form: Mapping[str, str]) -> int:
    """Return the version that was read.

    Raises:
        InputError: it is no number.
    """
    try:
        return int(form.get("version", "1"))
    except ValueError as error:
        raise InputError("This page is out of date; reload it and try again.") from error


def judgement_of(form: Mapping[str, str]) -> Judgement:
    """Return what a reviewer says; the form has a field for each finding.

    Raises:
        InputError: something is missing, or is none of what can be chosen.
    """
    outcome = form.get("outcome", "")
    found = tuple(
        {"number": name.removeprefix("finding-"), "ruling": value}
        for name, value in form.items()
        if name.startswith("finding-") and value
    )
    try:
        return Judgement(
            outcome=outcome,
            findings=tuple(FindingRuling.model_validate(one) for one in found),
            misses=(Miss(rule=form["missed"]),) if outcome == "missed" and form.get("missed") else (),
            reason=(form.get("reason") or None) if outcome == "overturned" else None,
            scope=form.get("scope") or "this-text",
            unless=form.get("unless", ""),
            note=form.get("note", ""),
        )
    except ValidationError as error:
        raise InputError("Choose upheld, overturned or missed, and fill in what belongs to it.") from error


def _all(reviews: Reviews, wanted: ReviewFilter) -> Iterator[ReviewItem]:
    """Yield what a filter finds, a page at a time; much of it may be given out to others."""
    found = reviews.page(wanted)
    yield from found.items
    while found.next is not None:
        found = reviews.page(wanted, cursor=found.next)
        yield from found.items

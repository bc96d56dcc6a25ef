"""Whose turn it is: which drafts a reviewer is free to rule on, and which comes next."""

from __future__ import annotations

from collections.abc import Iterator

from drafter.desk.review import Reviews
from drafter.domain import Person, ReviewFilter, ReviewItem


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


def _all(reviews: Reviews, wanted: ReviewFilter) -> Iterator[ReviewItem]:
    """Yield what a filter finds, a page at a time; much of it may be given out to others."""
    found = reviews.page(wanted)
    yield from found.items
    while found.next is not None:
        found = reviews.page(wanted, cursor=found.next)
        yield from found.items

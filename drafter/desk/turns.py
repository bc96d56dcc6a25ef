"""Whose turn it is: which drafts a reviewer is free to rule on, and which comes next."""

from __future__ import annotations

from drafter.desk.review import Reviews
from drafter.domain import Person, ReviewFilter, ReviewItem


def following(reviews: Reviews, person: Person, *, disputed: bool, wanted: ReviewFilter | None = None) -> str | None:
    """Return the draft that a person can rule on next: one of their own, else one that nobody has.

    Args:
        reviews: the review.
        person: who rules.
        disputed: look first for what only the lead can settle.
        wanted: look only among these.
    """
    free = (wanted or ReviewFilter()).narrowed(ReviewFilter(free_for=person.id))
    turns = [ReviewFilter(pending=True, assignee=person.id), ReviewFilter(pending=True, assigned=False)]
    turns = [ReviewFilter(status="disputed"), *turns] if disputed else turns
    pages = (reviews.page(free.narrowed(turn), most=1) for turn in turns)
    return next((page.items[0].draft_id for page in pages if page.items), None)


def is_free(reviews: Reviews, person: Person, item: ReviewItem) -> bool:
    """Tell whether a person had no hand in a draft and has not ruled on it; one's own ruling is never hidden."""
    if person.id in item.agents:
        return False
    # Nobody can have ruled on what is open, so that a long queue is not asked about draft by draft.
    return item.status == "open" or all(one.by != person.id for one in reviews.rulings(item.draft_id, by=person))

"""Who may rule on which draft, and at which stage of its review."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from drafter.desk.review_store import ReviewStore
from drafter.domain import Person, ReviewItem, ReviewStatus, Right, Ruling, Stage
from drafter.errors import ConflictError, ForbiddenError

NEXT_STAGE: Final[Mapping[ReviewStatus, Stage]] = {"open": "first", "second-review": "second", "appealed": "appeal"}


def must(person: Person, right: Right) -> None:
    """Refuse a person without a right.

    Raises:
        ForbiddenError: they have it not.
    """
    if right not in person.rights:
        raise ForbiddenError("You may not do this; it needs the right “{right}”.", right=right)


def reviewable(
    store: ReviewStore, draft_id: str, by: Person, version: int | None
) -> tuple[ReviewItem, Sequence[Ruling]]:
    """Return a draft that a reviewer may rule on, with the rulings before.

    Args:
        store: where the review is kept.
        draft_id: the draft.
        by: the reviewer.
        version: the version that was read; not compared when None.

    Raises:
        ForbiddenError: this person may not review, or had a hand in this draft or its review already.
        ConflictError: another version is there, somebody else has it, or there is nothing to rule on.
        NotFoundError: there is no such draft.
    """
    must(by, "review")
    item = store.item(draft_id)
    if item.status not in NEXT_STAGE:
        raise ConflictError("This draft waits for no reviewer; nothing was done.")
    if item.assignee not in (None, by.id):
        raise ConflictError("Another reviewer has this draft; nothing was done. Take the next one.")
    return item, earlier_rulings(store, item, by, version)


def earlier_rulings(store: ReviewStore, item: ReviewItem, by: Person, version: int | None) -> Sequence[Ruling]:
    """Return the rulings before that of a person who is free to rule on what was read.

    Raises:
        ForbiddenError: they had a hand in the draft or its review already.
        ConflictError: another version is there.
    """
    if by.id in item.agents:
        raise ForbiddenError("You edited this draft or decided about it; somebody else must review it.")
    if version not in (None, item.version):
        raise ConflictError("The text has changed since you read it; nothing was done. Read it again, then rule.")
    earlier = store.rulings(item.draft_id)
    if by.id in {ruling.by for ruling in earlier}:
        raise ForbiddenError("You have ruled on this draft already; somebody else must look at it.")
    return earlier

"""A ruling taken back: when it can be, and what the review is then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from drafter.domain import Appeal, ReviewItem, ReviewStatus, Ruling, Stage

_LED_TO: Final[Mapping[Stage, frozenset[ReviewStatus]]] = {
    "first": frozenset({"second-review", "ruled"}),
    "second": frozenset({"ruled", "disputed"}),
    "appeal": frozenset({"final", "disputed"}),
    "final": frozenset({"final"}),
}
_BEFORE: Final[Mapping[Stage, ReviewStatus]] = {"first": "open", "second": "second-review", "appeal": "appealed"}


def untouched(item: ReviewItem, said: Sequence[Ruling]) -> Ruling | None:
    """Return the last ruling on a draft if nobody has acted on it since; None otherwise.

    Args:
        item: the draft as it is.
        said: every ruling on it, in the order of the stages.
    """
    if not said or item.assignee is not None or item.status not in _LED_TO[said[-1].stage]:
        return None
    return said[-1]


def before(item: ReviewItem, said: Sequence[Ruling], appeal: Appeal | None) -> ReviewItem:
    """Return a draft as it was before its last ruling, in the hands of whoever gave that."""
    *earlier, last = said
    stages = {ruling.stage for ruling in said}
    waits_for_reviewer = appeal is not None and "appeal" not in stages and item.escalated_by is None
    status = _BEFORE.get(last.stage, "appealed" if waits_for_reviewer else "disputed")
    stood = [ruling for ruling in earlier if ruling.stage in ("first", "second")] if appeal is not None else []
    return item.model_copy(
        update={
            "status": status,
            "outcome": stood[-1].outcome if stood else None,
            "ruled_at": stood[-1].at if stood else None,
            "assignee": last.by if status != "disputed" else None,
        }
    )

"""Everything that did not leave is tried again at once, such as after the receiver was mended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from drafter.desk.delivery import Deliveries
from drafter.domain import Person
from drafter.errors import ConflictError, ForbiddenError, NotFoundError


@dataclass(frozen=True)
class Retried:
    """What became of drafts that were to be tried again.

    Attributes:
        again: how many will be.
        stopped: how many the policy of today no longer lets pass.
        left: how many stay as they are: the debtor has written again, another reply is on its way or has arrived, or
            a lead must decide.
    """

    again: int = 0
    stopped: int = 0
    left: int = 0


def retry_all(deliveries: Deliveries, draft_ids: Iterable[str], *, by: Person) -> Retried:
    """Let drafts that could not be delivered be tried anew, each as `Deliveries.retry` does.

    Args:
        deliveries: lets texts leave.
        draft_ids: which.
        by: who asks for it; may approve.

    Raises:
        ForbiddenError: this person may let no text go.
        StorageError: those before the one that could not be written stay as they became.
    """
    if "approve" not in by.rights:
        raise ForbiddenError("You may not approve replies; ask an agent or a lead.")
    again = stopped = left = 0
    for draft_id in draft_ids:
        try:
            draft = deliveries.retry(draft_id, by=by)
        except (ConflictError, ForbiddenError, NotFoundError):
            left += 1
            continue
        if draft.status == "approved":
            again += 1
        else:
            stopped += 1
    return Retried(again, stopped, left)

"""Approved drafts whose delivery was given up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import update

from drafter.store.repository import SqlStore
from drafter.store.tables import deliveries, draft_states
from tests.approved import AT, KIND, approvals_of, approve, keep

WHY = "The receiver answered 503."


def fail(
    store: SqlStore, number: int, *, why: str = WHY, at: Callable[[int], datetime] = lambda _: AT, first: int = 1
) -> list[str]:
    """Keep cases whose reply was approved and could not be delivered; return the ids of their drafts."""
    approvals, ids = approvals_of(store), []
    for one in range(first, first + number):
        (draft_id,) = keep(store, KIND, case_id=f"case-{one}")
        approve(approvals, store.drafts.draft(draft_id))
        with store._engine.begin() as connection:
            mine = deliveries.c.draft_id == draft_id
            connection.execute(
                update(deliveries).where(mine).values(status="failed", failure=why, tries=6, channel="webhook")
            )
            state = update(draft_states).where(draft_states.c.draft_id == draft_id)
            connection.execute(state.values(status="failed", changed_at=at(one - first)))
        ids.append(draft_id)
    return ids

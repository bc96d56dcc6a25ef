"""Follow-ups in and out of their table."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, RowMapping, delete, insert

from drafter.domain import FollowUp, Promise, Suggestion
from drafter.store.tables import follow_ups


def add_follow_ups(connection: Connection, suggestion: Suggestion, at: datetime) -> None:
    """Keep what the message promises, and the contact that the reply announces in place of the one announced before."""
    added: list[dict[str, object]] = [
        {
            "kind": "promise",
            "due": promise.due,
            "amount": None if promise.amount is None else str(promise.amount),
            "currency": promise.currency,
            "quote": promise.quote,
        }
        for promise in suggestion.promises
    ]
    if suggestion.text is not None and suggestion.next_step.date is not None:
        announced = (follow_ups.c.case_id == suggestion.case_id) & (follow_ups.c.kind == "contact")
        connection.execute(delete(follow_ups).where(announced, follow_ups.c.status == "open"))
        contact: dict[str, object] = {"due": suggestion.next_step.date, "amount": None, "currency": None, "quote": ""}
        added.append({"kind": "contact", **contact})
    if added:
        same = {"case_id": suggestion.case_id, "status": "open", "created_at": at}
        connection.execute(insert(follow_ups), [{**same, **row} for row in added])


def follow_up_of(row: RowMapping) -> FollowUp:
    return FollowUp.model_validate({name: row[name] for name in FollowUp.model_fields})


def promise_of(row: RowMapping) -> Promise:
    return Promise.model_validate({name: row[name] for name in Promise.model_fields})

"""A case before a lead and back again, with the drafts that wait in it."""

from __future__ import annotations

from sqlalchemy import Connection, and_, select, update

from drafter.domain import Act
from drafter.errors import ConflictError
from drafter.store.gone import no_case, refuse_erased
from drafter.store.journal import append
from drafter.store.tables import cases, draft_states, drafts
from guardrails import Verdict


def put_before_lead(connection: Connection, case_id: str, act: Act, *, reason: str) -> None:
    """Put a case before a lead, and with it every draft that waits for an approval.

    Raises:
        NotFoundError: there is no such case.
        ConflictError: an approved reply is about to leave.
    """
    _hold(connection, case_id)
    leaving = select(draft_states.c.draft_id).where(
        draft_states.c.case_id == case_id, draft_states.c.status == "approved"
    )
    if connection.execute(leaving.limit(1)).first() is not None:
        raise ConflictError(
            "An approved reply of this case is about to leave; nothing was done. Take the approval back, then escalate."
        )
    values = {"status": "escalated", "escalated_because": reason}
    connection.execute(update(cases).where(cases.c.id == case_id).values(values))
    take_along(connection, case_id, act)
    append(connection, act)


def take_along(connection: Connection, case_id: str, act: Act) -> None:
    """Put the drafts of a case that wait for an approval before the lead too."""
    waiting = select(draft_states.c.draft_id).where(
        draft_states.c.case_id == case_id, draft_states.c.status == "awaiting_approval"
    )
    for (draft_id,) in connection.execute(waiting).all():
        _move(connection, draft_id, "escalated", act, "draft.escalate")


def hand_back(connection: Connection, case_id: str, act: Act) -> None:
    """Give a case back to the agents; each draft that went with it becomes again what its verdict makes of it.

    Raises:
        NotFoundError: there is no such case.
        ConflictError: it is not before a lead.
    """
    if _hold(connection, case_id) != "escalated":
        raise ConflictError("This case is not before a lead; nothing was done.")
    connection.execute(update(cases).where(cases.c.id == case_id).values(status="open", escalated_because=None))
    escalated = (
        select(drafts.c.id, drafts.c.verdict)
        .join(draft_states, and_(draft_states.c.draft_id == drafts.c.id, draft_states.c.version == drafts.c.version))
        .where(draft_states.c.case_id == case_id, draft_states.c.status == "escalated")
    )
    for draft_id, verdict in connection.execute(escalated).all():
        passed = Verdict.model_validate(verdict).passed
        _move(connection, draft_id, "awaiting_approval" if passed else "rejected", act, "draft.hand_back")
    append(connection, act)


def _hold(connection: Connection, case_id: str) -> str:
    """Return the status of a case, to which nobody else does anything until the end of the transaction."""
    query = select(cases.c.status, cases.c.erased_at).where(cases.c.id == case_id).with_for_update(key_share=True)
    row = connection.execute(query).first()
    if row is None:
        raise no_case(case_id)
    refuse_erased(row.erased_at)
    return str(row.status)


def _move(connection: Connection, draft_id: str, status: str, act: Act, action: str) -> None:
    connection.execute(
        update(draft_states).where(draft_states.c.draft_id == draft_id).values(status=status, changed_at=act.at)
    )
    append(connection, act.model_copy(update={"action": action, "subject": draft_id, "detail": {}}))

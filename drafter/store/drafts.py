"""Drafts on their way from one status to another, and the deliveries that come of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, and_, case, insert, or_, select, update

from drafter.domain import Act, Decision, Draft, DraftStatus, Step, text_sha256
from drafter.errors import ConflictError
from drafter.store.engine import reading, writing
from drafter.store.escalating import take_along
from drafter.store.gone import hold_unerased, no_draft, refuse_erased
from drafter.store.journal import append
from drafter.store.keeping import kept_added
from drafter.store.reviewable import enter, enter_stopped, enter_version
from drafter.store.sending import SqlDeliveries, hold_seen, put_delivery
from drafter.store.tables import cases, decisions, draft_states, drafts, suggestions

# What the way of a draft makes of its case; a new message of the debtor opens it again.
_CASE_BECOMES: Final[Mapping[DraftStatus, str]] = {
    "approved": "answered",
    "awaiting_approval": "open",
    "rejected": "open",
    "failed": "open",
    "discarded": "open",
    "escalated": "escalated",
}


class SqlDrafts(SqlDeliveries):
    """Drafts, decisions and deliveries on an SQL database.

    Args:
        engine: an engine of `open_engine`, whose database is at this version's schema.
    """

    def draft(self, draft_id: str) -> Draft:
        """Return the latest version of a draft.

        Raises:
            NotFoundError: there is none of this id.
            StorageError: the database did not answer.
        """
        with reading(self._engine) as connection:
            return _draft(connection, draft_id)

    def of_case(self, case_id: str) -> list[Draft]:
        """Return the latest version of every draft of a case, the newest first.

        Raises:
            StorageError: the database did not answer.
        """
        query = _latest().where(draft_states.c.case_id == case_id)
        with reading(self._engine) as connection:
            rows = connection.execute(query.order_by(draft_states.c.created_at.desc(), drafts.c.id)).mappings()
            return [_as_draft(row) for row in rows]

    def versions(self, draft_id: str) -> list[tuple[int, str, str | None]]:
        """Return number, text and editor of every version of a draft, the oldest first.

        Raises:
            StorageError: the database did not answer.
        """
        query = select(drafts.c.version, drafts.c.text, drafts.c.edited_by).where(drafts.c.id == draft_id)
        with reading(self._engine) as connection:
            return [(row.version, row.text, row.edited_by) for row in connection.execute(query.order_by("version"))]

    def take(self, step: Step) -> Draft:
        """Take a draft a step further, with everything that belongs to the step, or leave all as it is.

        Raises:
            NotFoundError: there is no such draft.
            ConflictError: it is no longer as the step has seen it.
            StorageError: nothing was written.
        """
        version = step.version + 1 if step.edit else step.version
        with writing(self._engine) as connection:
            before = _held(connection, step.draft_id)
            changed = connection.execute(
                update(draft_states)
                .where(
                    draft_states.c.draft_id == step.draft_id,
                    draft_states.c.version == step.version,
                    draft_states.c.status == step.leaving,
                )
                .values(status=step.entering, version=version, changed_at=step.act.at)
            )
            if changed.rowcount != 1:
                raise ConflictError(
                    "The draft has changed since you read it; nothing was done. Read it again, then decide."
                )
            hold_seen(connection, step.seen)
            _refuse(connection, before, step)
            if step.edit is not None:
                _add_version(connection, before, step, version)
                enter_version(connection, step.draft_id, version, step.edit.verdict)
            elif step.entering == "rejected":
                enter_stopped(connection, step.draft_id)
            if step.decision is not None:
                connection.execute(insert(decisions).values(dict(step.decision)))
            if step.delivery is not None:
                put_delivery(connection, step.delivery)
            if step.entering == "approved":
                _supersede(connection, before, step.act)
            if step.edit is None and step.entering in _CASE_BECOMES:
                _let_case_follow(connection, before, step)
            append(connection, step.act)
            return _draft(connection, step.draft_id)

    def add(self, draft: Draft, act: Act) -> Draft:
        """Keep a draft that a person wrote.

        Raises:
            StorageError: nothing was written.
        """
        with writing(self._engine) as connection:
            hold_unerased(connection, draft.case_id)
            connection.execute(insert(drafts).values(_written(draft)))
            connection.execute(
                insert(draft_states).values(
                    draft_id=draft.id,
                    case_id=draft.case_id,
                    version=draft.version,
                    status=draft.status,
                    source=draft.source,
                    facts=None if draft.facts is None else draft.facts.model_dump(mode="json", exclude_unset=True),
                    added=kept_added(draft.added),
                    message_number=draft.message_number,
                    created_at=draft.created_at,
                    changed_at=draft.created_at,
                )
            )
            enter(connection, draft.id, draft.case_id, draft.verdict, at=draft.created_at)
            append(connection, act)
            return _draft(connection, draft.id)

    def decision(self, draft_id: str) -> Decision | None:
        """Return the newest decision about a draft; None where there is none yet.

        Raises:
            StorageError: the database did not answer.
        """
        query = select(decisions).where(decisions.c.draft_id == draft_id).order_by(decisions.c.id.desc()).limit(1)
        with reading(self._engine) as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else Decision.model_validate({name: row[name] for name in Decision.model_fields})


def _written(draft: Draft) -> dict[str, object]:
    return {
        "id": draft.id,
        "version": draft.version,
        "case_id": draft.case_id,
        "text": draft.text,
        "text_sha256": draft.text_sha256,
        "verdict": draft.verdict.model_dump(mode="json"),
        "created_at": draft.created_at,
        "edited_by": draft.edited_by,
    }


def _latest() -> Any:
    return (
        select(
            drafts.c.id,
            drafts.c.case_id,
            drafts.c.text,
            drafts.c.version,
            drafts.c.verdict,
            drafts.c.edited_by,
            draft_states.c.created_at,
            draft_states.c.status,
            draft_states.c.source,
            draft_states.c.facts,
            draft_states.c.added,
            draft_states.c.message_number,
            cases.c.message_number.label("newest_message"),
            cases.c.erased_at,
            (cases.c.status == "escalated").label("before_lead"),
            or_(draft_states.c.suggestion_id.is_(None), suggestions.c.draft_id == drafts.c.id).label("offered"),
        )
        .join(draft_states, and_(draft_states.c.draft_id == drafts.c.id, draft_states.c.version == drafts.c.version))
        .join(cases, cases.c.id == drafts.c.case_id)
        .join(suggestions, suggestions.c.id == draft_states.c.suggestion_id, isouter=True)
    )


def _draft(connection: Connection, draft_id: str) -> Draft:
    row = connection.execute(_latest().where(drafts.c.id == draft_id)).mappings().first()
    if row is None:
        raise no_draft(draft_id)
    return _as_draft(row)


def _held(connection: Connection, draft_id: str) -> Draft:
    """Return a draft, to whose case nobody else does anything until the end of the transaction."""
    its_case = select(draft_states.c.case_id).where(draft_states.c.draft_id == draft_id).scalar_subquery()
    connection.execute(select(cases.c.id).where(cases.c.id == its_case).with_for_update(key_share=True))
    return _draft(connection, draft_id)


def _refuse(connection: Connection, before: Draft, step: Step) -> None:
    """Hold what must still be so at the very moment of a step.

    Raises:
        ConflictError: it is not; the message says what.
    """
    if before.before_lead and not step.leading:
        raise ConflictError(
            "This case is before a lead; nothing was done. Wait until the lead decides, or hands it back."
        )
    if step.fresh and before.stale:
        raise ConflictError(
            "The debtor has written again since this draft was made; nothing was done. Ask for a fresh draft."
        )
    if step.entering == "approved" and _among(connection, before, "approved", "queued"):
        raise ConflictError(
            "Another reply to this message is approved already; nothing was done. Take that one back first."
        )
    if step.leaving == "failed" and step.entering == "approved" and _among(connection, before, "delivered"):
        raise ConflictError("Another reply to this message has arrived; nothing was done. Discard this one.")


def _among(connection: Connection, draft: Draft, *statuses: DraftStatus) -> bool:
    """Tell whether any other draft that answers the same message has one of these statuses."""
    others = select(draft_states.c.draft_id).where(
        draft_states.c.case_id == draft.case_id,
        draft_states.c.draft_id != draft.id,
        draft_states.c.message_number == draft.message_number,
        draft_states.c.status.in_(statuses),
    )
    return connection.execute(others.limit(1)).first() is not None


def _as_draft(row: RowMapping) -> Draft:
    refuse_erased(row["erased_at"])
    kept = {name: value for name, value in row.items() if name != "erased_at"}
    return Draft.model_validate({**kept, "added": row["added"] or {}, "offered": bool(row["offered"])})


def _add_version(connection: Connection, before: Draft, step: Step, version: int) -> None:
    edit = step.edit
    if edit is None:
        return
    connection.execute(
        insert(drafts).values(
            id=before.id,
            version=version,
            case_id=before.case_id,
            text=edit.text,
            text_sha256=text_sha256(edit.text),
            verdict=edit.verdict.model_dump(mode="json"),
            created_at=edit.at,
            edited_by=edit.by,
        )
    )
    if edit.facts is not None:
        facts = edit.facts.model_dump(mode="json", exclude_unset=True)
        kept = {"facts": facts, "added": kept_added(edit.added)}
        connection.execute(update(draft_states).where(draft_states.c.draft_id == before.id).values(kept))


def _let_case_follow(connection: Connection, draft: Draft, step: Step) -> None:
    """Let a case become what its draft's step makes of it; one before a lead stays there until it is handed back."""
    case_id = draft.case_id
    values: dict[str, Any] = {"status": _CASE_BECOMES[step.entering]}
    if step.entering in ("failed", "discarded") and (
        draft.stale or _among(connection, draft, "approved", "queued", "delivered")
    ):
        return  # the case is about another reply
    if step.entering == "escalated":
        values["escalated_because"] = (step.decision and step.decision.reason) or ""
        take_along(connection, case_id, step.act)
    elif values["status"] == "open":
        values["status"] = case((cases.c.escalated_because.is_not(None), "escalated"), else_="open")
    connection.execute(update(cases).where(cases.c.id == case_id).values(values))


def _supersede(connection: Connection, approved: Draft, act: Act) -> None:
    """Put aside what else waited in the case: a debtor gets one answer."""
    others: Sequence[str] = [
        row.draft_id
        for row in connection.execute(
            select(draft_states.c.draft_id).where(
                draft_states.c.case_id == approved.case_id,
                draft_states.c.draft_id != approved.id,
                draft_states.c.status.in_(("awaiting_approval", "escalated")),
            )
        )
    ]
    for draft_id in others:
        connection.execute(
            update(draft_states)
            .where(draft_states.c.draft_id == draft_id)
            .values(status="superseded", changed_at=act.at)
        )
        append(connection, act.model_copy(update={"action": "draft.supersede", "subject": draft_id, "detail": {}}))

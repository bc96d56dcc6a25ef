"""Deliveries that were given up, over all cases."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Engine, RowMapping, and_, func, or_, select

from drafter.domain import Undelivered, UndeliveredPage
from drafter.errors import InputError
from drafter.store.engine import reading
from drafter.store.tables import cases, deliveries, draft_states

PAGE: Final = 50


class SqlUndelivered:
    """Undelivered drafts on an SQL database.

    Args:
        engine: an engine of `open_engine`, whose database is at this version's schema.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def page(self, *, cursor: str | None = None, most: int = PAGE) -> UndeliveredPage:
        """Return undelivered drafts, those given up last first.

        Args:
            cursor: the `next` of the page before.
            most: how many.

        Raises:
            InputError: the cursor is none.
            StorageError: the database did not answer.
        """
        at, draft_id = draft_states.c.changed_at, draft_states.c.draft_id
        query = _failed(
            draft_id,
            draft_states.c.case_id,
            at.label("failed_at"),
            draft_states.c.message_number,
            cases.c.message_number.label("newest_message"),
            cases.c.facts,
            deliveries.c.channel,
            deliveries.c.tries,
            deliveries.c.failure,
        ).join(cases, cases.c.id == draft_states.c.case_id)
        if cursor is not None:
            then, last = _read_cursor(cursor)
            query = query.where(or_(at < then, and_(at == then, draft_id < last)))
        query = query.order_by(at.desc(), draft_id.desc()).limit(most + 1)
        with reading(self._engine) as connection:
            found = connection.execute(query).mappings().all()
        rows = tuple(map(_row, found[:most]))
        last_row = rows[-1] if len(found) > most else None
        return UndeliveredPage(
            rows=rows, next=f"{last_row.failed_at.isoformat()}~{last_row.draft_id}" if last_row else None
        )

    def count(self) -> int:
        """Return how many there are.

        Raises:
            StorageError: the database did not answer.
        """
        with reading(self._engine) as connection:
            return int(connection.execute(_failed(func.count())).scalar_one())


def _failed(*columns: Any) -> Any:
    """Return the query for drafts whose delivery was given up, and not for those that a policy stopped."""
    this = and_(deliveries.c.draft_id == draft_states.c.draft_id, deliveries.c.version == draft_states.c.version)
    return (
        select(*columns)
        .select_from(draft_states)
        .join(deliveries, this)
        .where(draft_states.c.status == "failed", deliveries.c.status == "failed")
        .where(draft_states.c.case_id.not_in(select(cases.c.id).where(cases.c.erased_at.is_not(None))))
    )


def _row(row: RowMapping) -> Undelivered:
    return Undelivered(
        draft_id=row["draft_id"],
        case_id=row["case_id"],
        debtor=row["facts"].get("debtor_name") or "",
        channel=row["channel"],
        tries=row["tries"],
        failed_at=row["failed_at"],
        failure=row["failure"] or "",
        stale=row["newest_message"] > row["message_number"],
    )


def _read_cursor(cursor: str) -> tuple[datetime, str]:
    at, _, draft_id = cursor.partition("~")
    try:
        return datetime.fromisoformat(at), draft_id
    except ValueError as error:
        raise InputError("This is no cursor of this list; begin at its first page.") from error

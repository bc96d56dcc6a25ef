"""Requests that were answered before, so that one sent again changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Engine, delete, insert, select, update

from drafter.errors import ConflictError, InputError
from drafter.store.engine import writing
from drafter.store.tables import answered_requests as table

# A request whose answer never came, because the process died, may be tried again after this.
_GIVEN_UP: Final = timedelta(minutes=10)
KEPT: Final = timedelta(days=2)


@dataclass(frozen=True)
class Answered:
    """What a request was answered with: HTTP status and JSON body."""

    status: int
    body: str


class SqlRequests:
    """Answers by actor and idempotency key.

    Args:
        engine: an engine of `open_engine`.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def begin(self, actor: str, key: str, *, request: str, at: datetime) -> Answered | None:
        """Take a key for a request; return the answer where it was given before.

        Args:
            actor: who sends it.
            key: what the sender calls it.
            request: a hash of method, path and body.
            at: now.

        Raises:
            InputError: the key belongs to another request.
            ConflictError: the same request is being answered right now.
            StorageError: nothing was written.
        """
        mine = (table.c.actor == actor) & (table.c.key == key)
        with writing(self._engine) as connection:
            connection.execute(delete(table).where(table.c.at < at - KEPT))
            row = connection.execute(select(table).where(mine).with_for_update()).mappings().first()
            if row is None:
                connection.execute(insert(table).values(actor=actor, key=key, request=request, at=at))
                return None
            if row["request"] != request:
                raise InputError("This Idempotency-Key was used for another request; use a new one.")
            if row["status"] is not None:
                return Answered(row["status"], row["body"])
            if row["at"] > at - _GIVEN_UP:
                raise ConflictError("The same request is being answered right now; wait for its answer.")
            connection.execute(update(table).where(mine).values(at=at, body=None))
        return None

    def answer(self, actor: str, key: str, answered: Answered) -> None:
        """Keep the answer of a request, unless something was erased while it was being answered.

        Raises:
            StorageError: nothing was written.
        """
        mine = (table.c.actor == actor) & (table.c.key == key)
        with writing(self._engine) as connection:
            kept = {"status": answered.status, "body": answered.body}
            connection.execute(update(table).where(mine, table.c.body.is_(None)).values(kept))

    def forget(self, actor: str, key: str) -> None:
        """Let a request that came to nothing be tried again under its key.

        Raises:
            StorageError: nothing was written.
        """
        with writing(self._engine) as connection:
            connection.execute(delete(table).where((table.c.actor == actor) & (table.c.key == key)))

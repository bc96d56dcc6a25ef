"""The journal: every act behind the one before it, so that none can be changed or lost unseen."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, Engine, insert, select, update

from drafter.domain import Act, Entry
from drafter.domain.journal import GENESIS
from drafter.store.engine import reading
from drafter.store.tables import journal, journal_end

_PAGE = 500


def append(connection: Connection, act: Act) -> Entry:
    """Write an act behind the last, in the transaction of what it tells about."""
    end = connection.execute(select(journal_end.c.number, journal_end.c.hash).with_for_update()).one()
    entry = Entry.after((end.number, end.hash) if end.number else None, act)
    connection.execute(insert(journal).values({**dict(entry), "detail": dict(entry.detail)}))
    connection.execute(update(journal_end).values(number=entry.number, hash=entry.hash))
    return entry


class SqlJournal:
    """The journal as its readers see it.

    Args:
        engine: an engine of `open_engine`.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def entries(self, *, subject: str | None = None, actor: str | None = None, after: int = 0) -> Iterator[Entry]:
        """Yield the entries, the oldest first.

        Args:
            subject: only what was done to this draft, case or person.
            actor: only what this person did.
            after: only those behind this number.

        Raises:
            StorageError: the database did not answer.
        """
        while True:
            query = select(journal).where(journal.c.number > after).order_by(journal.c.number).limit(_PAGE)
            if subject is not None:
                query = query.where(journal.c.subject == subject)
            if actor is not None:
                query = query.where(journal.c.actor == actor)
            with reading(self._engine) as connection:
                page = [Entry.model_validate(dict(row)) for row in connection.execute(query).mappings()]
            yield from page
            if len(page) < _PAGE:
                return
            after = page[-1].number

    def first_fault(self) -> int | None:
        """Return the number of the first entry that was changed, moved, added or lost; None where the chain is whole.

        Raises:
            StorageError: the database did not answer.
        """
        number, previous = 0, GENESIS
        for entry in self.entries():
            if entry.number != number + 1 or entry.previous != previous or not entry.whole:
                return number + 1
            number, previous = entry.number, entry.hash
        with reading(self._engine) as connection:
            end = connection.execute(select(journal_end.c.number, journal_end.c.hash)).one()
        return None if (end.number, end.hash) == (number, previous) else number + 1

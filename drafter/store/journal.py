"""The journal: every act behind the one before it, so that none can be changed or lost unseen."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, Engine, insert, select, true, update

from drafter.domain import Act, Entry
from drafter.domain.journal import GENESIS
from drafter.errors import StorageError
from drafter.store.engine import reading, writing
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

    def add(self, act: Act) -> Entry:
        """Write an act that changed nothing else, such as having looked at something.

        Raises:
            StorageError: nothing was written.
        """
        with writing(self._engine) as connection:
            return append(connection, act)

    def entries(self, *, subject: str | None = None, actor: str | None = None, after: int = 0) -> Iterator[Entry]:
        """Yield the entries, the oldest first.

        Args:
            subject: only what was done to this draft, case or person.
            actor: only what this person did.
            after: only those behind this number.

        Raises:
            StorageError: the database did not answer, or an entry is none.
        """
        for entry in self._read(subject, actor, after):
            if entry is None:
                raise StorageError(
                    "An entry of the journal cannot be read; the entries before it were. "
                    "`drafter audit-log verify` tells which one."
                )
            yield entry

    def end(self) -> tuple[int, str]:
        """Return number and hash of the last entry as they were noted when it was written; 0 where there is none.

        Raises:
            StorageError: the database did not answer.
        """
        with reading(self._engine) as connection:
            row = connection.execute(select(journal_end.c.number, journal_end.c.hash)).one()
        return row.number, row.hash

    def first_fault(self) -> int | None:
        """Return the number of the first entry that was changed, moved, added or lost; None where the chain is whole.

        Raises:
            StorageError: the database did not answer.
        """
        number, previous = 0, GENESIS
        while True:
            began = number
            for entry in self._read(after=number):
                if entry is None or (entry.number, entry.previous) != (number + 1, previous) or not entry.whole:
                    return number + 1
                number, previous = entry.number, entry.hash
            end = self.end()
            if end[0] <= number:
                return None if end == (number, previous) else max(end[0] + (end[0] < number), 1)
            # The end is further on: somebody has written meanwhile, or what stood there is gone.
            if number == began:
                return number + 1

    def _read(self, subject: str | None = None, actor: str | None = None, after: int = 0) -> Iterator[Entry | None]:
        """Yield the entries, and None in place of the first that is none, behind which nothing is read."""
        wanted = journal.c.subject == subject if subject is not None else true()
        wanted &= journal.c.actor == actor if actor is not None else true()
        while True:
            query = select(journal).where(journal.c.number > after, wanted).order_by(journal.c.number).limit(_PAGE)
            page: list[Entry | None] = []
            with reading(self._engine) as connection:
                try:
                    for row in connection.execute(query).mappings():
                        page.append(Entry.model_validate(dict(row)))
                        after = row["number"]
                except ValueError:
                    page.append(None)
            yield from page
            if len(page) < _PAGE or page[-1] is None:
                return

"""The journal: every act behind the one before it, so that none can be changed or lost unseen."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, insert, select, true, update

from drafter.domain import Act, Entry
from drafter.domain.journal import GENESIS
from drafter.errors import StorageError
from drafter.store.engine import reading, writing
from drafter.store.tables import journal, journal_end

_PAGE = 500


def append(connection: Connection, act: Act) -> Entry:
    """Write an act behind the last, in the transaction of what it tells about."""
    end = _last(connection)
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

    def add_once(self, act: Act, *, within: timedelta) -> bool:
        """Write an act unless the same actor did the same to the same subject a moment ago; tell whether it was.

        A repetition only reads, so that whoever asks every few seconds keeps nobody from writing.

        Args:
            act: what was done.
            within: how long ago "a moment ago" may be.

        Raises:
            StorageError: nothing was written.
        """
        with reading(self._engine) as connection:
            if _done_lately(connection, act, within):
                return False
        with writing(self._engine) as connection:
            # Another tab of the same person may have been quicker; whoever holds the end of the chain knows.
            _last(connection)
            if _done_lately(connection, act, within):
                return False
            append(connection, act)
        return True

    def entries(
        self,
        *,
        subject: str | None = None,
        subjects: Collection[str] | None = None,
        actor: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        after: int = 0,
    ) -> Iterator[Entry]:
        """Yield the entries, the oldest first.

        Args:
            subject: only what was done to this draft, case or person.
            subjects: only what was done to any of these.
            actor: only what this person did.
            since: only what was done then or later.
            until: only what was done before.
            after: only those behind this number.

        Raises:
            StorageError: the database did not answer, or an entry is none.
        """
        wanted: ColumnElement[bool] = true()
        if subject is not None:
            wanted &= journal.c.subject == subject
        if subjects is not None:
            wanted &= journal.c.subject.in_(subjects)
        if actor is not None:
            wanted &= journal.c.actor == actor
        if since is not None:
            wanted &= journal.c.at >= since
        if until is not None:
            wanted &= journal.c.at < until
        for entry in self._read(wanted, after):
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
            for entry in self._read(true(), number):
                if entry is None or (entry.number, entry.previous) != (number + 1, previous) or not entry.whole:
                    return number + 1
                number, previous = entry.number, entry.hash
            end = self.end()
            if end[0] <= number:
                return None if end == (number, previous) else max(end[0] + (end[0] < number), 1)
            # The end is further on: somebody has written meanwhile, or what stood there is gone.
            if number == began:
                return number + 1

    def _read(self, wanted: ColumnElement[bool], after: int) -> Iterator[Entry | None]:
        """Yield the entries, and None in place of the first that is none, behind which nothing is read."""
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


def _last(connection: Connection) -> Any:
    """Return number and hash of the last entry; nobody else writes behind it until the transaction ends."""
    return connection.execute(select(journal_end.c.number, journal_end.c.hash).with_for_update()).one()


def _done_lately(connection: Connection, act: Act, within: timedelta) -> bool:
    same = (
        (journal.c.subject == act.subject)
        & (journal.c.actor == act.actor)
        & (journal.c.action == act.action)
        & (journal.c.at > act.at - within)
    )
    return connection.execute(select(journal.c.number).where(same).limit(1)).first() is not None

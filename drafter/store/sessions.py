"""Sessions, sign-in links and failed sign-ins."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine, RowMapping, delete, func, insert, select, update

from drafter.domain import Act, Person, Session
from drafter.errors import NotFoundError
from drafter.store.engine import first, reading, writing
from drafter.store.journal import append
from drafter.store.tables import journal_end, people, sessions, sign_in_failures, sign_in_links


class SqlSessions:
    """Who is signed in, on an SQL database; every method raises StorageError where the database does not play along."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def open_session(self, session: Session, act: Act, *, password: str | None = None) -> bool:
        """Keep a session; False, and nothing kept, where the person may not sign in any more.

        Args:
            session: the session.
            act: the journal's entry.
            password: the hash that was compared; no session opens for one that was changed meanwhile.
        """
        query = select(people.c.id).where(people.c.id == session.person_id, people.c.disabled.is_(False))
        if password is not None:
            query = query.where(people.c.password == password)
        with writing(self._engine) as connection:
            if first(connection, query.with_for_update()) is None:
                return False
            connection.execute(insert(sessions).values(dict(session)))
            append(connection, act)
        return True

    def session(self, session_id: str) -> tuple[Person, Session] | None:
        """Return a session and whose it is; None where there is none."""
        mine = [column.label(f"session_{column.name}") for column in sessions.c]
        query = select(people, *mine).join(sessions, sessions.c.person_id == people.c.id)
        with reading(self._engine) as connection:
            row = first(connection, query.where(sessions.c.id == session_id))
        if row is None:
            return None
        return person_of_row(row), Session.model_validate(
            {name: row[f"session_{name}"] for name in Session.model_fields}
        )

    def touch(self, session_id: str, seen_at: datetime) -> None:
        """Note when a session was last used."""
        mine = (sessions.c.id == session_id) & (sessions.c.seen_at < seen_at)
        with writing(self._engine) as connection:
            connection.execute(update(sessions).where(mine).values(seen_at=seen_at))

    def close_session(self, session_id: str, act: Act) -> None:
        """End a session; nothing is done, nor told, where it has ended before."""
        with writing(self._engine) as connection:
            if connection.execute(delete(sessions).where(sessions.c.id == session_id)).rowcount:
                append(connection, act)

    def close_sessions(self, person_id: str, act: Act) -> None:
        """End every session of a person."""
        with writing(self._engine) as connection:
            connection.execute(delete(sessions).where(sessions.c.person_id == person_id))
            append(connection, act)

    def forget_ended(self, at: datetime, *, idle: timedelta, longest: timedelta, window: timedelta) -> None:
        """Delete the sessions, links and failed sign-ins whose time is over.

        Args:
            at: now.
            idle: how long a session lives unused.
            longest: how long a session lives at all.
            window: how long a failure counts.
        """
        ended = {
            sessions: (sessions.c.seen_at <= at - idle) | (sessions.c.created_at <= at - longest),
            sign_in_links: sign_in_links.c.expires_at <= at,
            sign_in_failures: sign_in_failures.c.at <= at - window,
        }
        with writing(self._engine) as connection:
            for table, over in ended.items():
                # What somebody is just changing is left for the next time, so that nobody waits for anybody.
                free = select(table.c.id).where(over).with_for_update(skip_locked=True)
                connection.execute(delete(table).where(table.c.id.in_(free)))

    def add_link(self, link_id: str, person_id: str, act: Act, *, expires_at: datetime) -> None:
        """Keep a one-time sign-in link; those that nobody used in time go."""
        with writing(self._engine) as connection:
            connection.execute(delete(sign_in_links).where(sign_in_links.c.expires_at <= act.at))
            row = {"id": link_id, "person_id": person_id, "expires_at": expires_at}
            connection.execute(insert(sign_in_links).values(row))
            append(connection, act)

    def take_link(self, link_id: str, *, at: datetime) -> Person | None:
        """Use a link up and return whose it was; None where it is used up, has expired or never was."""
        used = delete(sign_in_links).where(sign_in_links.c.id == link_id)
        with writing(self._engine) as connection:
            row = connection.execute(used.returning(sign_in_links.c.person_id, sign_in_links.c.expires_at)).first()
            if row is None or row.expires_at <= at:
                return None
            append(connection, Act(at=at, actor=row.person_id, action="link.take", subject=row.person_id))
            return person_of(connection, row.person_id)

    def add_failures(self, most: Mapping[str, int], *, since: datetime, at: datetime) -> tuple[int, ...]:
        """Count a try as failed before it is made; return its numbers, none where a key has failed too often.

        Counting first is what keeps tries that are made all at once from slipping through.

        Args:
            most: how many failures each key may have.
            since: older failures no longer count, and are forgotten.
            at: now.
        """
        with writing(self._engine) as connection:
            # Where several write at once, they take turns here as they do for the journal.
            connection.execute(select(journal_end.c.number).with_for_update())
            connection.execute(delete(sign_in_failures).where(sign_in_failures.c.at <= since))
            if any(_failures(connection, key, since) >= limit for key, limit in most.items()):
                return ()
            row = insert(sign_in_failures).returning(sign_in_failures.c.id)
            return tuple(connection.execute(row.values(key=key, at=at)).scalar_one() for key in most)

    def failures(self, key: str, *, since: datetime) -> int:
        """Return how often a key has failed since."""
        with reading(self._engine) as connection:
            return _failures(connection, key, since)

    def clear_failures(self, key: str, numbers: Collection[int]) -> None:
        """Forget the failures of a key, and those of these numbers."""
        which = (sign_in_failures.c.key == key) | sign_in_failures.c.id.in_(numbers)
        with writing(self._engine) as connection:
            connection.execute(delete(sign_in_failures).where(which))


def _failures(connection: Connection, key: str, since: datetime) -> int:
    counted = select(func.count()).where(sign_in_failures.c.key == key, sign_in_failures.c.at > since)
    return int(connection.execute(counted).scalar_one())


def person_of(connection: Connection, person_id: str) -> Person:
    row = first(connection, select(people).where(people.c.id == person_id))
    if row is None:
        raise NotFoundError("There is nobody {name} here; `drafter users list` shows everybody.", name=repr(person_id))
    return person_of_row(row)


def person_of_row(row: RowMapping) -> Person:
    return Person.model_validate({name: row[name] for name in Person.model_fields})

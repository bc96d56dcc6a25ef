"""The people of the desk: accounts, sessions, sign-in links, failed sign-ins and API keys, each change journalled."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, delete, func, insert, select, update

from drafter.domain import Act, ApiKey, Person, Role, Session
from drafter.errors import ConflictError, NotFoundError
from drafter.store.engine import reading, writing
from drafter.store.journal import append
from drafter.store.tables import api_keys, journal_end, people, sessions, sign_in_failures, sign_in_links
from guardrails.model import Language


class SqlPeople:
    """People on an SQL database; every method raises StorageError where the database does not play along.

    Args:
        engine: an engine of `open_engine`, whose database is at this version's schema.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, person: Person, act: Act, *, password: str | None = None, subject: str | None = None) -> Person:
        """Keep a new account.

        Args:
            person: the account.
            act: the journal's entry.
            password: its hash; without one only a link or an identity provider lets the person in.
            subject: who they are at the identity provider.

        Raises:
            ConflictError: the name or the subject is taken.
        """
        with writing(self._engine) as connection:
            if _first(connection, select(people.c.id).where(people.c.name == person.name)) is not None:
                raise ConflictError(
                    "There is already somebody named {name}; nothing was added. Choose another name.",
                    name=repr(person.name),
                )
            _refuse_taken(connection, subject)
            row = {**dict(person), "role": person.role.value, "password": password, "subject": subject}
            connection.execute(insert(people).values(row))
            append(connection, act)
        return person

    def person(self, person_id: str) -> Person:
        """Return a person.

        Raises:
            NotFoundError: there is none of this id.
        """
        with reading(self._engine) as connection:
            return _person_of(connection, person_id)

    def by_name(self, name: str) -> tuple[Person, str | None] | None:
        """Return the person of a name with the hash of their password; None where there is none."""
        with reading(self._engine) as connection:
            row = _first(connection, select(people).where(people.c.name == name))
        return None if row is None else (_person(row), row["password"])

    def by_subject(self, subject: str) -> Person | None:
        """Return whom the identity provider knows by this subject; None where there is none."""
        with reading(self._engine) as connection:
            row = _first(connection, select(people).where(people.c.subject == subject))
        return None if row is None else _person(row)

    def all(self) -> list[Person]:
        """Return everybody, by name."""
        with reading(self._engine) as connection:
            return [_person(row) for row in connection.execute(select(people).order_by(people.c.name)).mappings()]

    def set_disabled(self, person_id: str, act: Act, *, disabled: bool) -> Person:
        """Disable or enable an account; its sessions and links end.

        Raises:
            NotFoundError: there is none of this id.
        """
        return self._change(person_id, act, ends_sessions=True, disabled=disabled)

    def set_password(self, person_id: str, password: str, act: Act) -> Person:
        """Keep the hash of a new password; the person's sessions and links end.

        Raises:
            NotFoundError: there is none of this id.
        """
        return self._change(person_id, act, ends_sessions=True, password=password)

    def rehash(self, person_id: str, act: Act, *, old: str, new: str) -> None:
        """Keep another hash of the same password, unless that was changed meanwhile."""
        mine = (people.c.id == person_id) & (people.c.password == old)
        with writing(self._engine) as connection:
            if connection.execute(update(people).where(mine).values(password=new)).rowcount:
                append(connection, act)

    def set_role(self, person_id: str, role: Role, act: Act) -> Person:
        """Give a person another role, from their next request on.

        Raises:
            NotFoundError: there is none of this id.
        """
        return self._change(person_id, act, role=role.value)

    def set_subject(self, person_id: str, subject: str | None, act: Act) -> Person:
        """Keep who a person is at the identity provider; None for nobody.

        Raises:
            NotFoundError: there is none of this id.
            ConflictError: somebody else has this subject.
        """
        return self._change(person_id, act, subject=subject)

    def set_lang(self, person_id: str, lang: Language) -> Person:
        """Keep the language of a person's pages; it changes nothing that the journal is read for, so it is not in it.

        Raises:
            NotFoundError: there is none of this id.
        """
        return self._change(person_id, None, lang=lang)

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
            if _first(connection, query.with_for_update()) is None:
                return False
            connection.execute(insert(sessions).values(dict(session)))
            append(connection, act)
        return True

    def session(self, session_id: str) -> tuple[Person, Session] | None:
        """Return a session and whose it is; None where there is none."""
        mine = [column.label(f"session_{column.name}") for column in sessions.c]
        query = select(people, *mine).join(sessions, sessions.c.person_id == people.c.id)
        with reading(self._engine) as connection:
            row = _first(connection, query.where(sessions.c.id == session_id))
        if row is None:
            return None
        return _person(row), Session.model_validate({name: row[f"session_{name}"] for name in Session.model_fields})

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
            return _person_of(connection, row.person_id)

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

    def add_key(self, key: ApiKey, secret: str, act: Act) -> ApiKey:
        """Keep an API key with the hash of its secret."""
        row = {**dict(key), "rights": sorted(key.rights), "secret": secret}
        with writing(self._engine) as connection:
            connection.execute(insert(api_keys).values(row))
            append(connection, act)
        return key

    def key_by_secret(self, secret: str) -> ApiKey | None:
        """Return the key of a secret's hash, also one that was revoked; None where there is none."""
        with reading(self._engine) as connection:
            row = _first(connection, select(api_keys).where(api_keys.c.secret == secret))
        return None if row is None else _key(row)

    def api_keys(self) -> list[ApiKey]:
        """Return every key, the oldest first."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(api_keys).order_by(api_keys.c.created_at, api_keys.c.id)).mappings()
            return [_key(row) for row in rows]

    def revoke_key(self, key_id: str, act: Act) -> ApiKey:
        """Revoke a key for good; one revoked before stays as it is.

        Raises:
            NotFoundError: there is none of this id.
        """
        mine = api_keys.c.id == key_id
        with writing(self._engine) as connection:
            change = update(api_keys).where(mine, api_keys.c.revoked_at.is_(None)).values(revoked_at=act.at)
            if connection.execute(change).rowcount:
                append(connection, act)
            row = _first(connection, select(api_keys).where(mine))
        if row is None:
            raise NotFoundError("There is no key {id}; `drafter keys list` shows them all.", id=repr(key_id))
        return _key(row)

    def _change(self, person_id: str, act: Act | None, *, ends_sessions: bool = False, **values: object) -> Person:
        with writing(self._engine) as connection:
            if "subject" in values:
                _refuse_taken(connection, values["subject"], but=person_id)
            connection.execute(update(people).where(people.c.id == person_id).values(values))
            person = _person_of(connection, person_id)
            if ends_sessions:
                connection.execute(delete(sessions).where(sessions.c.person_id == person_id))
                connection.execute(delete(sign_in_links).where(sign_in_links.c.person_id == person_id))
            if act is not None:
                append(connection, act)
        return person


def _refuse_taken(connection: Connection, subject: object, *, but: str | None = None) -> None:
    taken = None if subject is None else _first(connection, select(people.c.id).where(people.c.subject == subject))
    if taken is not None and taken["id"] != but:
        raise ConflictError("Somebody else has this account at the identity provider; nothing was changed.")


def _failures(connection: Connection, key: str, since: datetime) -> int:
    counted = select(func.count()).where(sign_in_failures.c.key == key, sign_in_failures.c.at > since)
    return int(connection.execute(counted).scalar_one())


def _person_of(connection: Connection, person_id: str) -> Person:
    row = _first(connection, select(people).where(people.c.id == person_id))
    if row is None:
        raise NotFoundError("There is nobody {name} here; `drafter users list` shows everybody.", name=repr(person_id))
    return _person(row)


def _person(row: RowMapping) -> Person:
    return Person.model_validate({name: row[name] for name in Person.model_fields})


def _key(row: RowMapping) -> ApiKey:
    return ApiKey.model_validate({name: row[name] for name in ApiKey.model_fields})


def _first(connection: Connection, query: Any) -> RowMapping | None:
    return connection.execute(query.limit(1)).mappings().first()

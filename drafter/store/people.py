"""The people of the desk and their accounts, each change journalled."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from drafter.domain import Act, Person, Role
from drafter.errors import ConflictError
from drafter.store.engine import first, reading, writing
from drafter.store.journal import append
from drafter.store.keys import SqlKeys
from drafter.store.sessions import SqlSessions, person_of, person_of_row
from drafter.store.tables import journal_end, people, sessions, sign_in_links
from guardrails.model import Language

_ADMINISTRATORS = select(people.c.id).where(people.c.role == Role.ADMIN.value, people.c.disabled.is_(False))


class SqlPeople(SqlKeys, SqlSessions):
    """People on an SQL database; every method raises StorageError where the database does not play along.

    Args:
        engine: an engine of `open_engine`, whose database is at this version's schema.
    """

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
            if first(connection, select(people.c.id).where(people.c.name == person.name)) is not None:
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
            return person_of(connection, person_id)

    def by_name(self, name: str) -> tuple[Person, str | None] | None:
        """Return the person of a name with the hash of their password; None where there is none."""
        with reading(self._engine) as connection:
            row = first(connection, select(people).where(people.c.name == name))
        return None if row is None else (person_of_row(row), row["password"])

    def by_subject(self, subject: str) -> Person | None:
        """Return whom the identity provider knows by this subject; None where there is none."""
        with reading(self._engine) as connection:
            row = first(connection, select(people).where(people.c.subject == subject))
        return None if row is None else person_of_row(row)

    def all(self) -> list[Person]:
        """Return everybody, by name."""
        with reading(self._engine) as connection:
            return [person_of_row(row) for row in connection.execute(select(people).order_by(people.c.name)).mappings()]

    def seen(self) -> dict[str, datetime]:
        """Return when each person who is signed in was last seen, by id."""
        query = select(sessions.c.person_id, func.max(sessions.c.seen_at).label("at")).group_by(sessions.c.person_id)
        with reading(self._engine) as connection:
            return {row.person_id: row.at for row in connection.execute(query)}

    def set_disabled(self, person_id: str, act: Act, *, disabled: bool, but_the_last: bool = False) -> Person:
        """Disable or enable an account; its sessions and links end.

        Args:
            person_id: whose.
            act: the journal's entry.
            disabled: as it is from now on.
            but_the_last: not where no administrator would be left.

        Raises:
            NotFoundError: there is none of this id.
            ConflictError: no administrator would be left.
        """
        return self._change(person_id, act, ends_sessions=True, but_the_last=but_the_last, disabled=disabled)

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

    def set_role(self, person_id: str, role: Role, act: Act, *, but_the_last: bool = False) -> Person:
        """Give a person another role, from their next request on.

        Args:
            person_id: whose.
            role: what they are from now on.
            act: the journal's entry.
            but_the_last: not where no administrator would be left.

        Raises:
            NotFoundError: there is none of this id.
            ConflictError: no administrator would be left.
        """
        return self._change(person_id, act, but_the_last=but_the_last, role=role.value)

    def set_subject(self, person_id: str, subject: str | None, act: Act) -> Person:
        """Keep who a person is at the identity provider, None for nobody; their sessions and links end.

        Raises:
            NotFoundError: there is none of this id.
            ConflictError: somebody else has this subject.
        """
        return self._change(person_id, act, ends_sessions=True, subject=subject)

    def set_lang(self, person_id: str, lang: Language) -> Person:
        """Keep the language of a person's pages; it changes nothing that the journal is read for, so it is not in it.

        Raises:
            NotFoundError: there is none of this id.
        """
        return self._change(person_id, None, lang=lang)

    def _change(
        self,
        person_id: str,
        act: Act | None,
        *,
        ends_sessions: bool = False,
        but_the_last: bool = False,
        **values: object,
    ) -> Person:
        with writing(self._engine) as connection:
            if but_the_last:
                # Two administrators who take each other's right at once take turns here.
                connection.execute(select(journal_end.c.number).with_for_update())
            if "subject" in values:
                _refuse_taken(connection, values["subject"], but=person_id)
            connection.execute(update(people).where(people.c.id == person_id).values(values))
            person = person_of(connection, person_id)
            if but_the_last and first(connection, _ADMINISTRATORS) is None:
                raise ConflictError(
                    "No administrator would be left; nothing was changed. Make somebody else an administrator first."
                )
            if ends_sessions:
                connection.execute(delete(sessions).where(sessions.c.person_id == person_id))
                connection.execute(delete(sign_in_links).where(sign_in_links.c.person_id == person_id))
            if act is not None:
                append(connection, act)
        return person


def _refuse_taken(connection: Connection, subject: object, *, but: str | None = None) -> None:
    taken = None if subject is None else first(connection, select(people.c.id).where(people.c.subject == subject))
    if taken is not None and taken["id"] != but:
        raise ConflictError("Somebody else has this account at the identity provider; nothing was changed.")

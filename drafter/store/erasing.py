"""What is kept about a debtor: found, handed out, and erased so that the journal stays whole."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, Final

from pydantic import TypeAdapter
from sqlalchemy import Connection, Engine, RowMapping, Select, and_, case, delete, exists, func, or_, select, update
from sqlalchemy.exc import DBAPIError

from drafter.domain import Act, Erased, KnownCase, Records
from drafter.domain.privacy import Row
from drafter.errors import ConflictError, StorageError
from drafter.store.engine import reading, writing
from drafter.store.gone import refuse_erased
from drafter.store.journal import SqlJournal, append
from drafter.store.personal import ANSWERS, PERSONAL, Personal
from drafter.store.requests import KEPT
from drafter.store.review_tables import proposals
from drafter.store.tables import cases, draft_states, follow_ups
from guardrails.model import Jurisdiction

_UNDER_WAY: Final = ("approved", "queued")
_ROW: Final = TypeAdapter(dict[str, Any])
_WAIT_MS: Final = 15_000


class SqlPrivacy:
    """What is kept about debtors on an SQL database.

    Args:
        engine: an engine of `open_engine`, whose database is at this version's schema.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def named(self, name: str) -> list[KnownCase]:
        """Return the case of this id or external id.

        Raises:
            StorageError: the database did not answer.
        """
        return self._known(or_(cases.c.id == name, cases.c.external_id == name))

    def of_debtor(self, debtor: str, last4: str | None = None) -> list[KnownCase]:
        """Return the cases of a debtor's name as the facts tell it, the oldest first.

        Args:
            debtor: the whole name.
            last4: of the account; any where None.

        Raises:
            StorageError: the database did not answer.
        """
        same = cases.c.facts["debtor_name"].as_string() == debtor
        if last4 is not None:
            same &= cases.c.facts["account_last4"].as_string() == last4
        return self._known(same)

    def relatives(self, ids: Collection[str]) -> list[KnownCase]:
        """Return other cases that name the same debtor as these; they may be somebody else of this name.

        Raises:
            StorageError: the database did not answer.
        """
        name = cases.c.facts["debtor_name"].as_string()
        with reading(self._engine) as connection:
            names = [one for one in connection.execute(select(name).where(cases.c.id.in_(ids))).scalars() if one]
        return self._known(name.in_(names) & cases.c.id.not_in(ids)) if names else []

    def drafts_of(self, case_id: str) -> list[str]:
        """Return the ids of a case's drafts, also of one whose texts are erased.

        Raises:
            StorageError: the database did not answer.
        """
        query = select(draft_states.c.draft_id).where(draft_states.c.case_id == case_id)
        with reading(self._engine) as connection:
            return list(connection.execute(query.order_by(draft_states.c.draft_id)).scalars())

    def records(self, ids: Sequence[str]) -> list[Records]:
        """Return everything that is kept about cases.

        Raises:
            StorageError: the database did not answer.
        """
        return [self._records(case_id) for case_id in ids]

    def old(self, jurisdiction: Jurisdiction, *, before: datetime, today: date, answered: bool = True) -> list[str]:
        """Return the cases that nobody has touched since a moment, the oldest first.

        Left out are those with a reply on its way, and those with something still to be done.

        Args:
            jurisdiction: only of this one.
            before: the moment.
            today: what is due then or later is still to be done.
            answered: those that were answered or put before a lead; False for those that were never answered.

        Raises:
            StorageError: the database did not answer.
        """
        touched = exists().where(
            draft_states.c.case_id == cases.c.id,
            or_(draft_states.c.changed_at >= before, draft_states.c.status.in_(_UNDER_WAY)),
        )
        to_do = exists().where(
            follow_ups.c.case_id == cases.c.id, follow_ups.c.status == "open", follow_ups.c.due >= today
        )
        query = (
            select(cases.c.id)
            .where(
                cases.c.erased_at.is_(None),
                cases.c.jurisdiction == jurisdiction,
                func.coalesce(cases.c.message_at, cases.c.created_at) < before,
                (cases.c.status != "open") == answered,
                ~touched,
                ~to_do,
            )
            .order_by(cases.c.created_at, cases.c.id)
        )
        with reading(self._engine) as connection:
            return list(connection.execute(query).scalars())

    def erase(self, ids: Sequence[str], acts: Sequence[Act], *, because: str | None, salt: str | None) -> Erased:
        """Erase the texts of cases, all of them or none, and write the acts into the journal.

        Args:
            ids: the cases.
            acts: one a case.
            because: the reason, which stands beside the journal and not in it.
            salt: by which the journal's hash of the reason can be checked.

        Raises:
            GoneError: one is erased already.
            ConflictError: an approved reply of one has not left yet.
            StorageError: nothing was erased.
        """
        with writing(self._engine) as connection:
            _hold_idle(connection, ids)
            in_force = connection.execute(
                select(proposals.c.id)
                .join(draft_states, draft_states.c.draft_id == proposals.c.draft_id)
                .where(draft_states.c.case_id.in_(ids), proposals.c.status == "approved")
                .order_by(proposals.c.id)
            )
            changes = tuple(in_force.scalars())
            answers = _delete_answers(connection, ids)
            rows = sum(_blank(connection, one, ids) for one in PERSONAL)
            told = {"erased_at": acts[0].at, "erased_because": because, "erased_salt": salt}
            connection.execute(update(cases).where(cases.c.id.in_(ids)).values(told))
            for act in acts:
                append(connection, act)
        return Erased(cases=tuple(ids), rows=rows, answers=answers, rule_changes=changes)

    def forget_answers(self, now: datetime) -> int:
        """Delete the kept answers to programs that nobody can ask for again; return how many.

        Raises:
            StorageError: nothing was deleted.
        """
        with writing(self._engine) as connection:
            return connection.execute(delete(ANSWERS).where(ANSWERS.c.at < now - KEPT)).rowcount

    def scrub(self) -> None:
        """Take what was erased out of the database's files too: free pages, old rows and SQLite's write-ahead log.

        Raises:
            StorageError: somebody else used the database all the while; what was erased stays erased.
        """
        failures = _failures(self._engine)
        try:
            connection = self._engine.raw_connection()
            try:
                if self._engine.dialect.name == "sqlite":
                    _scrub_sqlite(connection.driver_connection)
                else:
                    _scrub_postgresql(connection.driver_connection)
            finally:
                # Whatever was set on it is of no use to others.
                connection.invalidate()
        except failures as error:
            raise StorageError(
                "The texts are erased, but the database was in use, and their remains may still be in its files; "
                "run `drafter privacy scrub` when less is done."
            ) from error

    def _known(self, condition: Any) -> list[KnownCase]:
        with reading(self._engine) as connection:
            return [KnownCase.model_validate(dict(row)) for row in connection.execute(_told(condition)).mappings()]

    def _records(self, case_id: str) -> Records:
        with reading(self._engine) as connection:
            found = {
                one.table.name: tuple(_as_json(row) for row in connection.execute(_rows(one, [case_id])).mappings())
                for one in PERSONAL
            }
        subjects = [case_id, *(str(row["draft_id"]) for row in found["draft_states"])]
        entries = tuple(SqlJournal(self._engine).entries(subjects=subjects))
        return Records(case_id=case_id, tables=found, journal=entries)


def _told(condition: Any) -> Select[Any]:
    newest = select(func.max(draft_states.c.changed_at)).where(draft_states.c.case_id == cases.c.id).scalar_subquery()
    written = func.coalesce(cases.c.message_at, cases.c.created_at)
    leaving = exists().where(draft_states.c.case_id == cases.c.id, draft_states.c.status.in_(_UNDER_WAY))
    return (
        select(
            cases.c.id,
            cases.c.external_id,
            cases.c.jurisdiction,
            cases.c.created_at,
            case((newest > written, newest), else_=written).label("last_activity"),
            leaving.label("under_way"),
            cases.c.erased_at,
        )
        .where(condition)
        .order_by(cases.c.created_at, cases.c.id)
    )


def _hold_idle(connection: Connection, ids: Sequence[str]) -> None:
    """Hold that nothing of the cases is on its way, and that nobody writes into them until the transaction ends."""
    query = select(cases.c.erased_at).where(cases.c.id.in_(ids)).order_by(cases.c.id).with_for_update()
    for erased_at in connection.execute(query).scalars():
        refuse_erased(erased_at)
    leaving = select(draft_states.c.case_id).where(
        draft_states.c.case_id.in_(ids), draft_states.c.status.in_(_UNDER_WAY)
    )
    found = connection.execute(leaving.limit(1)).scalar()
    if found is not None:
        raise ConflictError(
            "An approved reply of case {id} has not left yet; nothing was erased. Take the approval back, or wait "
            "until it has left.",
            id=found,
        )


def _delete_answers(connection: Connection, ids: Sequence[str]) -> int:
    drafts_of = select(draft_states.c.draft_id).where(draft_states.c.case_id.in_(ids))
    names = [*ids, *connection.execute(drafts_of).scalars()]
    mine = or_(*(ANSWERS.c.body.contains(name, autoescape=True) for name in names))
    # What is being answered right now may have read the texts before they were erased; its answer is not kept.
    connection.execute(update(ANSWERS).where(ANSWERS.c.body.is_(None)).values(body=""))
    return connection.execute(delete(ANSWERS).where(mine)).rowcount


def _rows(one: Personal, ids: Sequence[str]) -> Select[Any]:
    return select(one.table).where(one.of(ids)).order_by(*one.table.primary_key.columns)


def _blank(connection: Connection, one: Personal, ids: Sequence[str]) -> int:
    """Put in place of what is personal what stands there once it is erased; return how many rows held any."""
    key = list(one.table.primary_key.columns)
    changed = 0
    for found in connection.execute(_rows(one, ids)).mappings().all() if one.erased else ():
        row = dict(found)
        values = {name: blank(row) for name, blank in one.erased.items()}
        if any(row[name] != value for name, value in values.items()):
            same = and_(*(column == row[column.name] for column in key))
            connection.execute(update(one.table).where(same).values(values))
            changed += 1
    return changed


def _as_json(row: RowMapping) -> Row:
    written: Row = _ROW.dump_python(dict(row), mode="json")
    return written


def _failures(engine: Engine) -> tuple[type[Exception], ...]:
    """Return what may be raised beside the engine, where the driver speaks for itself."""
    driver = sqlite3.Error if engine.dialect.name == "sqlite" else engine.dialect.loaded_dbapi.Error
    return DBAPIError, driver


def _scrub_sqlite(connection: Any) -> None:
    # Written anew, the file has no page of before; the log, emptied, has none either.
    connection.execute("VACUUM")
    busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise sqlite3.OperationalError("database is locked")


def _scrub_postgresql(connection: Any) -> None:
    connection.autocommit = True
    connection.execute(f"SET lock_timeout = {_WAIT_MS}")
    names = ", ".join(sorted({ANSWERS.name, *(one.table.name for one in PERSONAL if one.erased)}))
    connection.execute(f"VACUUM (FULL) {names}")

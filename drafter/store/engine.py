"""A connection to the database, and its errors in the desk's own words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from drafter.errors import SettingsError, StorageError

# Another process may hold the write lock for a moment; longer than this is a fault worth telling.
_BUSY_S = 15
# Whom SQLite lets wait looks again after ever longer pauses, and may find another writer each time: the writers of this
# process wait for each other instead.
_TURN = "turn"
# Any number that no other program locks in the desk's own database.
_MIGRATION_LOCK = 0x64726166


def open_engine(url: str) -> Engine:
    """Return an engine for the database; a SQLite file's folder is made.

    Args:
        url: an SQLAlchemy URL.

    Raises:
        SettingsError: the URL cannot be used.
        StorageError: the folder of the file cannot be made.
    """
    try:
        parsed = make_url(url)
        if parsed.get_backend_name() == "sqlite":
            return _sqlite(parsed)
        return create_engine(parsed, pool_pre_ping=True, hide_parameters=True)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise SettingsError(
            "DRAFTER_DATABASE_URL is not a database this desk can open; write it like sqlite:////data/drafter.sqlite3."
        ) from error


def _sqlite(url: URL) -> Engine:
    if url.database not in (None, "", ":memory:"):
        folder = Path(str(url.database)).parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(
                "The folder {folder} for the database cannot be made ({why}); nothing was written. "
                "Choose another with DRAFTER_DATA_DIR.",
                folder=folder,
                why=error.strerror,
            ) from error
    engine = create_engine(
        url, hide_parameters=True, connect_args={"timeout": _BUSY_S}, execution_options={_TURN: Lock()}
    )

    @event.listens_for(engine, "connect")
    def _on_connect(connection: sqlite3.Connection, _record: Any) -> None:
        # The driver's own transactions begin too late to be safe; the desk begins them itself, below.
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        # Nothing turns this off within a transaction.
        connection.exec_driver_sql(f"PRAGMA foreign_keys={'OFF' if options.get('rebuilds', False) else 'ON'}")
        # A writer takes the lock at once: upgrading a read to a write midway could only fail.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writes", False) else "BEGIN")

    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Give a connection for reading, on which several queries see the same moment.

    Raises:
        StorageError: the database did not answer.
    """
    with _told(), engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Give a connection whose changes are all kept at the end, or none of them.

    Raises:
        StorageError: nothing was written.
    """
    turn = engine.get_execution_options().get(_TURN, nullcontext())
    with turn, _told(), engine.execution_options(writes=True).begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_BUSY_S * 1000:.0f}ms'")
        yield connection


@contextmanager
def migrating(engine: Engine) -> Iterator[Connection]:
    """Give a connection for changing the tables; one process at a time, and all of it is kept or none.

    Raises:
        StorageError: nothing was changed.
    """
    with _told(), engine.execution_options(writes=True, rebuilds=True).begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})")
        yield connection
        # SQLite alters a table by building it anew, during which it cannot watch what refers to it.
        if engine.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
            raise StorageError("Rows would be left that refer to none; nothing was changed. Restore a backup.")


def first(connection: Connection, query: Any) -> RowMapping | None:
    """Return the first row that a query finds; None where it finds none."""
    return connection.execute(query.limit(1)).mappings().first()


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        # The driver's own words, without the statement and its values: these hold personal data.
        raise StorageError(
            "The database did not take it ({why}); nothing of this step was written. "
            "Check the disk's space and rights, then try again.",
            why=_why(error),
        ) from error
    except SQLAlchemyError as error:
        raise StorageError(
            "The database failed ({kind}); nothing of this step was written.", kind=type(error).__name__
        ) from error


def _why(error: DBAPIError) -> object:
    """Return the driver's words; of PostgreSQL's only the first sentence, since the next ones quote the row."""
    return getattr(getattr(error.orig, "diag", None), "message_primary", None) or error.orig

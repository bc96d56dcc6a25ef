"""A connection to the database, and its errors in the desk's own words."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from drafter.errors import SettingsError, StorageError

# Another process may hold the write lock for a moment; longer than this is a fault worth telling.
_BUSY_S = 15


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
        return create_engine(parsed, pool_pre_ping=True)
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
    engine = create_engine(url, connect_args={"timeout": _BUSY_S})

    @event.listens_for(engine, "connect")
    def _on_connect(connection: sqlite3.Connection, _record: Any) -> None:
        # The driver's own transactions begin too late to be safe; the desk begins them itself, below.
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        # A writer takes the lock at once: upgrading a read to a write midway could only fail.
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Give a connection for reading.

    Raises:
        StorageError: the database did not answer.
    """
    with _told(), engine.connect() as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Give a connection whose changes are all kept at the end, or none of them.

    Raises:
        StorageError: nothing was written.
    """
    with _told(), engine.execution_options(writes=True).begin() as connection:
        yield connection


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        # The driver's own words, without the statement and its values: these hold personal data.
        raise StorageError(
            "The database did not take it ({why}); nothing of this step was written. "
            "Check the disk's space and rights, then try again.",
            why=error.orig,
        ) from error
    except SQLAlchemyError as error:
        raise StorageError(
            "The database failed ({kind}); nothing of this step was written.", kind=type(error).__name__
        ) from error

"""The database brought to this version's schema."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Engine

from drafter.errors import StorageError
from drafter.store.engine import migrating, open_engine, reading

_MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(url: str, *, to: str = "head") -> str | None:
    """Bring the database to a revision in one transaction, data kept; return the revision it is at now.

    Raises:
        SettingsError: the URL cannot be used.
        StorageError: the database did not take it and stays as it was.
    """
    engine = open_engine(url)
    try:
        with migrating(engine) as connection:
            if to == "head":
                _refuse_the_future(connection)
            command.upgrade(config(connection), to)
        return current_revision(engine)
    finally:
        engine.dispose()


def downgrade(url: str, *, to: str) -> None:
    """Take the database back to an older revision; "base" removes every table.

    Raises:
        StorageError: the database did not take it and stays as it was.
    """
    engine = open_engine(url)
    try:
        with migrating(engine) as connection:
            command.downgrade(config(connection), to)
    finally:
        engine.dispose()


def current_revision(engine: Engine) -> str | None:
    """Return the database's revision; None when it has no table of ours yet.

    Raises:
        StorageError: the database did not answer.
    """
    with reading(engine) as connection:
        return MigrationContext.configure(connection).get_current_revision()


def config(connection: Connection | None = None) -> Config:
    """Return Alembic's configuration, bound to a connection where one is given."""
    made = Config()
    made.set_main_option("script_location", str(_MIGRATIONS))
    made.attributes["connection"] = connection
    return made


def _refuse_the_future(connection: Connection) -> None:
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - reads the folder; only an upgrade needs it

    present = MigrationContext.configure(connection).get_current_revision()
    known = {revision.revision for revision in ScriptDirectory.from_config(config()).walk_revisions()}
    if present is not None and present not in known:
        raise StorageError(
            "The database is at revision {revision}, which a newer version of drafter wrote; nothing was changed. "
            "Use that version, or another database.",
            revision=present,
        )

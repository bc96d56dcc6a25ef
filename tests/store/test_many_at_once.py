"""Several threads and processes on one database."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from drafter.domain import Triage
from drafter.errors import StorageError
from drafter.store import engine
from drafter.store.engine import reading, writing
from drafter.store.repository import SqlStore
from tests.store.test_store import a_case


def test_one_external_id_from_many_threads_at_once_is_one_case(url: str) -> None:
    store = SqlStore.open(url)
    together = threading.Barrier(8)

    def keep(number: int) -> str:
        together.wait()
        return store.add_case(a_case("crm-7", id=f"case-{number}"), Triage()).id

    with ThreadPoolExecutor(8) as threads:
        kept = list(threads.map(keep, range(8)))
    assert len(set(kept)) == 1
    store.close()


def test_processes_that_open_a_new_database_at_once_all_succeed(url: str) -> None:
    program = f"from drafter.store.repository import SqlStore; SqlStore.open({url!r}).close()"
    started = [subprocess.Popen([sys.executable, "-c", program]) for _ in range(3)]
    assert [process.wait(timeout=60) for process in started] == [0, 0, 0]


def test_several_queries_of_one_reading_see_the_same_moment(url: str) -> None:
    store = SqlStore.open(url)
    count = text("SELECT count(*) FROM cases")
    with reading(store._engine) as connection:
        assert connection.execute(count).scalar_one() == 0
        store.add_case(a_case(), Triage())
        assert connection.execute(count).scalar_one() == 0
    with reading(store._engine) as connection:
        assert connection.execute(count).scalar_one() == 1
    store.close()


def test_writers_that_wait_for_each_other_end_with_one_told_and_the_other_written(postgres_url: str) -> None:
    store = SqlStore.open(postgres_url)
    for number in (1, 2):
        store.add_case(a_case(id=f"case-{number}"), Triage())
    together = threading.Barrier(2)

    def tangle(first: int, second: int) -> str | None:
        change = text("UPDATE cases SET assignee = :who WHERE id = :id")
        try:
            with writing(store._engine) as connection:
                connection.execute(change, {"who": str(first), "id": f"case-{first}"})
                together.wait()
                connection.execute(change, {"who": str(first), "id": f"case-{second}"})
        except StorageError as error:
            return str(error)
        return None

    with ThreadPoolExecutor(2) as threads:
        told = list(threads.map(tangle, (1, 2), (2, 1)))
    assert sorted(one is None for one in told) == [False, True]
    assert "deadlock" in next(one for one in told if one)
    winner = told.index(None) + 1
    with reading(store._engine) as connection:
        assert set(connection.execute(text("SELECT assignee FROM cases")).scalars()) == {str(winner)}
    store.close()


def test_a_writer_that_waits_too_long_is_told(postgres_store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_BUSY_S", 0.05)
    taken = text("SELECT * FROM journal_end FOR UPDATE")
    with writing(postgres_store._engine) as holder:
        holder.execute(taken)
        with pytest.raises(StorageError, match="lock timeout"), writing(postgres_store._engine) as connection:
            connection.execute(taken)


def test_writers_of_one_process_take_turns_instead_of_trying_until_they_are_lucky(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_BUSY_S", 0 if url.startswith("sqlite") else engine._BUSY_S)
    store = SqlStore.open(url)

    def keep(number: int) -> str:
        return store.add_case(a_case(f"crm-{number}", id=f"case-{number}"), Triage()).id

    with ThreadPoolExecutor(8) as threads:
        assert sorted(threads.map(keep, range(80))) == sorted(f"case-{number}" for number in range(80))
    store.close()

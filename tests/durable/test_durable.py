"""An approved text leaves exactly once, whatever is killed on the way, and never one that is not approved."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import update

from drafter.desk.delivery import Deliveries
from drafter.durable import durable_deliveries
from drafter.errors import SettingsError, StorageError
from drafter.store.repository import SqlStore
from drafter.store.tables import cases
from tests.approved import ANN, KIND, OTHER_KIND, acts, another_policy, approvals_of, approve, keep
from tests.channels.receiver import Receiver, receiving
from tests.durable.working import deliveries_of

ROOT = Path(__file__).parents[2]
DRAFT = "case-1-draft-1"
ID = f"{DRAFT}-1"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as made:
        yield made


@pytest.fixture
def database(sqlite_store: SqlStore) -> str:
    return str(sqlite_store._engine.url)


def approved(store: SqlStore, case_id: str = "case-1", text: str = KIND) -> str:
    """Approve a text for the webhook that may leave at once."""
    (draft_id,) = keep(store, text, case_id=case_id)
    with store._engine.begin() as connection:
        connection.execute(update(cases).values(channel="webhook"))
    approve(deliveries_of(store, "http://127.0.0.1:9").approvals, store.drafts.draft(draft_id))
    return draft_id


def running(deliveries: Deliveries, database: str, every_s: float = 0.02) -> AbstractContextManager[None]:
    return durable_deliveries(deliveries, database, every_s=every_s)


def becomes(store: SqlStore, *statuses: str, draft_id: str = DRAFT) -> bool:
    return eventually(lambda: store.drafts.draft(draft_id).status in statuses)


def eventually(true: Callable[[], bool], within_s: float = 20) -> bool:
    end = time.monotonic() + within_s
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def killed(database: str, receiver: Receiver, when: str) -> None:
    """Start a desk, and kill it at that moment."""
    command = [sys.executable, "-m", "tests.durable.working", database, receiver.url, when]
    with subprocess.Popen(command, cwd=ROOT) as process:
        assert receiver.arrived.wait(60)
        if when == "before-the-answer":
            os.kill(process.pid, signal.SIGKILL)
        assert process.wait(timeout=20) == -signal.SIGKILL


def test_an_approved_text_is_delivered_once(sqlite_store: SqlStore, database: str, receiver: Receiver) -> None:
    approved(sqlite_store)
    with running(deliveries_of(sqlite_store, receiver.url), database):
        assert becomes(sqlite_store, "delivered")
        time.sleep(0.2)
    assert receiver.taken == {ID: [KIND]}
    assert len(receiver.requests) == 1
    assert acts(sqlite_store, DRAFT)[-2:] == ["draft.queue", "draft.deliver"]


def test_what_is_approved_while_it_runs_leaves_too(sqlite_store: SqlStore, database: str, receiver: Receiver) -> None:
    with running(deliveries_of(sqlite_store, receiver.url), database):
        drafts = [approved(sqlite_store, f"case-{number}") for number in range(1, 13)]
        assert all(becomes(sqlite_store, "delivered", draft_id=draft_id) for draft_id in drafts)
    assert {key: len(texts) for key, texts in receiver.taken.items()} == {f"{draft_id}-1": 1 for draft_id in drafts}
    assert len(receiver.requests) == len(drafts)
    assert sqlite_store.journal.first_fault() is None


def test_a_receiver_that_fails_twice_gets_it_once(sqlite_store: SqlStore, database: str, receiver: Receiver) -> None:
    approved(sqlite_store)
    receiver.answers = [503, 500]
    with running(deliveries_of(sqlite_store, receiver.url), database):
        assert becomes(sqlite_store, "delivered")
    assert [request.headers["Idempotency-Key"] for request in receiver.requests] == [ID] * 3
    assert receiver.taken == {ID: [KIND]}
    assert acts(sqlite_store, DRAFT)[-4:] == ["draft.queue", "draft.try", "draft.try", "draft.deliver"]


def test_after_the_last_try_a_person_has_it_tried_anew(
    sqlite_store: SqlStore, database: str, receiver: Receiver
) -> None:
    approved(sqlite_store)
    receiver.answers = [503] * 6
    deliveries = deliveries_of(sqlite_store, receiver.url)
    with running(deliveries, database):
        assert becomes(sqlite_store, "failed")
        assert len(receiver.requests) == 6
        deliveries.retry(DRAFT, by=ANN)
        assert becomes(sqlite_store, "delivered")
    assert receiver.taken == {ID: [KIND]}


@pytest.mark.parametrize("when", ["before-the-answer", "after-the-answer"])
def test_a_desk_that_is_killed_between_queueing_and_noting_delivers_once(
    sqlite_store: SqlStore, database: str, receiver: Receiver, when: str
) -> None:
    approved(sqlite_store)
    if when == "before-the-answer":
        receiver.answering.clear()
    killed(database, receiver, when)
    assert sqlite_store.drafts.draft(DRAFT).status == "queued"
    receiver.answering.set()
    with running(deliveries_of(sqlite_store, receiver.url), database):
        assert becomes(sqlite_store, "delivered")
    assert receiver.taken == {ID: [KIND]}
    assert {request.headers["Idempotency-Key"] for request in receiver.requests} == {ID}
    assert acts(sqlite_store, DRAFT).count("draft.deliver") == 1


def test_what_was_under_way_is_found_again_without_the_file_of_the_runs(
    sqlite_store: SqlStore, database: str, receiver: Receiver
) -> None:
    approved(sqlite_store)
    killed(database, receiver, "after-the-answer")
    for file in Path(str(sqlite_store._engine.url.database)).parent.glob("*-dbos*"):
        file.unlink()
    with running(deliveries_of(sqlite_store, receiver.url), database):
        assert becomes(sqlite_store, "delivered")
    assert receiver.taken == {ID: [KIND]}


def test_an_approval_that_was_taken_back_never_leaves(
    sqlite_store: SqlStore, database: str, receiver: Receiver
) -> None:
    approved(sqlite_store)
    deliveries = deliveries_of(sqlite_store, receiver.url)
    deliveries.approvals.withdraw(DRAFT, by=ANN)
    other = approved(sqlite_store, "case-2", OTHER_KIND)
    with running(deliveries, database):
        assert becomes(sqlite_store, "delivered", draft_id=other)
        time.sleep(0.2)
    assert set(receiver.taken) == {f"{other}-1"}
    assert sqlite_store.drafts.draft(DRAFT).status == "awaiting_approval"


def test_an_approval_that_is_given_again_leaves(sqlite_store: SqlStore, database: str, receiver: Receiver) -> None:
    approved(sqlite_store)
    deliveries = deliveries_of(sqlite_store, receiver.url)
    with running(deliveries, database):
        assert becomes(sqlite_store, "delivered")
    again = approved(sqlite_store, "case-2")
    deliveries.approvals.withdraw(again, by=ANN)
    with running(deliveries, database):
        time.sleep(0.2)
        approve(deliveries.approvals, sqlite_store.drafts.draft(again))
        assert becomes(sqlite_store, "delivered", draft_id=again)
    assert set(receiver.taken) == {ID, f"{again}-1"}


def test_a_text_that_no_longer_passes_never_leaves(sqlite_store: SqlStore, database: str, receiver: Receiver) -> None:
    approved(sqlite_store)
    stricter = replace(
        deliveries_of(sqlite_store, receiver.url), approvals=approvals_of(sqlite_store, another_policy("近况"))
    )
    with running(stricter, database):
        assert becomes(sqlite_store, "rejected")
    assert receiver.requests == []


def test_a_stop_waits_for_the_answer_that_is_under_way(
    sqlite_store: SqlStore, database: str, receiver: Receiver
) -> None:
    approved(sqlite_store)
    receiver.answering.clear()
    with running(deliveries_of(sqlite_store, receiver.url), database):
        assert receiver.arrived.wait(20)
        threading.Timer(0.3, receiver.answering.set).start()
    assert sqlite_store.drafts.draft(DRAFT).status == "delivered"
    assert [thread.name for thread in threading.enumerate() if "dbos" in thread.name] == []


def test_a_policy_that_cannot_be_read_holds_the_text_and_tells_no_text(
    sqlite_store: SqlStore, database: str, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    approved(sqlite_store)

    def unreadable(_jurisdiction: str) -> object:
        raise OSError(KIND)

    broken = replace(deliveries_of(sqlite_store, receiver.url), approvals=approvals_of(sqlite_store, unreadable))  # type: ignore[arg-type]
    with caplog.at_level(logging.WARNING), running(broken, database):
        assert eventually(lambda: "OSError" in caplog.text)
        time.sleep(0.2)
    assert caplog.text.count("OSError") == 1
    assert KIND not in caplog.text
    assert receiver.requests == []
    assert sqlite_store.drafts.draft(DRAFT).status == "approved"


def test_it_says_nothing_while_all_goes_well(
    sqlite_store: SqlStore, database: str, receiver: Receiver, capfd: pytest.CaptureFixture[str]
) -> None:
    approved(sqlite_store)
    with running(deliveries_of(sqlite_store, receiver.url), database):
        assert becomes(sqlite_store, "delivered")
    assert capfd.readouterr() == ("", "")


def test_what_the_runs_keep_holds_no_text(sqlite_store: SqlStore, database: str, receiver: Receiver) -> None:
    approved(sqlite_store)
    with running(deliveries_of(sqlite_store, receiver.url), database):
        assert becomes(sqlite_store, "delivered")
    (file,) = Path(str(sqlite_store._engine.url.database)).parent.glob("*-dbos")
    assert KIND.encode() not in file.read_bytes()
    assert ID.encode() in file.read_bytes()


def test_only_one_is_open_in_a_process(sqlite_store: SqlStore, database: str) -> None:
    deliveries = deliveries_of(sqlite_store, "http://127.0.0.1:9")
    with running(deliveries, database), pytest.raises(RuntimeError), running(deliveries, database):
        pass


def test_a_database_that_is_no_file_or_cannot_be_opened_is_told(sqlite_store: SqlStore, tmp_path: Path) -> None:
    deliveries = deliveries_of(sqlite_store, "http://127.0.0.1:9")
    with pytest.raises(SettingsError), running(deliveries, "sqlite://"):
        pass
    with pytest.raises(StorageError), running(deliveries, f"sqlite:///{tmp_path / 'none' / 'desk.sqlite3'}"):
        pass


def test_on_postgresql_a_desk_that_is_killed_delivers_once(postgres_url: str, receiver: Receiver) -> None:
    store = SqlStore.open(postgres_url)
    approved(store)
    killed(postgres_url, receiver, "after-the-answer")
    assert store.drafts.draft(DRAFT).status == "queued"
    with running(deliveries_of(store, receiver.url), postgres_url):
        assert becomes(store, "delivered")
    assert receiver.taken == {ID: [KIND]}
    store.close()

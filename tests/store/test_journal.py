from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import delete, insert, text, update

from drafter.domain import GENESIS, Act, Entry
from drafter.domain.journal import digest
from drafter.errors import StorageError
from drafter.store import journal as journalling
from drafter.store.engine import writing
from drafter.store.journal import append
from drafter.store.repository import SqlStore
from drafter.store.tables import journal, journal_end

AT = datetime(2026, 3, 2, 9, 30, 0, 123456, tzinfo=UTC)
LENGTH = 7


def an_act(number: int, **changes: object) -> Act:
    told = {"text_sha256": "ab" * 32, "version": number, "first": number == 1, "rule": None, "name": "静"}
    return Act(
        at=AT + timedelta(seconds=number),
        actor=f"person-{number % 2}",
        action="draft.edit",
        subject=f"draft-{number % 3}",
        detail=told,
    ).model_copy(update=changes)


def write(store: SqlStore, *acts: Act) -> list[Entry]:
    with writing(store._engine) as connection:
        return [append(connection, act) for act in acts]


@pytest.fixture
def store(either_store: SqlStore) -> SqlStore:
    """Give a store whose journal has seven entries."""
    write(either_store, *(an_act(number) for number in range(1, LENGTH + 1)))
    return either_store


def test_an_empty_journal_is_whole(either_store: SqlStore) -> None:
    assert either_store.journal.first_fault() is None
    assert list(either_store.journal.entries()) == []


def test_entries_come_back_as_they_were_written(store: SqlStore) -> None:
    entries = list(store.journal.entries())
    assert [entry.number for entry in entries] == list(range(1, LENGTH + 1))
    assert [Act(**entry.model_dump(include=set(Act.model_fields))) for entry in entries] == [
        an_act(number) for number in range(1, LENGTH + 1)
    ]
    assert entries[0].previous == GENESIS
    assert store.journal.first_fault() is None


def test_the_zone_that_a_moment_was_told_in_does_not_matter(store: SqlStore) -> None:
    shanghai = AT.astimezone(timezone(timedelta(hours=8)))
    (entry,) = write(store, an_act(8, at=shanghai))
    assert entry.hash == next(store.journal.entries(after=LENGTH)).hash
    assert store.journal.first_fault() is None


def test_entries_are_found_by_subject_and_actor(store: SqlStore) -> None:
    assert [entry.number for entry in store.journal.entries(subject="draft-1")] == [1, 4, 7]
    assert [entry.number for entry in store.journal.entries(actor="person-0")] == [2, 4, 6]
    assert [entry.number for entry in store.journal.entries(subject="draft-1", actor="person-0", after=1)] == [4]


def test_a_journal_of_many_pages_is_read_to_its_end(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    for size in (1, 2, LENGTH - 1, LENGTH, LENGTH + 1):
        monkeypatch.setattr(journalling, "_PAGE", size)
        assert [entry.number for entry in store.journal.entries()] == list(range(1, LENGTH + 1))
        assert [entry.number for entry in store.journal.entries(subject="draft-1")] == [1, 4, 7]
        assert store.journal.first_fault() is None


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("at", AT),
        ("actor", "somebody-else"),
        ("action", "draft.approve"),
        ("subject", "draft-9"),
        ("detail", {}),
        ("detail", {"version": "4"}),
        ("detail", {"nested": {"is": "none"}}),
        ("previous", "00" * 32),
        ("hash", "00" * 32),
        ("hash", "no hash"),
    ],
)
def test_a_changed_entry_is_found(store: SqlStore, column: str, value: object) -> None:
    for entry in list(store.journal.entries()):
        if getattr(entry, column) == value:
            continue
        here = update(journal).where(journal.c.number == entry.number)
        with writing(store._engine) as connection:
            connection.execute(here.values({column: value}))
        assert store.journal.first_fault() == entry.number
        with writing(store._engine) as connection:
            connection.execute(here.values({**dict(entry), "detail": dict(entry.detail)}))
    assert store.journal.first_fault() is None


@pytest.mark.parametrize("damage", ["UPDATE journal SET detail = 'x'", "UPDATE journal SET at = 'x'"])
def test_an_entry_that_cannot_be_read_at_all_is_found(sqlite_store: SqlStore, damage: str) -> None:
    write(sqlite_store, *(an_act(number) for number in range(1, LENGTH + 1)))
    with writing(sqlite_store._engine) as connection:
        connection.execute(text(f"{damage} WHERE number = 4"))
    assert sqlite_store.journal.first_fault() == 4
    read = []
    with pytest.raises(StorageError, match="cannot be read"):
        read.extend(sqlite_store.journal.entries())


def test_a_changed_entry_with_a_fitting_hash_is_found_at_the_next(store: SqlStore) -> None:
    entries = list(store.journal.entries())
    forged = entries[3].model_copy(update={"actor": "somebody-else"})
    with writing(store._engine) as connection:
        connection.execute(
            update(journal)
            .where(journal.c.number == 4)
            .values(actor=forged.actor, hash=digest(forged, 4, forged.previous))
        )
    assert store.journal.first_fault() == 5


def test_a_last_entry_that_was_forged_with_a_fitting_hash_is_found_by_the_kept_end(store: SqlStore) -> None:
    last = list(store.journal.entries())[-1]
    forged = last.model_copy(update={"actor": "somebody-else"})
    with writing(store._engine) as connection:
        connection.execute(
            update(journal)
            .where(journal.c.number == LENGTH)
            .values(actor=forged.actor, hash=digest(forged, LENGTH, forged.previous))
        )
    assert store.journal.first_fault() == LENGTH


def test_a_removed_entry_is_found_also_the_last(store: SqlStore) -> None:
    for entry in list(store.journal.entries()):
        with writing(store._engine) as connection:
            connection.execute(delete(journal).where(journal.c.number == entry.number))
        assert store.journal.first_fault() == entry.number
        with writing(store._engine) as connection:
            connection.execute(insert(journal).values({**dict(entry), "detail": dict(entry.detail)}))
    assert store.journal.first_fault() is None


def test_a_removed_entry_is_found_also_where_the_others_close_the_gap(store: SqlStore) -> None:
    with writing(store._engine) as connection:
        connection.execute(delete(journal).where(journal.c.number == 4))
        for number in range(5, LENGTH + 1):
            connection.execute(update(journal).where(journal.c.number == number).values(number=number - 1))
        connection.execute(update(journal_end).values(number=LENGTH - 1))
    assert store.journal.first_fault() == 4


def test_a_truncated_end_is_found(store: SqlStore) -> None:
    with writing(store._engine) as connection:
        connection.execute(delete(journal).where(journal.c.number > 3))
    assert store.journal.first_fault() == 4


def test_an_emptied_journal_is_found(store: SqlStore) -> None:
    with writing(store._engine) as connection:
        connection.execute(delete(journal))
    assert store.journal.first_fault() == 1


def test_reordered_entries_are_found(store: SqlStore) -> None:
    with writing(store._engine) as connection:
        for leaving, entering in ((3, 99), (4, 3), (99, 4)):
            connection.execute(update(journal).where(journal.c.number == leaving).values(number=entering))
    assert store.journal.first_fault() == 3


def test_an_inserted_entry_is_found_in_the_middle_and_behind_the_end(store: SqlStore) -> None:
    entries = list(store.journal.entries())
    behind = Entry.after((LENGTH, entries[-1].hash), an_act(99))
    with writing(store._engine) as connection:
        connection.execute(insert(journal).values({**dict(behind), "detail": dict(behind.detail)}))
    assert store.journal.first_fault() == LENGTH + 1

    with writing(store._engine) as connection:
        connection.execute(delete(journal).where(journal.c.number == behind.number))
        for number in range(LENGTH, 3, -1):
            connection.execute(update(journal).where(journal.c.number == number).values(number=number + 1))
        between = Entry.after((3, entries[2].hash), an_act(99))
        connection.execute(insert(journal).values({**dict(between), "detail": dict(between.detail)}))
        connection.execute(update(journal_end).values(number=LENGTH + 1))
    assert store.journal.first_fault() == 5


def test_an_end_that_was_changed_is_found(store: SqlStore) -> None:
    for values in ({"hash": "00" * 32}, {"number": 3}, {"number": 99}):
        with writing(store._engine) as connection:
            kept = connection.execute(journal_end.select()).mappings().one()
            connection.execute(update(journal_end).values(values))
        assert store.journal.first_fault() is not None
        with writing(store._engine) as connection:
            connection.execute(update(journal_end).values(dict(kept)))
    assert store.journal.first_fault() is None


def fail_midway(store: SqlStore) -> None:
    with writing(store._engine) as connection:
        append(connection, an_act(8))
        raise RuntimeError("midway")


def test_an_act_that_is_undone_leaves_no_gap(store: SqlStore) -> None:
    with pytest.raises(RuntimeError, match="midway"):
        fail_midway(store)
    (entry,) = write(store, an_act(9))
    assert entry.number == LENGTH + 1
    assert store.journal.first_fault() is None


def test_eight_writers_at_once_leave_a_whole_chain_that_reads_as_whole_meanwhile(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journalling, "_PAGE", 5)
    together = threading.Barrier(9)
    faults: list[int | None] = []

    def writer(number: int) -> None:
        together.wait()
        for _ in range(10):
            write(store, an_act(number), an_act(number + 1))

    def reader() -> None:
        together.wait()
        faults.extend(store.journal.first_fault() for _ in range(15))

    with ThreadPoolExecutor(9) as threads:
        done = [threads.submit(writer, number) for number in range(8)] + [threads.submit(reader)]
        for one in done:
            one.result()
    assert set(faults) == {None}
    assert store.journal.first_fault() is None
    assert [entry.number for entry in store.journal.entries()] == list(range(1, LENGTH + 160 + 1))


def test_the_same_act_of_a_moment_ago_is_told_once_and_then_again(store: SqlStore) -> None:
    window = timedelta(minutes=30)
    seen = an_act(1, action="case.see", subject="case-1", detail={})
    told = [
        store.journal.add_once(seen.model_copy(update={"at": AT + timedelta(minutes=minutes), **other}), within=window)
        for minutes, other in (
            (0, {}),
            (1, {}),
            (2, {"actor": "person-0"}),
            (3, {"subject": "case-2"}),
            (4, {"action": "draft.see"}),
            (29, {}),
            (30, {}),
            (31, {}),
        )
    ]
    assert told == [True, False, True, True, True, False, True, False]
    assert store.journal.end()[0] == LENGTH + sum(told)
    assert store.journal.first_fault() is None


def test_of_many_who_tell_the_same_at_once_one_writes(url: str) -> None:
    store = SqlStore.open(url)
    together = threading.Barrier(8)

    def look(number: int) -> bool:
        act = an_act(number % 2, at=AT, action="case.see", subject="case-1", detail={})
        together.wait()
        return store.journal.add_once(act, within=timedelta(minutes=30))

    for round_ in range(3):
        with ThreadPoolExecutor(8) as threads:
            assert sum(threads.map(look, range(8))) == (2 if round_ == 0 else 0)
    assert store.journal.end()[0] == 2
    assert store.journal.first_fault() is None
    store.close()


def test_what_was_told_already_is_only_read(sqlite_store: SqlStore) -> None:
    seen = an_act(1, action="case.see", subject="case-1", detail={})
    assert sqlite_store.journal.add_once(seen, within=timedelta(minutes=30))
    with writing(sqlite_store._engine):
        # Somebody holds the one write lock; a repetition does not wait for it.
        assert not sqlite_store.journal.add_once(seen, within=timedelta(minutes=30))


def test_entries_are_found_by_several_subjects_and_by_time(store: SqlStore) -> None:
    assert [one.number for one in store.journal.entries(subjects=("draft-1", "draft-2"))] == [1, 2, 4, 5, 7]
    assert list(store.journal.entries(subjects=())) == []
    since, until = AT + timedelta(seconds=3), AT + timedelta(seconds=6)
    assert [one.number for one in store.journal.entries(since=since, until=until)] == [3, 4, 5]
    assert [one.number for one in store.journal.entries(since=since, actor="person-1")] == [3, 5, 7]

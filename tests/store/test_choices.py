from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from drafter.domain import Act
from drafter.errors import ConflictError, StorageError
from drafter.settings import Choice, Chosen
from drafter.store.engine import open_engine
from drafter.store.repository import SqlStore
from drafter.store.tables import desk_settings
from drafter.store.upgrading import downgrade, upgrade

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
EVERYTHING = Chosen(
    base_url="https://models.example/v1",
    model="m-1",
    send_key=True,
    model_deadline_s=45.5,
    judge_base_url="http://127.0.0.1:9/v1",
    judge_model="j-1",
    judge_deadline_s=3,
    undo_s=0,
    four_eyes_from=Decimal("5000.10"),
    review_sample=0.07,
    review_double=1,
    appeal_days=0,
)


def a_choice(version: int, chosen: Chosen = EVERYTHING) -> Choice:
    return Choice(version=version, chosen=chosen, set_by="ann", set_at=AT)


def an_act(number: int = 1) -> Act:
    return Act(at=AT, actor="ann", action="settings.change", subject=f"settings:{number}", detail={"old": "1"})


def test_nothing_is_set_where_nobody_ever_has(either_store: SqlStore) -> None:
    assert either_store.choices.newest() == Choice()


def test_what_is_set_comes_back_equal_and_what_is_left_to_the_environment_stays_left(either_store: SqlStore) -> None:
    assert either_store.choices.add(a_choice(1), [an_act()]) == either_store.choices.newest() == a_choice(1)
    nobody = Chosen(base_url=None, four_eyes_from=None)
    either_store.choices.add(a_choice(2, nobody), [])
    found = either_store.choices.newest()
    assert found.chosen.model_fields_set == {"base_url", "four_eyes_from"}
    assert (found.version, found.chosen.base_url, found.chosen.four_eyes_from) == (2, None, None)


@pytest.mark.parametrize("version", [1, 3, 7])
def test_a_change_of_another_version_than_the_newest_keeps_nothing(either_store: SqlStore, version: int) -> None:
    either_store.choices.add(a_choice(1), [an_act()])
    with pytest.raises(ConflictError):
        either_store.choices.add(a_choice(version, Chosen(undo_s=1)), [an_act(2)])
    assert either_store.choices.newest() == a_choice(1)
    assert [entry.subject for entry in either_store.journal.entries()] == ["settings:1"]


def test_of_many_changes_of_one_version_at_once_one_is_kept_and_told(either_store: SqlStore) -> None:
    def change(seconds: int) -> bool:
        try:
            either_store.choices.add(a_choice(1, Chosen(undo_s=seconds)), [an_act(seconds)])
        except ConflictError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        kept = list(pool.map(change, range(16)))
    assert sum(kept) == 1
    assert either_store.choices.newest().chosen.undo_s == kept.index(True)
    assert [entry.subject for entry in either_store.journal.entries()] == [f"settings:{kept.index(True)}"]
    assert either_store.journal.first_fault() is None


def test_what_a_newer_desk_has_set_besides_is_passed_over_and_what_is_no_setting_is_told(
    sqlite_store: SqlStore,
) -> None:
    row = {"version": 1, "set_by": "ann", "set_at": AT}
    with sqlite_store._engine.begin() as connection:
        connection.execute(desk_settings.insert().values(row | {"chosen": {"undo_s": 5, "of_tomorrow": [1]}}))
    assert sqlite_store.choices.newest().chosen == Chosen(undo_s=5)
    for wrong in ({"undo_s": -1}, ["undo_s"]):
        with sqlite_store._engine.begin() as connection:
            connection.execute(desk_settings.update().values(chosen=wrong))
        with pytest.raises(StorageError, match="version 1"):
            sqlite_store.choices.newest()


def test_down_and_up_again_the_environment_alone_decides(url: str) -> None:
    store = SqlStore.open(url)
    store.choices.add(a_choice(1), [an_act()])
    store.close()
    downgrade(url, to="0005")
    engine = open_engine(url)
    with engine.connect() as connection:
        assert not engine.dialect.has_table(connection, "desk_settings")
        assert engine.dialect.has_table(connection, "journal")
    engine.dispose()
    upgrade(url)
    store = SqlStore.open(url)
    assert store.choices.newest() == Choice()
    assert store.choices.add(a_choice(1), [an_act()]).version == 1
    store.close()

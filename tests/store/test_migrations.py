"""The schema up and down, with a row in every table, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import JSON, Boolean, Column, Date, Engine, Integer, MetaData, String, Table, Text, insert, select

from drafter.domain import Triage
from drafter.store import review_tables
from drafter.store.engine import open_engine
from drafter.store.repository import SqlStore
from drafter.store.tables import HEAD, UtcDateTime, draft_states, drafts, journal_end, metadata
from drafter.store.upgrading import config, current_revision, downgrade, upgrade
from guardrails import Verdict
from tests.store.test_store import a_case

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
KEPT = {"cases", "suggestions", "attempts", "drafts", "follow_ups"}
# Rows that belong to each other carry the same names; what a migration reads is as the desk writes it.
NAMED = {"case_id": "case-1", "draft_id": "draft-1", "suggestion_id": 1, "person_id": "person-1", "number": 1}
WRITTEN: dict[tuple[str, str], object] = {
    ("cases", "id"): "case-1",
    ("drafts", "id"): "draft-1",
    ("people", "id"): "person-1",
    ("drafts", "verdict"): Verdict(verdict="pass", policy="CN@1").model_dump(mode="json"),
    ("suggestions", "status"): "routed_to_human",
    ("suggestions", "source"): "model",
}


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    upgrade(url)
    engine = open_engine(url)
    yield engine
    engine.dispose()


def a_value(table: Table, column: Column[Any]) -> object:
    if (table.name, column.name) in WRITTEN:
        return WRITTEN[table.name, column.name]
    if column.name in NAMED:
        return NAMED[column.name]
    kinds = {UtcDateTime: AT, Date: AT.date(), Boolean: True, Integer: 1, JSON: []}
    for kind, value in kinds.items():
        if isinstance(column.type, kind):
            return value
    assert isinstance(column.type, (String, Text)), f"{table.name}.{column.name} is of a kind that nothing fills"
    return column.name[: column.type.length or 20]


def a_row(table: Table, **changes: object) -> dict[str, object]:
    return {column.name: a_value(table, column) for column in table.columns} | changes


def fill(engine: Engine) -> None:
    """Write a row in every table, also in one that is added tomorrow."""
    with engine.begin() as connection:
        for table in metadata.sorted_tables:
            if table is not journal_end:
                connection.execute(insert(table).values(a_row(table)))
        connection.execute(insert(drafts).values(a_row(drafts, version=2, text="edited")))
        connection.execute(insert(drafts).values(a_row(drafts, id="draft-2", text="written by a person")))
        connection.execute(insert(draft_states).values(a_row(draft_states, draft_id="draft-2", suggestion_id=None)))


def contents(engine: Engine) -> dict[str, list[dict[str, object]]]:
    """Return every row of every table that is there, by the names of tables and columns that are there."""
    there = MetaData()
    there.reflect(engine)
    found = {}
    with engine.connect() as connection:
        for name, table in there.tables.items():
            if name == "alembic_version":
                continue
            ours = metadata.tables[name]
            query = select(*(ours.c[column.name] for column in table.columns)).order_by(*ours.primary_key.columns)
            found[name] = [dict(row) for row in connection.execute(query).mappings()]
    return found


def differences(engine: Engine) -> list[Any]:
    with engine.connect() as connection:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))


def test_the_tables_and_the_migrations_describe_the_same_schema(engine: Engine) -> None:
    assert review_tables.review_items.metadata is metadata
    assert differences(engine) == []
    assert current_revision(engine) == HEAD == ScriptDirectory.from_config(config()).get_current_head()


def test_down_to_before_approvals_keeps_what_was_suggested_and_loses_what_was_done_with_it(
    engine: Engine, url: str
) -> None:
    fill(engine)
    before = contents(engine)
    assert set(before) == set(metadata.tables)
    assert all(before.values())

    downgrade(url, to="0003")

    after = contents(engine)
    assert set(after) == KEPT
    assert [(row["id"], row["version"]) for row in after["drafts"]] == [("draft-1", 1)]
    for name, rows in after.items():
        known = {tuple(row.values()) for row in map(_hashable, rows)}
        told = [{column: row[column] for column in rows[0]} for row in before[name]]
        assert known <= {tuple(_hashable(row).values()) for row in told}
        assert name == "drafts" or len(rows) == len(before[name])


def test_up_again_every_suggested_draft_waits_and_the_journal_begins_anew(engine: Engine, url: str) -> None:
    fill(engine)
    downgrade(url, to="0003")
    upgrade(url)

    assert differences(engine) == []
    there = contents(engine)
    assert [(row["draft_id"], row["version"], row["status"]) for row in there["draft_states"]] == [
        ("draft-1", 1, "awaiting_approval")
    ]
    assert [(row["draft_id"], row["rejected"]) for row in there["review_items"]] == [("draft-1", False)]
    assert [(row["message_number"], row["message_at"], row["route"]) for row in there["cases"]] == [(1, AT, "human")]
    assert [row["number"] for row in there["journal_end"]] == [0]
    assert there["journal"] == there["decisions"] == there["deliveries"] == []
    store = SqlStore(engine)
    assert store.journal.first_fault() is None
    assert not store.drafts.draft("draft-1").stale


def test_one_revision_at_a_time_goes_down_and_up_with_rows_in_every_table(engine: Engine, url: str) -> None:
    fill(engine)
    revisions = [one.revision for one in ScriptDirectory.from_config(config()).walk_revisions()]
    for revision in revisions[1:]:
        downgrade(url, to=revision)
        assert current_revision(engine) == revision
    for revision in reversed(revisions):
        upgrade(url, to=revision)
    assert differences(engine) == []


def test_down_to_nothing_leaves_nothing_and_up_again_is_a_new_database(engine: Engine, url: str) -> None:
    fill(engine)
    downgrade(url, to="base")
    assert current_revision(engine) is None
    assert contents(engine) == {}

    store = SqlStore.open(url)
    assert differences(engine) == []
    assert store.add_case(a_case(), Triage()) == store.case("case-1")
    store.close()


def _hashable(row: dict[str, object]) -> dict[str, object]:
    return {
        name: value if isinstance(value, (str, int, date, type(None))) else repr(value) for name, value in row.items()
    }

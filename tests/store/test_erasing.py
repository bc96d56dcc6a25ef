"""Erasing a debtor: nothing personal is left anywhere, and everything else stays as it was."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, text, update

from drafter.domain import Delivery, Triage
from drafter.errors import ConflictError, GoneError, StorageError
from drafter.store.erasing import SqlPrivacy
from drafter.store.personal import ANSWERS, PERSONAL, WITHOUT_DEBTORS
from drafter.store.repository import SqlStore
from drafter.store.requests import Answered
from drafter.store.tables import cases, metadata
from tests.approved import ANN, BEN, acts, approvals_of, approve, keep
from tests.approved import KIND as PASSING
from tests.desk.test_approval_at_once import at_once
from tests.indebted import (
    EDITED,
    EXTERNAL_ID,
    FACTS,
    MARK,
    REJECTED,
    a_debtor,
    an_erasure,
    columns_with_a_mark,
)
from tests.reviewed import AGENT, AT, Clock, reviews_of
from tests.store.test_store import a_case, a_suggestion


@pytest.fixture
def store(either_store: SqlStore) -> SqlStore:
    return either_store


def erase(store: SqlStore, *ids: str) -> Any:
    return store.privacy.erase(ids, [an_erasure(one) for one in ids], because=None, salt=None)


def everything(store: SqlStore) -> dict[str, list[dict[str, object]]]:
    with store._engine.connect() as connection:
        return {
            one.table.name: [
                dict(row)
                for row in connection.execute(select(one.table).order_by(*one.table.primary_key.columns)).mappings()
            ]
            for one in PERSONAL
        }


def test_every_column_of_every_table_is_said_to_be_erased_or_kept() -> None:
    said = {one.table.name: set(one.erased) | one.kept for one in PERSONAL}
    assert {name: {column.name for column in metadata.tables[name].columns} for name in said} == said
    assert not [one.table.name for one in PERSONAL if set(one.erased) & one.kept]
    assert set(metadata.tables) == set(said) | WITHOUT_DEBTORS | {ANSWERS.name}


def test_whatever_held_a_text_is_marked_before_and_nothing_is_after(store: SqlStore) -> None:
    a_debtor(store)
    assert columns_with_a_mark(store) >= {
        "cases.external_id",
        "cases.message",
        "cases.facts",
        "cases.triage",
        "cases.conversation",
        "cases.promises",
        "cases.escalated_because",
        "suggestions.text",
        "suggestions.triage",
        "suggestions.promises",
        "suggestions.handover",
        "attempts.text",
        "drafts.text",
        "draft_states.facts",
        "decisions.reason",
        "follow_ups.quote",
        "rulings.note",
        "appeals.reason",
        "proposals.note",
    }
    with store._engine.connect() as connection:
        assert MARK in str(connection.execute(select(ANSWERS.c.body)).scalar())

    erased = erase(store, "case-1")

    assert columns_with_a_mark(store) == set()
    with store._engine.connect() as connection:
        assert connection.execute(select(ANSWERS)).first() is None
    assert erased.answers == 1
    assert erased.rows >= 10


def test_quotes_of_findings_go_and_which_rule_found_something_stays(store: SqlStore) -> None:
    a_debtor(store)
    before = everything(store)["drafts"][-1]["verdict"]
    assert isinstance(before, dict)
    assert before["findings"]
    erase(store, "case-1")
    after = everything(store)["drafts"][-1]["verdict"]
    assert isinstance(after, dict)
    assert [one["rule"] for one in after["findings"]] == [one["rule"] for one in before["findings"]]
    assert {one["quote"] for one in after["findings"]} == {one["reason"] for one in after["findings"]} == {""}


def test_ids_times_actors_and_hashes_stay_and_so_does_another_debtor(store: SqlStore) -> None:
    a_debtor(store)
    a_debtor(store, "case-2")
    before = everything(store)

    erase(store, "case-1")

    after = everything(store)
    for one in PERSONAL:
        stays = one.kept - {"erased_at", "erased_because", "erased_salt"}
        old, new = before[one.table.name], after[one.table.name]
        assert [[row[name] for name in stays] for row in new] == [[row[name] for name in stays] for row in old]
    assert store.case("case-2").facts == FACTS
    assert [row for row in after["drafts"] if row["case_id"] == "case-2"] == [
        row for row in before["drafts"] if row["case_id"] == "case-2"
    ]
    assert store.review.text(f"case-2-{REJECTED}", 1).facts == FACTS


def test_the_journal_holds_no_text_and_is_whole_before_and_after(store: SqlStore) -> None:
    a_debtor(store)
    entries = list(store.journal.entries())
    assert {"case.suggest", "review.rule", "review.propose", "review.appeal", "draft.edit", "draft.discard"} <= {
        entry.action for entry in entries
    }
    assert MARK not in json.dumps([entry.model_dump(mode="json") for entry in entries])
    assert store.journal.first_fault() is None

    erase(store, "case-1")

    assert list(store.journal.entries())[: len(entries)] == entries
    assert list(store.journal.entries())[-1].action == "case.erase"
    assert store.journal.first_fault() is None


def test_an_erased_case_is_gone_for_everybody(store: SqlStore) -> None:
    case = a_debtor(store)
    (passing,) = keep(store, PASSING, case_id="case-2")
    erase(store, "case-1", "case-2")

    approvals, reviews = approvals_of(store), reviews_of(store, Clock(), sample=1)
    refused = [
        lambda: store.case("case-1"),
        lambda: store.drafts.draft(f"case-1-{EDITED}"),
        lambda: store.drafts.of_case("case-1"),
        lambda: store.review.item(f"case-1-{REJECTED}"),
        lambda: approvals.write("case-1", "您好", by=ANN),
        lambda: approvals.edit(passing, PASSING, version=1, by=ANN),
        lambda: reviews.rulings(f"case-1-{REJECTED}", by=AGENT),
        lambda: store.add_suggestion(a_suggestion(case), at=AT),
        lambda: store.queue.add_message(case, case.message, Triage(), an_erasure("case-1")),
        lambda: store.queue.assign("case-1", an_erasure("case-1"), to=ANN.id),
        lambda: store.queue.escalate("case-1", an_erasure("case-1"), reason=MARK),
        lambda: store.add_case(case, Triage()),
        lambda: erase(store, "case-1"),
    ]
    for call in refused:
        with pytest.raises(GoneError, match="erased on 2026-03-02"):
            call()
    assert columns_with_a_mark(store) == set()
    assert reviews.page().items == ()
    assert list(store.review.standing()) == []
    assert store.follow_ups() == []
    assert store.proposals.past(10) == []
    assert store.privacy.named(EXTERNAL_ID) == []


def test_an_undecided_change_of_a_rule_falls_and_one_in_force_stays_and_is_told(store: SqlStore) -> None:
    a_debtor(store)
    a_debtor(store, "case-2")
    (first, second) = sorted(store.proposals.all(), key=lambda one: one.draft_id)
    with store._engine.begin() as connection:
        proposals = metadata.tables["proposals"]
        connection.execute(update(proposals).where(proposals.c.id == first.id).values(status="approved"))

    erased = erase(store, "case-1", "case-2")

    assert erased.rule_changes == (first.id,)
    in_force, fallen = store.proposals.proposal(first.id), store.proposals.proposal(second.id)
    assert (in_force.status, in_force.unless, in_force.entries) == ("approved", first.unless, first.entries)
    assert (fallen.status, fallen.unless, fallen.entries) == ("withdrawn", "", ())
    assert in_force.quote == in_force.note == fallen.quote == fallen.note == ""


@pytest.mark.parametrize("status", ["approved", "queued"])
def test_what_is_on_its_way_is_not_erased_nor_what_was_named_with_it(store: SqlStore, status: str) -> None:
    a_debtor(store)
    (draft_id,) = keep(store, PASSING, case_id="case-2")
    approve(approvals_of(store), store.drafts.draft(draft_id))
    with store._engine.begin() as connection:
        connection.execute(
            text("UPDATE draft_states SET status = :s WHERE draft_id = :d"), {"s": status, "d": draft_id}
        )
    before = everything(store)
    with pytest.raises(ConflictError, match="case-2 has not left yet"):
        erase(store, "case-1", "case-2")
    assert everything(store) == before
    assert columns_with_a_mark(store)


def test_of_an_approval_and_an_erasure_at_once_one_happens(store: SqlStore) -> None:
    approvals = approvals_of(store)
    happened = set()
    for number in range(8):
        case_id = f"case-{number}"
        (draft_id,) = keep(store, PASSING, case_id=case_id)
        read = store.drafts.draft(draft_id)
        told = at_once(lambda read=read: approve(approvals, read, BEN), lambda case_id=case_id: erase(store, case_id))
        kinds = {type(one).__name__ for one in told}
        assert kinds in ({"Draft", "ConflictError"}, {"Erased", "GoneError"}), told
        happened |= kinds
        way = acts(store, draft_id)
        assert way == (["draft.approve"] if "Draft" in kinds else [])
    assert store.journal.first_fault() is None


def test_of_a_suggestion_and_an_erasure_at_once_nothing_of_the_debtor_is_left(store: SqlStore) -> None:
    for number in range(8):
        case = a_case(id=f"case-{number}", facts=FACTS)
        store.add_case(case, Triage())
        late = a_suggestion(case, passed=False).model_copy(update={"text": MARK})
        at_once(
            lambda late=late: store.add_suggestion(late, facts=FACTS, at=AT), lambda case=case: erase(store, case.id)
        )
    assert columns_with_a_mark(store) == set()
    assert store.journal.first_fault() is None


def test_an_answer_that_comes_after_the_erasure_is_not_kept(store: SqlStore) -> None:
    a_debtor(store)
    store.requests.begin("someone", "late", request="cd" * 32, at=AT)
    erase(store, "case-1")
    store.requests.answer("someone", "late", Answered(200, MARK))
    with store._engine.connect() as connection:
        assert MARK not in str(connection.execute(select(ANSWERS.c.body)).scalars().all())


def test_answers_that_nobody_can_ask_for_any_more_are_deleted(store: SqlStore) -> None:
    a_debtor(store)
    clock = Clock()
    assert store.privacy.forget_answers(clock.now()) == 0
    clock.pass_by(timedelta(days=3))
    assert store.privacy.forget_answers(clock.now()) == 1


def test_sqlite_has_no_byte_of_it_left_in_any_file(sqlite_store: SqlStore, tmp_path: Path) -> None:
    a_debtor(sqlite_store)
    keep(sqlite_store, PASSING, case_id="case-2")
    files = sorted(tmp_path.glob("desk.sqlite3*"))
    assert _hits(files)

    erase(sqlite_store, "case-1")
    sqlite_store.privacy.scrub()

    files = sorted(tmp_path.glob("desk.sqlite3*"))
    assert files
    assert _hits(files) == []
    assert sqlite_store.case("case-2")
    assert sqlite_store.journal.first_fault() is None


def test_postgresql_has_no_byte_of_it_left_in_the_files_of_its_tables(postgres_store: SqlStore) -> None:
    a_debtor(postgres_store)
    folder = _tables_of(postgres_store)
    assert _hits(folder.iterdir())

    erase(postgres_store, "case-1")
    postgres_store.privacy.scrub()

    _tables_of(postgres_store)
    assert _hits(folder.iterdir()) == []
    assert postgres_store.journal.first_fault() is None


def test_files_that_somebody_else_reads_are_told_as_not_yet_clean(sqlite_store: SqlStore, tmp_path: Path) -> None:
    a_debtor(sqlite_store)
    erase(sqlite_store, "case-1")
    impatient = SqlStore.open(f"sqlite:///{tmp_path / 'desk.sqlite3'}?timeout=0")
    with sqlite_store._engine.connect() as reader:
        reader.execute(text("SELECT count(*) FROM cases")).scalar()
        with pytest.raises(StorageError, match="drafter privacy scrub"):
            SqlPrivacy(impatient._engine).scrub()
    SqlPrivacy(impatient._engine).scrub()
    impatient.close()
    assert _hits(sorted(tmp_path.glob("desk.sqlite3*"))) == []


def test_a_failed_delivery_of_an_erased_case_cannot_be_tried_again(store: SqlStore) -> None:
    (draft_id,) = keep(store, PASSING)
    with store._engine.begin() as connection:
        connection.execute(text("UPDATE draft_states SET status = 'failed'"))
        row = Delivery(
            id="d", draft_id=draft_id, version=1, case_id="case-1", channel="webhook", status="failed", not_before=AT
        )
        connection.execute(insert(metadata.tables["deliveries"]).values(dict(row)))
    erase(store, "case-1")
    with pytest.raises(GoneError):
        store.drafts.draft(draft_id)


def _tables_of(store: SqlStore) -> Path:
    """Return the folder of the database's tables, with everything written to it."""
    with store._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("CHECKPOINT")
        home = connection.exec_driver_sql("SHOW data_directory").scalar_one()
        table = connection.exec_driver_sql(f"SELECT pg_relation_filepath('{cases.name}')").scalar_one()
    return (Path(home) / table).parent


def _hits(files: Iterable[Path]) -> Sequence[str]:
    return [file.name for file in files if MARK.encode() in file.read_bytes()]

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from drafter.domain import Role, Triage
from drafter.store.repository import SqlStore
from tests.approved import KIND as PASSING
from tests.approved import approvals_of, approve, keep
from tests.cli.conftest import Drafter
from tests.indebted import EXTERNAL_ID, MARK, NAME, a_debtor, columns_with_a_mark
from tests.reviewed import a_person, enrol
from tests.store.test_store import a_case


@pytest.fixture
def store(drafter: Drafter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SqlStore]:
    """Give the desk's own database, which keeps everything about one debtor; no law keeps it any longer."""
    monkeypatch.setenv("DRAFTER_RECORD_DAYS", "0")
    monkeypatch.delenv("DRAFTER_KEEP_DAYS", raising=False)
    assert drafter("db", "upgrade").code == 0
    store = SqlStore.open(f"sqlite:///{tmp_path / 'data' / 'drafter.sqlite3'}")
    a_debtor(store)
    yield store
    store.close()


def test_a_copy_is_one_document_that_says_what_it_is(drafter: Drafter, store: SqlStore, tmp_path: Path) -> None:
    file = tmp_path / "copy.json"
    assert drafter("privacy", "export", f"{EXTERNAL_ID}-case-1", "--out", str(file)).code == 0
    document = json.loads(file.read_text(encoding="utf-8"))
    assert set(document) == {"document", "people", "cases"}
    assert document["document"]["title"].startswith("Everything")
    assert "art. 45" in document["document"]["law"]
    assert MARK in json.dumps(document["cases"])
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(store.journal.entries(subject="case-1"))[-1].action == "case.export"
    assert json.loads(drafter("privacy", "export", f"{NAME} 6621").out)["cases"][0]["id"] == "case-1"


def test_a_copy_that_cannot_be_written_leaves_no_half_of_it(drafter: Drafter, store: SqlStore, tmp_path: Path) -> None:
    assert store.case("case-1")
    assert drafter("privacy", "export", "case-1", "--out", str(tmp_path / "none" / "copy.json")).code == 4
    assert list(tmp_path.glob("**/*.part")) == []


def test_nobody_of_the_name_is_told_without_repeating_it(drafter: Drafter, store: SqlStore) -> None:
    assert store.case("case-1")
    told = drafter("privacy", "export", "某某 0000")
    assert (told.code, "某某" in told.err) == (2, False)
    a_debtor(store, "case-2")
    told = drafter("privacy", "export", f"{NAME} 6621")
    assert told.code == 2
    assert "case-1, case-2" in told.err
    assert told.out == ""
    one = drafter("privacy", "export", "case-1")
    assert (one.code, "1 more" in one.err, "case-2" in one.err) == (0, True, True)


def test_erasing_asks_first_and_then_nothing_is_left(drafter: Drafter, store: SqlStore, tmp_path: Path) -> None:
    before = list(store.journal.entries())
    refused = drafter("privacy", "erase", "case-1")
    assert refused.code == 2
    assert "--yes" in refused.err
    assert columns_with_a_mark(store)

    told = drafter("privacy", "erase", "case-1", "--yes", "--reason", "asked for it")
    assert told.code == 0, told.err
    assert told.out.startswith("Erased: 1 cases")
    assert columns_with_a_mark(store) == set()
    files = sorted((tmp_path / "data").glob("drafter.sqlite3*"))
    assert [file.name for file in files if MARK.encode() in file.read_bytes()] == []
    assert drafter("audit-log", "verify").code == 0
    assert list(store.journal.entries())[: len(before)] == before
    again = drafter("privacy", "erase", "case-1", "--yes")
    assert (again.code, "erased on" in again.err) == (2, True)


def test_what_the_law_keeps_needs_force_and_a_reason(
    drafter: Drafter, store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRAFTER_RECORD_DAYS", "36500")
    for words in ((), ("--reason", "x"), ("--force",)):
        refused = drafter("privacy", "erase", "case-1", "--yes", *words)
        assert refused.code == 2, words
        assert "must be kept until 2126" in refused.err
    assert columns_with_a_mark(store)
    assert drafter("privacy", "erase", "case-1", "--yes", "--force", "--reason", "court order").code == 0
    assert columns_with_a_mark(store) == set()


def test_what_is_on_its_way_is_told_and_kept(drafter: Drafter, store: SqlStore) -> None:
    (draft_id,) = keep(store, PASSING, case_id="case-2")
    approve(approvals_of(store), store.drafts.draft(draft_id))
    told = drafter("privacy", "erase", "case-1", "case-2", "--yes")
    assert told.code == 2
    assert "case-2 has not left yet" in told.err
    assert columns_with_a_mark(store)


def test_who_does_it_is_an_administrator_where_one_is_named(drafter: Drafter, store: SqlStore) -> None:
    agent, admin = a_person("an-agent", Role.AGENT), a_person("an-admin", Role.ADMIN)
    enrol(store, agent, admin)
    assert drafter("privacy", "erase", "case-1", "--yes", "--by", agent.name).code == 2
    assert drafter("privacy", "erase", "case-1", "--yes", "--by", "nobody").code == 2
    assert columns_with_a_mark(store)
    assert drafter("privacy", "erase", "case-1", "--yes", "--by", admin.name).code == 0
    assert list(store.journal.entries(subject="case-1"))[-1].actor == admin.id


def test_a_sweep_needs_a_time_and_shows_first_what_it_would_do(
    drafter: Drafter, store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.add_case(a_case(id="never-answered"), Triage())
    unset = drafter("privacy", "sweep")
    assert (unset.code, "DRAFTER_KEEP_DAYS" in unset.err) == (2, True)
    monkeypatch.setenv("DRAFTER_KEEP_DAYS", "30")
    with store._engine.begin() as connection:
        connection.exec_driver_sql("UPDATE follow_ups SET due = '2026-01-01'")
    shown = drafter("privacy", "sweep", "--dry-run")
    assert (shown.code, shown.out) == (0, "case-1\n")
    assert "1 more are old enough, but were never answered" in shown.err
    assert columns_with_a_mark(store)
    assert drafter("privacy", "sweep").out == "case-1\n"
    assert columns_with_a_mark(store) == set()
    assert drafter("privacy", "sweep").out == ""
    assert drafter("privacy", "sweep", "--never-answered").out == "never-answered\n"
    assert drafter("privacy", "scrub").code == 0
    assert drafter("audit-log", "verify").code == 0


@pytest.mark.parametrize("days", ["0", "-1", "x", "36501"])
def test_a_time_that_is_none_is_refused(drafter: Drafter, monkeypatch: pytest.MonkeyPatch, days: str) -> None:
    monkeypatch.setenv("DRAFTER_KEEP_DAYS", days)
    told = drafter("privacy", "sweep")
    assert (told.code, "DRAFTER_KEEP_DAYS" in told.err) == (2, True)

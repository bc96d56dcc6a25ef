from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from drafter.domain import Act, Entry
from drafter.store.repository import SqlStore
from drafter.store.tables import journal
from tests.approved import ANN, BEN, KIND, OTHER_KIND, approvals_of, approve, keep
from tests.cli.conftest import Drafter


@pytest.fixture
def store(drafter: Drafter, tmp_path: Path) -> Iterator[SqlStore]:
    """Give the desk's own database, in which two drafts were edited and approved."""
    assert drafter("db", "upgrade").code == 0
    store = SqlStore.open(f"sqlite:///{tmp_path / 'data' / 'drafter.sqlite3'}")
    approvals = approvals_of(store)
    for case_id, editor, approver in (("case-1", ANN, BEN), ("case-2", BEN, ANN)):
        (draft_id,) = keep(store, KIND, case_id=case_id)
        approve(approvals, approvals.edit(draft_id, OTHER_KIND, version=1, by=editor), approver)
    yield store
    store.close()


def test_a_whole_journal_is_told_with_its_length(drafter: Drafter, store: SqlStore) -> None:
    assert store.journal.first_fault() is None
    told = drafter("audit-log", "verify")
    assert (told.code, told.out) == (0, "The journal is whole: 6 entries.\n")
    assert "6" in drafter("audit-log", "verify", lang="zh").out


def test_the_first_entry_that_does_not_fit_is_named(drafter: Drafter, store: SqlStore) -> None:
    with store._engine.begin() as connection:
        connection.execute(update(journal).where(journal.c.number == 3).values(actor="somebody-else"))
    told = drafter("audit-log", "verify")
    assert told.code == 1
    assert "entry 3" in told.out
    with store._engine.begin() as connection:
        connection.execute(delete(journal).where(journal.c.number == 2))
    assert "entry 2" in drafter("audit-log", "verify").out


def test_an_export_can_be_checked_without_the_desk(drafter: Drafter, store: SqlStore, tmp_path: Path) -> None:
    file = tmp_path / "journal.jsonl"
    written = drafter("audit-log", "export", str(file))
    assert (written.code, written.out) == (0, "")
    entries = [Entry.model_validate_json(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert entries == list(store.journal.entries())
    assert all(entry.whole for entry in entries)
    assert list(tmp_path.glob("*.part")) == []


def test_an_export_holds_no_text_of_a_reply(drafter: Drafter, store: SqlStore) -> None:
    assert store.drafts.of_case("case-1")
    out = drafter("audit-log", "export", "-").out
    assert len(out.splitlines()) == 6
    assert "欧阳静" not in out
    assert "欧阳静" not in json.dumps([json.loads(line) for line in out.splitlines()], ensure_ascii=False)


def test_an_export_is_narrowed_to_a_draft_and_a_person(drafter: Drafter, store: SqlStore) -> None:
    assert store.journal.first_fault() is None
    numbers = [
        [line["number"] for line in drafter("audit-log", "export", *narrowed, "-").lines]
        for narrowed in (
            ("--subject", "case-2-draft-1"),
            ("--actor", ANN.id),
            ("--subject", "case-2-draft-1", "--actor", ANN.id),
            ("--actor", "nobody"),
        )
    ]
    assert numbers == [[5, 6], [2, 6], [6], []]


def test_an_export_that_cannot_be_written_leaves_what_was_there(
    drafter: Drafter, store: SqlStore, tmp_path: Path
) -> None:
    assert drafter("audit-log", "export", str(tmp_path / "no such folder" / "journal.jsonl")).code == 4
    file = tmp_path / "journal.jsonl"
    file.write_text("of yesterday", encoding="utf-8")
    with store._engine.begin() as connection:
        connection.execute(update(journal).where(journal.c.number == 3).values(detail={"nested": {"is": "none"}}))
    broken = drafter("audit-log", "export", str(file))
    assert broken.code == 4
    assert "verify" in broken.err
    assert file.read_text(encoding="utf-8") == "of yesterday"
    assert list(tmp_path.glob("*.part")) == []


def test_an_export_is_narrowed_to_a_case_with_its_drafts_and_to_a_time(drafter: Drafter, store: SqlStore) -> None:
    assert store.journal.first_fault() is None
    numbers = [
        [line["number"] for line in drafter("audit-log", "export", *narrowed, "-").lines]
        for narrowed in (
            ("--case", "case-2"),
            ("--case", "case-2", "--actor", ANN.id),
            ("--since", "2026-03-01", "--until", "2026-03-04"),
            ("--since", "2026-03-04"),
            ("--until", "2026-03-01"),
        )
    ]
    assert numbers == [[4, 5, 6], [6], [1, 2, 3, 4, 5, 6], [], []]
    assert drafter("audit-log", "export", "-", "--since", "yesterday").code == 2


def exported(drafter: Drafter, tmp_path: Path, *narrowed: str) -> tuple[Path, list[str]]:
    file = tmp_path / "journal.jsonl"
    assert drafter("audit-log", "export", *narrowed, str(file)).code == 0
    return file, file.read_text(encoding="utf-8").splitlines()


def test_an_export_is_verified_on_its_own(drafter: Drafter, store: SqlStore, tmp_path: Path) -> None:
    file, lines = exported(drafter, tmp_path)
    last = list(store.journal.entries())[-1]
    (tmp_path / "data" / "drafter.sqlite3").rename(tmp_path / "away")
    told = drafter("audit-log", "verify", "--file", str(file))
    assert told.code == 0
    assert "6 entries from the first on" in told.out
    assert last.hash in told.out
    assert not (tmp_path / "data" / "drafter.sqlite3").exists()
    assert len(lines) == 6


def test_an_excerpt_is_verified_as_one(drafter: Drafter, store: SqlStore, tmp_path: Path) -> None:
    assert store.journal.first_fault() is None
    file, _lines = exported(drafter, tmp_path, "--subject", "case-2-draft-1")
    told = drafter("audit-log", "verify", "--file", str(file))
    assert (told.code, "2 entries, each whole; 1 gaps" in told.out) == (0, True)
    file.write_text("", encoding="utf-8")
    assert drafter("audit-log", "verify", "--file", str(file)).out == "The file holds no entries.\n"
    assert drafter("audit-log", "verify", "--file", str(tmp_path / "none")).code == 2


@pytest.mark.parametrize("damage", ["actor", "moved", "twice", "no entry", "spliced"])
def test_a_line_that_does_not_fit_is_named(drafter: Drafter, store: SqlStore, tmp_path: Path, damage: str) -> None:
    file, lines = exported(drafter, tmp_path)
    if damage == "actor":
        lines[2] = json.dumps({**json.loads(lines[2]), "actor": "somebody-else"})
    elif damage == "moved":
        lines[2], lines[3] = lines[3], lines[2]
    elif damage == "twice":
        lines.insert(2, lines[1])
    elif damage == "no entry":
        lines[2] = "{}"
    else:
        third = list(store.journal.entries())[2]
        act = Act(**third.model_dump(include=set(Act.model_fields)))
        forged = Entry.after((2, "ab" * 32), act)
        lines[2] = forged.model_dump_json()
    file.write_text("\n".join(lines), encoding="utf-8")
    told = drafter("audit-log", "verify", "--file", str(file))
    assert told.code == 1
    assert ("Line 4" if damage == "moved" else "Line 3") in told.out

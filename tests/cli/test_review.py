from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from drafter.store.repository import SqlStore
from tests.cli.conftest import Drafter
from tests.reviewed import ANNA, BEN, FALSELY_FOUND, KIND, LEAD, OTHER_LEAD, PHRASE, THREAT, enrol, keep


@pytest.fixture(autouse=True)
def store(drafter: Drafter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SqlStore]:
    assert callable(drafter)  # its data folder is the one that this store lies in
    monkeypatch.setenv("DRAFTER_REVIEW_SAMPLE", "0")
    monkeypatch.setenv("DRAFTER_REVIEW_DOUBLE", "0")
    store = SqlStore.open(f"sqlite:///{tmp_path / 'data' / 'drafter.sqlite3'}")
    enrol(store, ANNA, BEN, LEAD, OTHER_LEAD)
    keep(store, "d1", FALSELY_FOUND)
    keep(store, "d2", THREAT)
    keep(store, "d3", KIND)
    yield store
    store.close()


def test_the_queue_is_listed_and_filtered(drafter: Drafter, monkeypatch: pytest.MonkeyPatch) -> None:
    listed = drafter("review", "list", "--json").lines[0]
    assert [item["draft_id"] for item in listed["items"]] == ["d2", "d1"]  # type: ignore[attr-defined] # JSON
    assert "d2" in drafter("review", "list", "--rule", "third-party-contact").out
    assert "d1" not in drafter("review", "list", "--rule", "third-party-contact").out
    assert drafter("review", "list", "--status", "ruled").out == ""
    monkeypatch.setenv("DRAFTER_REVIEW_SAMPLE", "1")
    assert "d3" in drafter("review", "list").out


@pytest.mark.parametrize("words", [("--status", "nonsense"), ("--since", "yesterday"), ("--agent", "nobody")])
def test_a_filter_that_is_none_is_told(drafter: Drafter, words: tuple[str, str]) -> None:
    outcome = drafter("review", "list", *words)
    assert outcome.code == 2
    assert outcome.err


def test_a_ruling_is_kept_and_a_second_one_refused(drafter: Drafter) -> None:
    assert drafter("review", "rule", "d2", "--ruling", "upheld", "--by", "anna").code == 0
    assert "upheld" in drafter("review", "list", "--status", "ruled").out
    again = drafter("review", "rule", "d2", "--ruling", "upheld", "--by", "ben", "--json")
    assert again.code == 2
    assert json.loads(again.err)["title"] == "conflict"


def test_an_overturn_without_a_reason_is_refused_in_the_reader_s_language(drafter: Drafter) -> None:
    outcome = drafter("review", "rule", "d1", "--ruling", "overturned", "--by", "anna", lang="zh")
    assert outcome.code == 2
    assert "理由" in outcome.err


def test_what_is_exported_is_what_eval_reads(drafter: Drafter, tmp_path: Path) -> None:
    drafter("review", "rule", "d1", "--ruling", "overturned", "--reason", "context-missing", "--by", "anna")
    drafter("review", "rule", "d3", "--ruling", "missed", "--missed", "harassment:3-8", "--by", "anna")
    file = tmp_path / "reviewed.jsonl"
    assert drafter("review", "export", str(file)).code == 0
    assert drafter("review", "export", "-").out == file.read_text(encoding="utf-8")
    measured = drafter("eval", str(file), "--json").lines[0]
    wrong = {one["labelled"]["id"]: one["labelled"]["label"] for one in measured["wrong"]}  # type: ignore[attr-defined] # JSON
    assert wrong == {"d1": "pass", "d3": "reject"}


def test_agreement_and_progress_are_shown(drafter: Drafter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAFTER_REVIEW_DOUBLE", "1")
    for name in ("anna", "ben"):
        drafter("review", "rule", "d2", "--ruling", "upheld", "--by", name)
    agreed = drafter("review", "agreement", "--json").lines[0]
    assert agreed["drafts"] == {"n": 1, "agreed": 1, "kappa": None, "interval": None, "share": 1.0}
    assert "100% agree (n=1)" in drafter("review", "agreement").out
    assert "1/2" in drafter("review", "progress").out


def test_a_proposal_is_shown_weighed_and_approved_by_a_second_person(drafter: Drafter, tmp_path: Path) -> None:
    words = ("--reason", "rule-too-broad", "--scope", "phrase-exception", "--unless", PHRASE, "--by", "lead")
    assert drafter("review", "rule", "d1", "--ruling", "overturned", *words).code == 0
    proposal = str(drafter("review", "proposals", "--json").lines[0]["id"])
    assert "1 of 3 past decisions" in drafter("review", "effect", proposal).out
    assert drafter("review", "approve", proposal, "--by", "lead").code == 2
    assert drafter("review", "approve", proposal, "--by", "other-lead").code == 0
    live = tmp_path / "data" / "rules" / f"{proposal}.yaml"
    assert json.loads(live.read_text(encoding="utf-8"))["unless"] == PHRASE
    assert drafter("review", "proposals", "--export", str(tmp_path / "patches")).code == 0
    assert (tmp_path / "patches" / live.name).read_bytes() == live.read_bytes()

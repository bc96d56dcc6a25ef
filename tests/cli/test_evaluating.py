"""`drafter eval` on triage and on drafts, `drafter tier` and `drafter followups`, as a person types them."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Drafter

RUN = Path(__file__).parents[2] / "bench" / "runs" / "embedded.jsonl"


def test_triage_is_measured_on_labelled_lines(drafter: Drafter, tmp_path: Path) -> None:
    file = tmp_path / "labelled.jsonl"
    rows = [
        {"id": "a", "lang": "en", "text": "My solicitor deals with this now.", "signals": ["represented_by_attorney"]},
        {"id": "b", "lang": "zh", "text": "明天发工资就还", "signals": ["promise_to_pay"]},
    ]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    outcome = drafter("eval", "triage", str(file), "--json")
    assert outcome.code == 0
    assert outcome.lines[0]["routed"]["recall"]["hits"] == 1  # type: ignore[index]
    assert "represented_by_attorney" in drafter("eval", "triage", str(file)).out


def test_a_line_without_labels_evaluates_nothing(drafter: Drafter) -> None:
    outcome = drafter("eval", "triage", "-", stdin=b'{"text": "hello", "lang": "en"}\n')
    assert outcome.code == 2
    assert "line 1" in outcome.err
    assert "signals" in outcome.err


def test_a_kept_run_is_read_again_without_a_model_and_shown_beside_another(drafter: Drafter, tmp_path: Path) -> None:
    some = tmp_path / "some.jsonl"
    some.write_text("".join(RUN.read_text(encoding="utf-8").splitlines(keepends=True)[:12]), encoding="utf-8")
    page = tmp_path / "drafts.html"
    outcome = drafter("eval", "drafts", str(some), "--against", str(some), "--report", str(page))
    assert outcome.code == 0
    assert "move: next_step" in outcome.out
    assert page.read_text(encoding="utf-8").count("<article") == 12


def test_a_judge_that_is_not_named_is_asked_for(drafter: Drafter, tmp_path: Path) -> None:
    some = tmp_path / "some.jsonl"
    some.write_text(RUN.read_text(encoding="utf-8").splitlines()[0] + "\n", encoding="utf-8")
    outcome = drafter("eval", "drafts", str(some), "--judge")
    assert outcome.code == 2
    assert "DRAFTER_JUDGE_MODEL" in outcome.err


def test_a_tier_is_proposed_with_its_reasons_and_shown_in_the_reader_s_language(drafter: Drafter) -> None:
    outcome = drafter("tier", "suggest", "-", stdin=b"{}", lang="zh")
    assert outcome.code == 0
    assert "由人决定" in outcome.out
    assert "每周最多" in drafter("tier", "show", lang="zh").out


def test_a_wish_for_another_version_names_a_case_that_is_kept(drafter: Drafter) -> None:
    outcome = drafter("suggest", "--case-id", "nobody", "--wish", "warmer")
    assert outcome.code == 2
    assert "nobody" in outcome.err
    assert drafter("suggest", "--message", "hi", "--wish", "angrier").code == 2
    assert drafter("followups", "list").out == ""

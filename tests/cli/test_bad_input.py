"""Whatever is wrong with the input: one sentence, the right exit code, nothing half-written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Drafter

MESSAGE = "上个月失业了，能不能缓一缓？"


def facts(folder: Path, text: str | bytes) -> str:
    file = folder / "facts.json"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return str(file)


def suggest(drafter: Drafter, *more: str, message: str = MESSAGE) -> tuple[int, str]:
    outcome = drafter("suggest", "--message", message, "--tier", "general", *more)
    assert "Attempt" not in outcome.out
    assert len(outcome.err.splitlines()) == 1, outcome.err
    assert "Traceback" not in outcome.err
    return outcome.code, outcome.err


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{not json", "JSON"),
        ('{"amount_due": "many"}', "amount_due"),
        ('{"amount_owed": "3.00"}', "amount_owed"),
        (b"\xff\xfe\x00", "UTF-8"),
        ("[]", "object"),
        ('{"due_date": "yesterday"}', "due_date"),
        ('{"amount_due": "NaN"}', "amount_due"),
    ],
)
def test_unreadable_facts_are_told_by_key(drafter: Drafter, tmp_path: Path, content: str | bytes, says: str) -> None:
    code, err = suggest(drafter, "--facts", facts(tmp_path, content))
    assert code == 2
    assert says.lower() in err.lower()
    assert not (tmp_path / "data").exists()


def test_an_error_about_facts_repeats_no_value(drafter: Drafter, tmp_path: Path) -> None:
    _code, err = suggest(drafter, "--facts", facts(tmp_path, '{"amount_due": "secret-value-4711"}'))
    assert "4711" not in err


def test_a_facts_file_that_is_not_there_is_named(drafter: Drafter) -> None:
    code, err = suggest(drafter, "--facts", "nowhere.json")
    assert code == 2
    assert "nowhere.json" in err


def test_an_unknown_tier_names_the_known_ones(drafter: Drafter) -> None:
    outcome = drafter("suggest", "--message", MESSAGE, "--tier", "gold")
    assert outcome.code == 2
    assert "high-risk" in outcome.err


@pytest.mark.parametrize("message", ["", "   \n", "a\x00b", "长" * 1_000_000])
def test_a_message_that_is_none_is_refused(drafter: Drafter, tmp_path: Path, message: str) -> None:
    code, err = suggest(drafter, message=message)
    assert code == 2
    assert "message" in err
    assert len(err) < 400
    assert not (tmp_path / "data").exists()


def test_a_message_that_is_not_utf8_is_refused(drafter: Drafter) -> None:
    code, err = suggest(drafter, message=b"\xc4\xe3\xba\xc3".decode("utf-8", "surrogateescape"))
    assert code == 2
    assert "UTF-8" in err


def test_a_text_to_check_that_is_empty_or_not_utf8_is_refused(drafter: Drafter) -> None:
    assert drafter("check", "-", stdin=b"").code == 2
    outcome = drafter("check", "-", stdin=b"\xff\xfe")
    assert outcome.code == 2
    assert "UTF-8" in outcome.err


def test_an_endpoint_without_a_model_name_is_told(drafter: Drafter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")
    code, err = suggest(drafter)
    assert code == 2
    assert "DRAFTER_MODEL" in err


def test_an_unreachable_endpoint_ends_with_the_code_of_an_upstream(
    drafter: Drafter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:1/v1")
    monkeypatch.setenv("DRAFTER_MODEL", "any")
    monkeypatch.setenv("DRAFTER_MODEL_DEADLINE_S", "0.2")
    code, err = suggest(drafter)
    assert code == 3
    assert "127.0.0.1:1" in err


def test_a_model_that_was_never_fetched_says_how_to_fetch_it(drafter: Drafter) -> None:
    code, err = suggest(drafter)
    assert code == 3
    assert "drafter model pull" in err


def test_a_setting_that_is_wrong_is_named_without_its_value(drafter: Drafter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRAFTER_THREADS", "secret-many")
    code, err = suggest(drafter)
    assert code == 2
    assert "DRAFTER_THREADS" in err
    assert "secret-many" not in err


def test_with_json_an_error_is_problem_details(drafter: Drafter) -> None:
    outcome = drafter("suggest", "--message", MESSAGE, "--tier", "gold", "--json")
    problem = json.loads(outcome.err)
    assert outcome.code == 2
    assert problem["status"] == 2
    assert "high-risk" in problem["detail"]


def test_debug_shows_the_trace(drafter: Drafter) -> None:
    outcome = drafter("--debug", "suggest", "--message", MESSAGE, "--tier", "gold")
    assert outcome.code == 2
    assert "Traceback" in outcome.err


def test_a_command_that_does_not_exist_is_a_usage_error(drafter: Drafter) -> None:
    outcome = drafter("sugest")
    assert outcome.code == 2
    assert len(outcome.err.splitlines()) == 1


def test_a_database_that_cannot_be_opened_is_told(drafter: Drafter, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where a folder should be")
    code, err = suggest(drafter)
    assert code == 4
    assert "DRAFTER_DATA_DIR" in err


def test_a_line_that_cannot_be_read_does_not_stop_the_others(drafter: Drafter) -> None:
    lines = b'{"id": 1, "text": "\xe6\x82\xa8\xe5\xa5\xbd"}\nnot json\n{"id": 3}\n\xff\n{"id": "e", "text": "Hello."}\n'
    outcome = drafter("check", "--jsonl", "-", stdin=lines)
    assert outcome.code == 2
    assert [line.get("id") for line in outcome.lines] == [1, None, 3, None, "e"]
    assert ["error" in line for line in outcome.lines] == [False, True, True, True, False]
    assert [line.get("line") for line in outcome.lines if "error" in line] == [2, 3, 4]


def test_a_labelled_file_with_a_broken_line_is_not_half_evaluated(drafter: Drafter, tmp_path: Path) -> None:
    file = tmp_path / "set.jsonl"
    file.write_text('{"text": "Hello.", "lang": "en", "label": "pass"}\n{"text": "x", "lang": "fr", "label": "pass"}\n')
    outcome = drafter("eval", str(file))
    assert outcome.code == 2
    assert "set.jsonl, line 2" in outcome.err
    assert outcome.out == ""

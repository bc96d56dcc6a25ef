from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from drafter.cli.fetching import shown_progress
from drafter.llm.model_file import Progress, Stage
from tests.cli.conftest import Drafter


def test_path_of_a_model_that_was_not_fetched_says_how_to_fetch_it(drafter: Drafter) -> None:
    outcome = drafter("model", "path")
    assert outcome.code == 3
    assert outcome.out == ""
    assert "drafter model pull" in outcome.err


def test_a_model_of_ones_own_is_used_and_nothing_is_fetched(
    drafter: Drafter, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    own = tmp_path / "own.gguf"
    own.write_bytes(b"GGUF")
    monkeypatch.setenv("DRAFTER_MODEL_PATH", str(own))
    assert drafter("model", "path").out == f"{own}\n"
    pulled = drafter("model", "pull")
    assert (pulled.code, pulled.out) == (0, f"{own}\n")
    assert "nothing to fetch" in pulled.err


def test_a_model_of_ones_own_that_is_no_model_is_refused(
    drafter: Drafter, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    own = tmp_path / "own.gguf"
    own.write_text("hello")
    monkeypatch.setenv("DRAFTER_MODEL_PATH", str(own))
    for command in ("path", "pull", "serve"):
        assert drafter("model", command).code == 3


def test_an_impossible_port_is_a_usage_error(drafter: Drafter) -> None:
    assert drafter("model", "serve", "--port", "70000").code == 2


def test_without_a_terminal_progress_is_a_line_each_fifth() -> None:
    written = io.StringIO()
    with shown_progress(Console(file=written)) as tell:
        for done in range(101):
            tell(Progress(Stage.DOWNLOADING, done * 10_000_000, 1_000_000_000))
        tell(Progress(Stage.WAITING, 0, 0))
    assert written.getvalue().splitlines()[::2] == [
        "Fetching the model: 0 % (0 / 1000 MB)",
        "Fetching the model: 40 % (400 / 1000 MB)",
        "Fetching the model: 80 % (800 / 1000 MB)",
        "Waiting for another process that is fetching the model",
    ]


def test_on_a_terminal_progress_is_a_bar_with_size_and_time_left() -> None:
    written = io.StringIO()
    with shown_progress(Console(file=written, force_terminal=True, width=120)) as tell:
        tell(Progress(Stage.DOWNLOADING, 0, 1_000_000_000))
        tell(Progress(Stage.DOWNLOADING, 500_000_000, 1_000_000_000))
    shown = written.getvalue()
    assert "Fetching the model" in shown
    assert "0.5/1.0 GB" in shown
    assert "-:--:--" in shown  # no speed is known yet

"""`drafter serve` before it serves."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.cli.conftest import Drafter


def test_an_address_that_is_taken_is_told_and_nobody_is_made(
    drafter: Drafter, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("DRAFTER_MODEL", "none")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = drafter("serve", "--port", str(taken.getsockname()[1]))
    assert done.code == 2
    assert "--port" in done.err
    assert done.out == ""
    assert not list((tmp_path / "data").glob("*.sqlite3"))

"""The whole desk is killed again and again while agents work; bench/killing.py does the same for longer."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.killing.trial import Plan, kill_again_and_again

KILLS = {"sqlite": 10, "postgresql": 5}


async def test_a_desk_that_is_killed_while_people_work_loses_no_approval_and_sends_nothing_else(
    url: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    kills = KILLS[request.node.callspec.params["url"]]
    outcome = await kill_again_and_again(Plan(url, tmp_path, kills, seed=20261127, agents=6, longest_s=1.2))
    table = dict(outcome.table())
    assert outcome.kept, (table, outcome.faults, (tmp_path / "desk.log").read_text())
    assert outcome.kills == kills
    assert table["approvals that agents were told of"]
    assert table["texts that the receiver took"]

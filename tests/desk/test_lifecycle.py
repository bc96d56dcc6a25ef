from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from drafter.desk.lifecycle import BEGINNINGS, NEXT, Move, after, diagram
from drafter.domain import DraftStatus
from drafter.errors import ConflictError

STATUSES: tuple[DraftStatus, ...] = get_args(DraftStatus)
MOVES: tuple[Move, ...] = get_args(Move)
PAGE = Path(__file__).parents[2] / "docs" / "approval.md"


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("move", MOVES)
def test_a_move_leads_where_the_table_says_and_nowhere_else(status: DraftStatus, move: Move) -> None:
    if (status, move) in NEXT:
        assert after(status, move) == NEXT[status, move]
        return
    with pytest.raises(ConflictError, match=status):
        after(status, move)


def test_every_status_can_be_reached_and_every_move_made() -> None:
    reached = set(BEGINNINGS)
    while further := {entering for (leaving, _), entering in NEXT.items() if leaving in reached} - reached:
        reached |= further
    assert reached == set(STATUSES)
    assert {move for _, move in NEXT} == set(MOVES)


def test_what_has_left_or_was_put_aside_stays_so() -> None:
    assert set(STATUSES) - {leaving for leaving, _ in NEXT} == {"delivered", "discarded", "superseded"}


def test_only_an_approval_leads_to_approved() -> None:
    ways = {(leaving, move) for (leaving, move), entering in NEXT.items() if entering == "approved"}
    assert ways == {("awaiting_approval", "approve"), ("escalated", "approve"), ("failed", "retry")}
    assert "approved" not in BEGINNINGS


def test_nothing_is_queued_or_delivered_that_was_not_approved() -> None:
    assert [leaving for (leaving, _), entering in NEXT.items() if entering == "queued"] == ["approved"]
    assert [leaving for (leaving, _), entering in NEXT.items() if entering in ("delivered", "failed")] == ["queued"] * 2


def test_the_page_on_approval_shows_the_table_as_it_is() -> None:
    assert f"```mermaid\n{diagram()}```\n" in PAGE.read_text(encoding="utf-8")

"""What is left of a desk that was killed at any moment is whole."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from drafter.domain import Entry
from drafter.store.repository import SqlStore
from drafter.store.tables import decisions, deliveries, draft_states, suggestions
from tests.approved import assert_bound

ROOT = Path(__file__).parents[2]
ROUNDS = 10
BECAME = {
    "draft.approve": "approved",
    "draft.withdraw": "awaiting_approval",
    "draft.discard": "discarded",
    "draft.supersede": "superseded",
}
OUTCOMES = {"draft.approve": "approved", "draft.withdraw": "withdrawn", "draft.discard": "discarded"}


@pytest.fixture
def url(tmp_path: Path) -> str:
    made = f"sqlite:///{tmp_path / 'desk.sqlite3'}"
    SqlStore.open(made).close()
    return made


@pytest.fixture
def working(url: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.store.working", url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(timeout=10) == 0


def test_a_desk_that_is_killed_again_and_again_keeps_every_step_whole_or_not_at_all(
    url: str, working: subprocess.Popen[str]
) -> None:
    assert working.stdin is not None
    assert working.stdout is not None
    moments = random.Random(20260302)  # noqa: S311 - when to kill is no secret
    written = 0
    for number in range(ROUNDS):
        working.stdin.write(f"round-{number}\n")
        working.stdin.flush()
        said = [working.stdout.readline(), working.stdout.readline()]
        worker = int(next(line for line in said if line.strip().isdecimal()))
        assert "working\n" in said
        time.sleep(moments.uniform(0, 0.2))
        os.kill(worker, signal.SIGKILL)

        store = SqlStore.open(url)
        known = assert_whole(store)
        store.close()
        assert known > written
        written = known


def assert_whole(store: SqlStore) -> int:
    """Hold that drafts, decisions, deliveries and journal tell the same; return the number of entries."""
    entries = list(store.journal.entries())
    assert store.journal.first_fault() is None
    with store._engine.connect() as connection:
        assert connection.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
        assert connection.execute(text("PRAGMA foreign_key_check")).first() is None
        drafts = connection.execute(select(draft_states.c.draft_id)).scalars().all()
        suggested = connection.execute(select(func.count()).select_from(suggestions)).scalar_one()
        modelled = select(func.count()).where(draft_states.c.suggestion_id.is_not(None))
        assert connection.execute(modelled).scalar_one() == suggested
    for draft_id in drafts:
        assert_tells_the_same(store, draft_id, [entry for entry in entries if entry.subject == draft_id])
    return len(entries)


def assert_tells_the_same(store: SqlStore, draft_id: str, entries: list[Entry]) -> None:
    draft = store.drafts.draft(draft_id)
    acts = [entry.action for entry in entries]
    assert draft.version == len(store.drafts.versions(draft_id)) == 1 + acts.count("draft.edit")
    decided = (BECAME[act] for act in reversed(acts) if act in BECAME)
    assert draft.status == next(decided, "awaiting_approval" if draft.verdict.passed else "rejected")
    with store._engine.connect() as connection:
        outcomes = select(decisions.c.outcome).where(decisions.c.draft_id == draft_id).order_by(decisions.c.id)
        told = connection.execute(outcomes).scalars().all()
        sent = select(deliveries.c.status).where(deliveries.c.draft_id == draft_id)
        waiting = connection.execute(sent).scalars().all()
    assert told == [OUTCOMES[act] for act in acts if act in OUTCOMES]
    ways = [act for act in acts if act in ("draft.approve", "draft.withdraw")]
    assert waiting == [{"draft.approve": "waiting", "draft.withdraw": "withdrawn"}[ways[-1]] for _ in ways[:1]]
    assert_bound(store, draft)

"""Kill the desk at random moments while agents suggest, edit, approve and take back, and texts are delivered.

The application runs as `drafter serve` runs it, in a process that is killed with its whole group (SIGKILL), on SQLite
and on PostgreSQL. Agents, a model that only pretends to be one, and the receiver of approved texts are outside of it.
At the end each approval that an agent was told of must have arrived once, and nothing else. The seed decides the
moments and what the agents do; when the machine does what, nobody decides.

    python bench/killing.py [--kills 500] [--seed 1] [--database sqlite|postgresql]
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.databases import running_postgres
from tests.killing.trial import Outcome, Plan, kill_again_and_again

DATABASES = ("sqlite", "postgresql")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=12, help="on each database")
    parser.add_argument("--seed", type=int, default=20261127)
    parser.add_argument("--database", choices=DATABASES, action="append", help="only this one")
    given = parser.parse_args()
    kept = True
    for kind in given.database or DATABASES:
        with tempfile.TemporaryDirectory() as folder, fresh(kind, Path(folder)) as database:
            outcome = asyncio.run(kill_again_and_again(Plan(database, Path(folder), given.kills, given.seed)))
            show(kind, outcome)
            if not outcome.kept:
                kept = False
                sys.stderr.write((Path(folder) / "desk.log").read_text(errors="replace")[-20_000:])
    return 0 if kept else 1


@contextmanager
def fresh(kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'drafter.sqlite3'}"
        return
    with running_postgres() as server:
        yield server.create()


def show(kind: str, outcome: Outcome) -> None:
    plan = outcome.plan
    print(
        f"{kind}: seed {plan.seed}, {outcome.kills} kills in {outcome.seconds:.0f} s, {plan.agents} agents; "
        f"{outcome.early} before the desk had answered anything"
    )
    print("  under way at the kills:", _counts(outcome.under_way))
    print("  answered:", _counts(outcome.answered))
    for name, count in outcome.table():
        print(f"  {name:<52}{count:>10}")
    for fault in sorted(set(outcome.faults))[:10]:
        print(f"  fault: {fault}")


def _counts(counted: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counted.items()))


if __name__ == "__main__":
    sys.exit(main())

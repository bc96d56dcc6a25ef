"""Try the API from without with all checks of schemathesis, as an agent, as a reviewer and with a key, on SQLite and on
PostgreSQL: requests made from its own description, sound and broken, one by one and one leading to another.

    python bench/fuzzing.py [--examples 100] [--database sqlite|postgresql] [--caller agent|qa|key]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from drafter.store.upgrading import upgrade
from tests.databases import running_postgres
from tests.web.fuzzing import CALLERS, Tried, open_to_tries, tried

DATABASES = ("sqlite", "postgresql")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=100, help="requests an operation, in each phase")
    parser.add_argument("--database", choices=DATABASES, action="append", help="only this one")
    parser.add_argument("--caller", choices=CALLERS, action="append", help="only this one")
    given = parser.parse_args()
    failed = 0
    for kind in given.database or DATABASES:
        with tempfile.TemporaryDirectory() as folder, fresh(kind) as url:
            upgrade(url or f"sqlite:///{Path(folder) / 'drafter.sqlite3'}")
            with open_to_tries(Path(folder), url) as (served, address):
                for caller in given.caller or CALLERS:
                    began = time.monotonic()
                    found = tried(served, address, caller, most=given.examples)
                    show(kind, caller, found, time.monotonic() - began)
                    failed += len(found.failures)
    return int(failed > 0)


@contextmanager
def fresh(kind: str) -> Iterator[str | None]:
    """Give the URL of an empty database; None for a file."""
    if kind == "sqlite":
        yield None
        return
    with running_postgres() as server:
        yield server.create()


def show(kind: str, caller: str, found: Tried, seconds: float) -> None:
    faults = sum(count for status, count in found.statuses.items() if status >= 500 or status == 0)
    statuses = ", ".join(f"{status}: {count}" for status, count in sorted(found.statuses.items()))
    print(
        f"{kind:<10} {caller:<6} {len(found.operations)} operations, {found.cases} cases, {faults} server errors, "
        f"{len(found.failures)} failures in {seconds:.0f} s ({statuses})",
        flush=True,
    )
    for failure in found.failures:
        sys.stderr.write(f"{failure}\n\n")


if __name__ == "__main__":
    sys.exit(main())

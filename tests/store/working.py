"""A desk that works until it is killed: each line on standard input starts another, whose number is printed.

What takes long to load is loaded once, and a worker is a copy of this process; only workers open the database.
"""

from __future__ import annotations

import os
import sys
from itertools import count

from drafter.bootstrap import guard_for
from drafter.desk.approval import Approvals
from drafter.store.repository import SqlStore
from tests.approved import ANN, BEN, KIND, OTHER_KIND, THREAT, approvals_of, approve, keep


def work(url: str, name: str) -> None:
    """Edit and approve drafts in one new case after another, for ever."""
    store = SqlStore.open(url)
    approvals = approvals_of(store)
    for number in count(1):
        answer(store, approvals, f"{name}-{number}")
        if number == 1:
            sys.stdout.write("working\n")
            sys.stdout.flush()


def answer(store: SqlStore, approvals: Approvals, case_id: str) -> None:
    first, second, third = keep(store, KIND, OTHER_KIND, THREAT, case_id=case_id)
    approvals.edit(first, THREAT, version=1, by=ANN)
    edited = approvals.edit(first, OTHER_KIND, version=2, by=BEN)
    approve(approvals, edited)
    approvals.withdraw(first, by=ANN)
    approve(approvals, edited, BEN)
    approvals.write(case_id, THREAT, by=ANN)
    approvals.discard(third, reason="too harsh", by=ANN)
    keep(store, case_id=f"{case_id}-empty")
    assert store.drafts.draft(second).status == "superseded"


if __name__ == "__main__":
    guard_for("CN")
    for line in sys.stdin:
        worker = os.fork()
        if worker == 0:
            work(sys.argv[1], line.strip())
        sys.stdout.write(f"{worker}\n")
        sys.stdout.flush()
        os.waitpid(worker, 0)

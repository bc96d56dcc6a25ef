"""Several people who decide at one moment."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from drafter.desk.approval import Approvals
from drafter.store.repository import SqlStore
from tests.approved import ANN, BEN, KIND, OTHER_KIND, acts, approve, assert_bound, keep


@pytest.fixture
def store(either_store: SqlStore) -> SqlStore:
    return either_store


def at_once(*calls: object) -> list[object]:
    """Make calls in threads of their own at one moment; return what each returned or raised."""
    together = threading.Barrier(len(calls))

    def make(call: object) -> object:
        together.wait()
        try:
            return call()  # type: ignore[operator]
        except Exception as error:  # noqa: BLE001 - what was raised is what is looked at
            return error

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(make, calls))


def test_of_two_people_who_approve_at_once_one_does(store: SqlStore, approvals: Approvals) -> None:
    for number in range(5):
        (draft_id,) = keep(store, KIND, case_id=f"case-{number}")
        read = store.drafts.draft(draft_id)
        told = at_once(lambda read=read: approve(approvals, read, ANN), lambda read=read: approve(approvals, read, BEN))
        assert sorted(type(one).__name__ for one in told) == ["ConflictError", "Draft"]
        assert acts(store, draft_id) == ["draft.approve"]
        assert_bound(store, store.drafts.draft(draft_id))
    assert store.journal.first_fault() is None


def test_one_person_who_approves_twice_at_once_is_told_the_same_twice(store: SqlStore, approvals: Approvals) -> None:
    for number in range(5):
        (draft_id,) = keep(store, KIND, case_id=f"case-{number}")
        read = store.drafts.draft(draft_id)
        first, second = at_once(*[lambda read=read: approve(approvals, read, ANN)] * 2)
        assert first == second == store.drafts.draft(draft_id)
        assert acts(store, draft_id) == ["draft.approve"]


def test_of_two_drafts_of_a_case_approved_at_once_one_leaves(store: SqlStore, approvals: Approvals) -> None:
    for number in range(5):
        read = [store.drafts.draft(one) for one in keep(store, KIND, OTHER_KIND, case_id=f"case-{number}")]
        told = at_once(*(lambda one=one: approve(approvals, one) for one in read))
        assert sorted(type(one).__name__ for one in told) == ["ConflictError", "Draft"]
        assert sorted(store.drafts.draft(one.id).status for one in read) == ["approved", "superseded"]
    assert len(store.drafts.deliveries("waiting")) == 5
    assert store.journal.first_fault() is None

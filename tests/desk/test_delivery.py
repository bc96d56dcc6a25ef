"""An approved text leaves: not before it may, only as it was approved, and only once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from drafter.channels import channels
from drafter.desk.approval import Approvals
from drafter.desk.delivery import Deliveries
from drafter.errors import ConflictError
from drafter.store.repository import SqlStore
from drafter.store.tables import cases
from tests.approved import ANN, AT, BEN, KIND, Clock, acts, another_policy, approvals_of, approve, keep


def deliveries_of(store: SqlStore, approvals: Approvals | None = None) -> Deliveries:
    approvals = approvals or approvals_of(store)
    return Deliveries(drafts=store.drafts, approvals=approvals, clock=approvals.clock, channels=channels())


def released(store: SqlStore) -> Deliveries:
    (draft_id,) = keep(store, KIND)
    approvals = approvals_of(store, undo=timedelta())
    approve(approvals, store.drafts.draft(draft_id))
    deliveries = deliveries_of(store, approvals)
    assert deliveries.release() == 1
    return deliveries


def test_nothing_leaves_before_the_approval_can_no_longer_be_undone(either_store: SqlStore) -> None:
    (draft_id,) = keep(either_store, KIND)
    approvals = approvals_of(either_store)
    approve(approvals, either_store.drafts.draft(draft_id))
    assert deliveries_of(either_store, approvals).release() == 0
    assert either_store.drafts.draft(draft_id).status == "approved"
    later = Clock()
    later.at = AT + timedelta(seconds=11)
    assert Deliveries(either_store.drafts, approvals, later, channels()).release() == 1
    assert either_store.drafts.draft(draft_id).status == "queued"


def test_what_was_taken_back_never_leaves(either_store: SqlStore) -> None:
    (draft_id,) = keep(either_store, KIND)
    approvals = approvals_of(either_store, undo=timedelta())
    approve(approvals, either_store.drafts.draft(draft_id))
    approvals.withdraw(draft_id, by=ANN)
    assert deliveries_of(either_store, approvals).release() == 0
    assert either_store.drafts.draft(draft_id).status == "awaiting_approval"


def test_a_policy_of_tomorrow_stops_what_was_approved_today(either_store: SqlStore) -> None:
    (draft_id,) = keep(either_store, KIND)
    approve(approvals_of(either_store, undo=timedelta()), either_store.drafts.draft(draft_id))
    stricter = approvals_of(either_store, another_policy("近况"))
    assert deliveries_of(either_store, stricter).release() == 1
    assert either_store.drafts.draft(draft_id).status == "rejected"
    delivery = either_store.drafts.delivery(draft_id)
    assert delivery is not None
    assert delivery.status == "failed"


def test_a_copy_is_noted_once_with_who_made_it(either_store: SqlStore) -> None:
    deliveries = released(either_store)
    draft = either_store.drafts.draft("case-1-draft-1")
    for person in (BEN, ANN):
        assert deliveries.copied(draft.id, sha256=draft.text_sha256, by=person).status == "delivered"
    (copy,) = [one for one in either_store.journal.entries(subject=draft.id) if one.action == "draft.deliver"]
    assert copy.actor == BEN.id
    assert either_store.journal.first_fault() is None


def test_a_copy_of_another_text_is_refused(either_store: SqlStore) -> None:
    deliveries = released(either_store)
    with pytest.raises(ConflictError):
        deliveries.copied("case-1-draft-1", sha256="0" * 64, by=ANN)
    assert either_store.drafts.draft("case-1-draft-1").status == "queued"


def test_a_copy_before_the_time_is_refused(either_store: SqlStore) -> None:
    (draft_id,) = keep(either_store, KIND)
    approvals = approvals_of(either_store)
    draft = approve(approvals, either_store.drafts.draft(draft_id))
    with pytest.raises(ConflictError):
        deliveries_of(either_store, approvals).copied(draft_id, sha256=draft.text_sha256, by=ANN)


def test_a_text_for_a_channel_that_is_not_there_is_told_as_failed(either_store: SqlStore) -> None:
    (draft_id,) = keep(either_store, KIND)
    with either_store._engine.begin() as connection:
        connection.execute(update(cases).values(channel="pigeon"))
    approvals = approvals_of(either_store, undo=timedelta())
    approve(approvals, either_store.drafts.draft(draft_id))
    deliveries_of(either_store, approvals).release()
    assert either_store.drafts.draft(draft_id).status == "failed"
    delivery = either_store.drafts.delivery(draft_id)
    assert delivery is not None
    assert "pigeon" in str(delivery.failure)
    assert acts(either_store, draft_id)[-2:] == ["draft.queue", "draft.fail"]

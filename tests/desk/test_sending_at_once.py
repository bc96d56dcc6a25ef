"""Whoever else acts at the same moment, and whatever is killed: an approved text leaves once, and no other does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from drafter.errors import ConflictError
from drafter.store.repository import SqlStore
from tests.approved import ANN, KIND, acts, approvals_of, approve
from tests.desk.posting import DRAFT, ID, Sending, approved_for_post


@pytest.fixture
def sending(either_store: SqlStore) -> Sending:
    return approved_for_post(either_store)


def test_what_is_taken_back_while_it_is_checked_does_not_leave(sending: Sending) -> None:
    approvals = sending.deliveries.approvals

    def withdrawing(jurisdiction: str) -> object:
        guard = approvals.guard(jurisdiction)
        approvals.withdraw(DRAFT, by=ANN)
        return guard

    racing = replace(sending.deliveries, approvals=replace(approvals, guard=withdrawing))
    with pytest.raises(ConflictError):
        racing.leave(ID)
    assert sending.post.given == []
    assert sending.status == ("awaiting_approval", "withdrawn")


def test_an_approval_that_was_taken_back_and_given_anew_meanwhile_can_still_be_undone(sending: Sending) -> None:
    approvals = approvals_of(sending.store, undo=timedelta(seconds=10))
    known = approvals.guard("CN")

    def approving_anew(_jurisdiction: str) -> object:
        if len(acts(sending.store, DRAFT)) == before:
            approvals.withdraw(DRAFT, by=ANN)
            approve(approvals, sending.store.drafts.draft(DRAFT))
        return known

    before = len(acts(sending.store, DRAFT))
    racing = replace(sending.deliveries, approvals=replace(approvals, guard=approving_anew))
    with pytest.raises(ConflictError):
        racing.leave(ID)
    assert sending.post.given == []
    assert sending.status == ("approved", "waiting")
    assert racing.leave(ID) is False
    assert approvals.withdraw(DRAFT, by=ANN).status == "awaiting_approval"


def test_two_that_send_at_once_deliver_it_once(sending: Sending) -> None:
    def once_more() -> None:
        sending.post.meanwhile = lambda: None
        sending.deliveries.leave(ID)

    sending.post.meanwhile = once_more
    with pytest.raises(ConflictError):
        sending.deliveries.leave(ID)
    assert sending.post.taken == {ID: KIND}
    assert sending.status == ("delivered", "delivered")
    assert acts(sending.store, DRAFT).count("draft.deliver") == 1


@pytest.mark.parametrize("killed_at", ["queue", "send", "deliver"])
def test_whatever_is_killed_goes_on_where_it_was(
    sending: Sending, killed_at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = sending.deliveries.drafts

    class Dying(type(kept)):  # type: ignore[misc] # the real store, but for the moment of its death
        def take(self, step: object) -> object:
            if step.act.action == f"draft.{killed_at}":  # type: ignore[attr-defined]
                raise KeyboardInterrupt
            return super().take(step)

    if killed_at == "send":
        monkeypatch.setattr(sending.post, "meanwhile", lambda: (_ for _ in ()).throw(KeyboardInterrupt))
    dying = replace(sending.deliveries, drafts=Dying(sending.store._engine))
    with pytest.raises(KeyboardInterrupt):
        dying.leave(ID)
    assert sending.status == ("approved" if killed_at == "queue" else "queued", "waiting")
    monkeypatch.setattr(sending.post, "meanwhile", lambda: None)
    assert sending.deliveries.due() == [ID]
    sending.leave()
    assert sending.post.taken == {ID: KIND}
    assert sending.status == ("delivered", "delivered")
    assert sending.delivery.tries == 1

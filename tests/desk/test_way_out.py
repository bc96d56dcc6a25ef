"""Between the approval and the moment when a text leaves, all that forbids it still counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from drafter.bootstrap import guard_for
from drafter.channels import channels
from drafter.desk.casework import Casework
from drafter.desk.delivery import Deliveries
from drafter.desk.retrying import Retried, retry_all
from drafter.domain import Triage
from drafter.errors import ChannelError, ConflictError, ForbiddenError, NotApprovableError
from drafter.store.repository import SqlStore
from guardrails import Guard
from tests.approved import (
    ANN,
    BEN,
    KIND,
    OTHER_KIND,
    QA,
    THREAT,
    Clock,
    acts,
    another_policy,
    approvals_of,
    approve,
    keep,
    last_act,
    write_again,
)
from tests.desk.posting import DRAFT, ID, Sending, approved_for_post, refused, unavailable

CARRIED = "case-1-draft-1"


def escalate(store: SqlStore, by: str = BEN.id) -> None:
    Casework(store=store, queue=store.queue, triage=lambda _: Triage(), clock=Clock()).escalate(
        "case-1", reason="她请了律师", by=by
    )


def failed(store: SqlStore, *more: str) -> Sending:
    """Return a text whose receiver refused it; `more` texts wait beside it."""
    sending = approved_for_post(store, *more)
    sending.post.answers = [refused()]
    sending.leave()
    assert sending.status == ("failed", "failed")
    return sending


def in_hand(store: SqlStore) -> Deliveries:
    """Return a desk at which an agent may copy an approved text."""
    keep(store, KIND)
    approvals = approvals_of(store, undo=timedelta())
    approve(approvals, store.drafts.draft(CARRIED))
    deliveries = Deliveries(store.drafts, approvals, approvals.clock, channels())
    assert deliveries.release() == 1
    return deliveries


def copy(deliveries: Deliveries, store: SqlStore, by: object = ANN) -> str:
    sha256 = store.drafts.draft(CARRIED).text_sha256
    return deliveries.copied(CARRIED, sha256=sha256, by=by).status  # type: ignore[arg-type] # a person


# Before a lead


def test_what_failed_in_a_case_before_a_lead_only_a_lead_lets_go_again(either_store: SqlStore) -> None:
    sending = failed(either_store)
    escalate(either_store)
    with pytest.raises(ForbiddenError, match="before a lead"):
        sending.deliveries.retry(DRAFT, by=ANN)
    assert retry_all(sending.deliveries, [DRAFT], by=ANN) == Retried(left=1)
    assert either_store.queue.status("case-1").status == "escalated"
    assert retry_all(sending.deliveries, [DRAFT], by=BEN) == Retried(again=1)


def test_whoever_may_let_nothing_go_is_told_so_also_for_all_at_once(store: SqlStore) -> None:
    with pytest.raises(ForbiddenError):
        retry_all(failed(store).deliveries, [DRAFT], by=QA)


def test_a_case_whose_leads_reply_did_not_arrive_is_before_the_lead_again(either_store: SqlStore) -> None:
    sending = approved_for_post(either_store, by=BEN, first=lambda: escalate(either_store))
    assert either_store.queue.status("case-1").status == "answered"
    sending.post.answers = [refused()]
    sending.leave()
    assert either_store.queue.status("case-1").status == "escalated"
    approvals = sending.deliveries.approvals
    with pytest.raises(ForbiddenError, match="before a lead"):
        approvals.discard(DRAFT, reason="no", by=ANN)
    written = approvals.write("case-1", OTHER_KIND, by=ANN)
    with pytest.raises(ForbiddenError, match="before a lead"):
        approve(approvals, written, ANN)


def test_a_case_whose_only_reply_did_not_arrive_is_open_again(either_store: SqlStore) -> None:
    failed(either_store)
    assert either_store.queue.status("case-1").status == "open"


def test_a_case_whose_only_reply_was_discarded_is_open_and_one_that_was_answered_is_not(
    either_store: SqlStore,
) -> None:
    sending = failed(either_store, OTHER_KIND)
    approvals = sending.deliveries.approvals
    approve(approvals, approvals.write("case-1", OTHER_KIND, by=ANN))
    assert either_store.queue.status("case-1").status == "answered"
    approvals.discard(DRAFT, reason="no", by=ANN)
    assert either_store.queue.status("case-1").status == "answered"


@pytest.mark.parametrize("deed", ["edit", "approve"])
def test_a_case_that_goes_before_a_lead_while_somebody_decides_is_decided_by_the_lead(
    either_store: SqlStore, deed: str
) -> None:
    (draft_id,) = keep(either_store, THREAT if deed == "edit" else KIND)
    done: list[str] = []

    def meanwhile(jurisdiction: str) -> Guard:
        if not done:
            done.append(jurisdiction)
            escalate(either_store)
            if deed == "approve":
                approve(approvals_of(either_store), either_store.drafts.draft(draft_id), BEN)
                approvals_of(either_store).withdraw(draft_id, by=BEN)
        return guard_for(jurisdiction)

    approvals = approvals_of(either_store, meanwhile)
    draft = either_store.drafts.draft(draft_id)
    before = either_store.drafts.draft(draft_id).version
    deeds = {
        "edit": lambda: approvals.edit(draft_id, KIND, version=1, by=ANN),
        "approve": lambda: approve(approvals, draft, ANN),
    }
    with pytest.raises(ConflictError):
        deeds[deed]()
    assert either_store.drafts.draft(draft_id).version == before
    assert either_store.queue.status("case-1").status == "escalated"


# The debtor has written again


def test_a_text_that_waits_does_not_leave_once_the_debtor_has_written_again(either_store: SqlStore) -> None:
    sending = approved_for_post(either_store)
    write_again(either_store)
    sending.leave()
    assert not sending.post.given
    assert sending.status == ("awaiting_approval", "withdrawn")
    assert last_act(either_store, DRAFT).action == "draft.withdraw"
    assert last_act(either_store, DRAFT).actor == "system"
    with pytest.raises(ConflictError, match="written again"):
        approve(sending.deliveries.approvals, either_store.drafts.draft(DRAFT))


def test_a_message_that_comes_while_the_text_is_checked_counts_too(either_store: SqlStore) -> None:
    sending = approved_for_post(either_store)
    known = sending.deliveries.approvals

    def meanwhile(jurisdiction: str) -> Guard:
        write_again(either_store)
        return guard_for(jurisdiction)

    racing = replace(sending.deliveries, approvals=replace(known, guard=meanwhile))
    with pytest.raises(ConflictError, match="written again"):
        racing.leave(sending.delivery.id)
    assert not sending.post.given
    sending.leave()
    assert sending.status == ("awaiting_approval", "withdrawn")


def test_what_the_receiver_may_have_already_goes_on_under_its_id(either_store: SqlStore) -> None:
    sending = approved_for_post(either_store)
    sending.post.answers = [unavailable()]
    with pytest.raises(ChannelError):
        sending.deliveries.leave(ID)
    write_again(either_store)
    sending.leave()
    assert sending.status == ("delivered", "delivered")
    assert sending.post.given == [ID, ID]


def test_of_two_replies_to_one_message_a_failed_one_is_not_tried_after_the_other_arrived(
    either_store: SqlStore,
) -> None:
    sending = failed(either_store)
    approvals = sending.deliveries.approvals
    approve(approvals, approvals.write("case-1", OTHER_KIND, by=ANN))
    for delivery in sending.deliveries.due():
        sending.deliveries.leave(delivery)
    assert list(sending.post.taken.values()) == [OTHER_KIND]
    assert retry_all(sending.deliveries, [DRAFT], by=BEN) == Retried(left=1)


# Carried by hand


def test_a_text_that_is_copied_is_checked_once_more(either_store: SqlStore) -> None:
    deliveries = in_hand(either_store)
    stricter = replace(deliveries, approvals=approvals_of(either_store, another_policy("近况")))
    with pytest.raises(NotApprovableError, match="no longer"):
        copy(stricter, either_store)
    assert either_store.drafts.draft(CARRIED).status == "rejected"
    assert acts(either_store, CARRIED)[-1] == "draft.stop"


def test_a_text_is_not_copied_once_the_debtor_has_written_again(either_store: SqlStore) -> None:
    deliveries = in_hand(either_store)
    write_again(either_store)
    with pytest.raises(ConflictError, match="written again"):
        copy(deliveries, either_store)
    assert either_store.drafts.draft(CARRIED).status == "queued"


def test_a_text_is_not_copied_at_an_hour_at_which_the_law_forbids_to_write(either_store: SqlStore) -> None:
    deliveries = in_hand(either_store)
    night = Clock()
    night.at = night.at.replace(hour=16)  # midnight where the debtor lives
    with pytest.raises(ConflictError, match="hour"):
        copy(replace(deliveries, clock=night), either_store)
    assert either_store.drafts.draft(CARRIED).status == "queued"


def test_before_a_lead_only_the_lead_copies(either_store: SqlStore) -> None:
    deliveries = in_hand(either_store)
    escalate(either_store)
    with pytest.raises(ForbiddenError, match="before a lead"):
        copy(deliveries, either_store)
    assert copy(deliveries, either_store, BEN) == "delivered"


def test_a_text_in_hand_can_be_taken_back_until_it_is_copied(either_store: SqlStore) -> None:
    deliveries = in_hand(either_store)
    approvals = deliveries.approvals
    assert approvals.withdraw(CARRIED, by=ANN).status == "awaiting_approval"
    delivery = either_store.drafts.delivery(CARRIED)
    assert delivery is not None
    assert delivery.status == "withdrawn"
    with pytest.raises(ConflictError):
        copy(deliveries, either_store)


def test_what_the_desk_itself_sends_cannot_be_taken_back_once_it_is_queued(either_store: SqlStore) -> None:
    sending = approved_for_post(either_store)
    sending.post.answers = [unavailable()]
    with pytest.raises(ChannelError):
        sending.deliveries.leave(ID)
    assert sending.status == ("queued", "waiting")
    with pytest.raises(ConflictError, match="sending"):
        sending.deliveries.approvals.withdraw(DRAFT, by=ANN)

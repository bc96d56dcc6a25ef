"""What a channel sends by itself leaves once, is tried again while it fails, and then waits for a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from drafter.channels import channels
from drafter.errors import ChannelError, ConflictError, ForbiddenError
from drafter.store.repository import SqlStore
from drafter.store.tables import drafts
from tests.approved import (
    ANN,
    AT,
    BEN,
    KIND,
    QA,
    THREAT,
    acts,
    another_policy,
    approvals_of,
    approve,
    keep,
    last_act,
    write_again,
)
from tests.desk.posting import DRAFT, ID, Sending, approved_for_post, refused, unavailable


@pytest.fixture
def sending(either_store: SqlStore) -> Sending:
    return approved_for_post(either_store)


def test_a_text_is_given_to_its_channel_and_noted_as_delivered(sending: Sending) -> None:
    sending.leave()
    assert sending.post.taken == {ID: KIND}
    assert sending.status == ("delivered", "delivered")
    assert (sending.delivery.tries, sending.delivery.delivered_at) == (1, AT)
    assert acts(sending.store, DRAFT)[-2:] == ["draft.queue", "draft.deliver"]
    assert last_act(sending.store, DRAFT).actor == "system"
    assert sending.store.journal.first_fault() is None


def test_what_has_left_is_not_given_again(sending: Sending) -> None:
    for _ in range(3):
        sending.leave()
    assert sending.post.given == [ID]


def test_only_what_a_channel_sends_by_itself_is_due(sending: Sending) -> None:
    assert sending.deliveries.release() == 0
    assert sending.deliveries.due() == [ID]
    keep(sending.store, KIND, case_id="case-2")
    approve(sending.deliveries.approvals, sending.store.drafts.draft("case-2-draft-1"))
    by_both = replace(sending.deliveries, channels={**channels(), "post": sending.post})
    assert by_both.due() == [ID]
    assert by_both.release() == 1
    assert sending.post.given == []


def test_another_try_waits_longer_each_time(sending: Sending) -> None:
    sending.post.answers = [unavailable(), unavailable(), unavailable()]
    waits = []
    for _ in range(3):
        sending.clock.at = sending.delivery.not_before
        with pytest.raises(ChannelError):
            sending.deliveries.leave(ID)
        assert sending.deliveries.due() == []
        assert sending.deliveries.leave(ID) is False
        waits.append((sending.delivery.not_before - sending.clock.at).total_seconds())
    assert waits == [2, 4, 8]
    assert sending.delivery.tries == 3
    assert "503" in str(sending.delivery.failure)
    assert acts(sending.store, DRAFT)[-3:] == ["draft.try"] * 3


def test_a_receiver_that_recovers_gets_the_text_once(sending: Sending) -> None:
    sending.post.answers = [unavailable(), TimeoutError()]
    sending.leave()
    assert sending.post.given == [ID] * 3
    assert sending.post.taken == {ID: KIND}
    assert sending.status == ("delivered", "delivered")
    assert (sending.delivery.tries, sending.delivery.failure) == (3, None)


def test_after_the_last_try_a_person_is_asked(sending: Sending) -> None:
    sending.post.answers = [unavailable() for _ in range(20)]
    sending.leave()
    assert sending.status == ("failed", "failed")
    assert (sending.delivery.tries, len(sending.post.given)) == (6, 6)
    assert "503" in str(sending.delivery.failure)
    assert sending.deliveries.due() == []


def test_a_final_refusal_is_not_tried_again(sending: Sending) -> None:
    sending.post.answers = [refused()]
    sending.leave()
    assert sending.status == ("failed", "failed")
    assert sending.post.given == [ID]
    assert acts(sending.store, DRAFT)[-2:] == ["draft.queue", "draft.fail"]


def test_a_person_has_it_tried_anew_under_the_same_id(sending: Sending) -> None:
    sending.post.answers = [refused()]
    sending.leave()
    assert sending.deliveries.retry(DRAFT, by=BEN).status == "approved"
    assert last_act(sending.store, DRAFT).actor == BEN.id
    assert (sending.delivery.tries, sending.delivery.failure) == (0, None)
    sending.leave()
    assert sending.status == ("delivered", "delivered")
    assert sending.post.given == [ID, ID]


def test_only_who_may_approve_has_it_tried_anew_and_only_what_failed(sending: Sending) -> None:
    with pytest.raises(ConflictError):
        sending.deliveries.retry(DRAFT, by=ANN)
    sending.post.answers = [refused()]
    sending.leave()
    with pytest.raises(ForbiddenError):
        sending.deliveries.retry(DRAFT, by=QA)
    assert sending.status == ("failed", "failed")


def test_what_the_debtor_has_overtaken_is_not_tried_anew(sending: Sending) -> None:
    sending.post.answers = [refused()]
    sending.leave()
    write_again(sending.store)
    with pytest.raises(ConflictError):
        sending.deliveries.retry(DRAFT, by=ANN)


def test_what_no_longer_passes_is_stopped_instead_of_tried_anew(sending: Sending) -> None:
    sending.post.answers = [refused()]
    sending.leave()
    approvals = approvals_of(sending.store, another_policy("近况"))
    assert replace(sending.deliveries, approvals=approvals).retry(DRAFT, by=ANN).status == "rejected"
    assert sending.delivery.status == "failed"


def test_a_policy_that_changes_between_two_tries_stops_the_text(sending: Sending) -> None:
    sending.post.answers = [unavailable()]
    with pytest.raises(ChannelError):
        sending.deliveries.leave(ID)
    sending.clock.at = sending.delivery.not_before
    approvals = approvals_of(sending.store, another_policy("近况"))
    replace(sending.deliveries, approvals=approvals).leave(ID)
    assert sending.status == ("rejected", "failed")
    assert sending.post.taken == {}
    assert "guardrails" in str(sending.delivery.failure)


def test_a_text_that_is_not_the_approved_one_never_leaves(sending: Sending) -> None:
    with sending.store._engine.begin() as connection:
        connection.execute(update(drafts).values(text=THREAT))
    sending.leave()
    assert sending.post.given == []
    assert sending.status == ("rejected", "failed")


def test_what_was_held_up_into_the_night_waits_for_the_morning(sending: Sending) -> None:
    sending.post.answers = [unavailable()]
    with pytest.raises(ChannelError):
        sending.deliveries.leave(ID)
    night = AT.replace(hour=15)  # 23:00 in China
    sending.clock.at = night
    assert sending.deliveries.leave(ID) is False
    assert sending.post.given == [ID]
    assert sending.deliveries.due() == []
    assert sending.delivery.not_before > night + timedelta(hours=8)
    assert last_act(sending.store, DRAFT).action == "draft.postpone"
    sending.leave()
    assert sending.status == ("delivered", "delivered")


def test_nobody_notes_a_copy_of_what_the_desk_sends_itself(sending: Sending) -> None:
    sending.post.answers = [unavailable()]
    with pytest.raises(ChannelError):
        sending.deliveries.leave(ID)
    assert sending.status == ("queued", "waiting")
    with pytest.raises(ConflictError):
        sending.deliveries.copied(DRAFT, sha256=sending.store.drafts.draft(DRAFT).text_sha256, by=ANN)
    assert sending.status == ("queued", "waiting")

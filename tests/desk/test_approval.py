from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import update

from drafter.desk.approval import Approvals
from drafter.desk.conditions import FourEyes, approved_reply
from drafter.domain import Person, text_sha256
from drafter.errors import ConflictError, ForbiddenError, InputError, NotApprovableError
from drafter.store.repository import SqlStore
from drafter.store.tables import draft_states
from tests.approved import (
    ADMIN,
    ANN,
    AT,
    BEN,
    FACTS,
    KIND,
    OTHER_KIND,
    QA,
    QA_LEAD,
    THREAT,
    acts,
    another_policy,
    approvals_of,
    approve,
    assert_bound,
    keep,
    last_act,
    verdict_on,
    write_again,
)


@pytest.fixture
def store(either_store: SqlStore) -> SqlStore:
    return either_store


def set_status(store: SqlStore, draft_id: str, status: str) -> None:
    """Stand in for what takes approved drafts to their debtors."""
    with store._engine.begin() as connection:
        connection.execute(update(draft_states).where(draft_states.c.draft_id == draft_id).values(status=status))


def test_an_edit_that_passes_waits_and_one_that_does_not_is_rejected(store: SqlStore, approvals: Approvals) -> None:
    (draft_id,) = keep(store, KIND)
    worse = approvals.edit(draft_id, THREAT, version=1, by=ANN)
    assert (worse.status, worse.version, worse.text, worse.edited_by) == ("rejected", 2, THREAT, ANN.id)
    assert not worse.verdict.passed

    better = approvals.edit(draft_id, OTHER_KIND, version=2, by=BEN)
    assert (better.status, better.version, better.edited_by) == ("awaiting_approval", 3, BEN.id)
    assert store.drafts.versions(draft_id) == [(1, KIND, None), (2, THREAT, ANN.id), (3, OTHER_KIND, BEN.id)]
    assert acts(store, draft_id) == ["draft.edit", "draft.edit"]
    assert last_act(store, draft_id).detail == {
        "text_sha256": text_sha256(OTHER_KIND),
        "verdict": "pass",
        "version": 3,
    }


def test_an_edit_of_a_version_that_is_no_longer_the_last_changes_nothing(store: SqlStore, approvals: Approvals) -> None:
    (draft_id,) = keep(store, KIND)
    kept = approvals.edit(draft_id, OTHER_KIND, version=1, by=ANN)
    with pytest.raises(ConflictError):
        approvals.edit(draft_id, KIND, version=1, by=BEN)
    assert store.drafts.draft(draft_id) == kept


@pytest.mark.parametrize("text", ["", " \n", "好" * 2001, "您好\0", "您好\ud800"])
def test_a_text_that_cannot_be_a_reply_is_not_kept(store: SqlStore, approvals: Approvals, text: str) -> None:
    (draft_id,) = keep(store, KIND)
    with pytest.raises(InputError):
        approvals.edit(draft_id, text, version=1, by=ANN)
    with pytest.raises(InputError):
        approvals.write("case-1", text, by=ANN)
    assert store.drafts.draft(draft_id).version == 1


def test_a_reply_that_a_person_writes_is_judged_like_any(store: SqlStore, approvals: Approvals) -> None:
    keep(store, KIND)
    assert approvals.write("case-1", THREAT, by=ANN).status == "rejected"
    written = approvals.write("case-1", OTHER_KIND, by=ANN)
    assert (written.status, written.source, written.edited_by) == ("awaiting_approval", "human", ANN.id)
    assert approve(approvals, written, BEN).status == "approved"


def test_an_approval_binds_the_person_the_text_and_the_policy(store: SqlStore, approvals: Approvals) -> None:
    (draft_id,) = keep(store, KIND)
    approved = approve(approvals, approvals.edit(draft_id, OTHER_KIND, version=1, by=BEN))

    assert (approved.status, approved.version) == ("approved", 2)
    decision, delivery = store.drafts.decision(draft_id), store.drafts.delivery(draft_id)
    assert decision is not None
    assert (decision.outcome, decision.decided_by, decision.decided_at) == ("approved", ANN.id, AT)
    assert (decision.version, decision.text_sha256) == (2, text_sha256(OTHER_KIND))
    assert decision.policy == verdict_on(OTHER_KIND).policy
    assert delivery is not None
    assert (delivery.version, delivery.status, delivery.channel) == (2, "waiting", "clipboard")
    assert delivery.not_before >= AT + approvals.undo
    assert last_act(store, draft_id).detail == {
        "text_sha256": text_sha256(OTHER_KIND),
        "policy": decision.policy,
        "version": 2,
    }
    assert approved_reply(approved, decision).text == OTHER_KIND


def test_a_version_or_a_text_that_was_not_the_one_read_is_not_approved(store: SqlStore, approvals: Approvals) -> None:
    (draft_id,) = keep(store, KIND)
    edited = approvals.edit(draft_id, OTHER_KIND, version=1, by=BEN)
    for version, sha256 in ((1, text_sha256(KIND)), (2, text_sha256(KIND)), (1, edited.text_sha256)):
        with pytest.raises(ConflictError):
            approvals.approve(draft_id, version=version, sha256=sha256, by=ANN)
    assert store.drafts.draft(draft_id).status == "awaiting_approval"
    assert store.drafts.decision(draft_id) is None


def test_a_text_that_does_not_pass_is_not_approved(store: SqlStore, approvals: Approvals) -> None:
    (draft_id,) = keep(store, THREAT)
    with pytest.raises(NotApprovableError):
        approve(approvals, store.drafts.draft(draft_id))
    assert store.drafts.decision(draft_id) is None


def test_the_policy_of_the_moment_of_approval_decides(store: SqlStore) -> None:
    (draft_id,) = keep(store, KIND)
    with pytest.raises(NotApprovableError):
        approve(approvals_of(store, another_policy("近况")), store.drafts.draft(draft_id))
    assert store.drafts.draft(draft_id).status == "awaiting_approval"

    approve(approvals_of(store, another_policy("家人")), store.drafts.draft(draft_id))
    decision = store.drafts.decision(draft_id)
    assert decision is not None
    assert decision.policy == "CN@of-tomorrow"


def test_a_draft_for_a_message_that_is_no_longer_the_last_is_stale(store: SqlStore, approvals: Approvals) -> None:
    (draft_id,) = keep(store, KIND)
    write_again(store)
    with pytest.raises(ConflictError, match="written again"):
        approve(approvals, store.drafts.draft(draft_id))
    assert store.drafts.decision(draft_id) is None


def test_a_message_that_comes_in_while_an_approval_is_checked_stops_it(store: SqlStore) -> None:
    (draft_id,) = keep(store, KIND)
    checked = approvals_of(store)

    def case(case_id: str) -> object:
        found = store.case(case_id)
        write_again(store)
        return found

    with pytest.raises(ConflictError, match="written again"):
        approve(replace(checked, case=case), store.drafts.draft(draft_id))  # type: ignore[arg-type]
    assert store.drafts.draft(draft_id).status == "awaiting_approval"


@pytest.mark.parametrize(("amount", "allowed"), [(None, True), ("4680.01", True), ("4680.00", False), ("1", False)])
def test_from_an_amount_on_nobody_approves_what_they_edited(store: SqlStore, amount: str | None, allowed: bool) -> None:  # noqa: FBT001 - a table of cases
    approvals = approvals_of(store, four_eyes=FourEyes(None if amount is None else Decimal(amount)))
    (draft_id,) = keep(store, KIND)
    edited = approvals.edit(draft_id, OTHER_KIND, version=1, by=ANN)
    if allowed:
        assert approve(approvals, edited, ANN).status == "approved"
        return
    with pytest.raises(ForbiddenError):
        approve(approvals, edited, ANN)
    assert approve(approvals, edited, BEN).status == "approved"


def test_four_eyes_count_every_version_and_know_the_amount_of_the_case(store: SqlStore) -> None:
    approvals = approvals_of(store, four_eyes=FourEyes(Decimal(1000)))
    (draft_id,) = keep(store, KIND, facts=None)
    approvals.edit(draft_id, OTHER_KIND, version=1, by=ANN)
    # A lower sum that the editor brings along does not help.
    lower = FACTS.model_copy(update={"amount_due": Decimal(10)})
    edited = approvals.edit(draft_id, KIND, version=2, by=BEN, facts=lower)
    for editor in (ANN, BEN):
        with pytest.raises(ForbiddenError):
            approve(approvals, edited, editor)


@pytest.mark.parametrize("person", [QA, QA_LEAD, ADMIN, ANN.model_copy(update={"disabled": True})])
def test_only_agents_and_their_leads_approve(store: SqlStore, approvals: Approvals, person: Person) -> None:
    (draft_id,) = keep(store, KIND)
    with pytest.raises(ForbiddenError):
        approve(approvals, store.drafts.draft(draft_id), person)
    assert store.drafts.draft(draft_id).status == "awaiting_approval"


def test_approving_again_changes_nothing_and_is_told_once(store: SqlStore, approvals: Approvals) -> None:
    (draft_id,) = keep(store, KIND)
    read = store.drafts.draft(draft_id)
    once = approve(approvals, read)
    assert approve(approvals, read) == once
    assert acts(store, draft_id) == ["draft.approve"]
    with pytest.raises(ConflictError):
        approve(approvals, read, BEN)


def test_approving_one_draft_puts_the_others_of_the_case_aside(store: SqlStore, approvals: Approvals) -> None:
    first, second, third = keep(store, KIND, OTHER_KIND, THREAT)
    (elsewhere,) = keep(store, KIND, case_id="case-2")
    approve(approvals, store.drafts.draft(second))
    assert [store.drafts.draft(one).status for one in (first, second, third, elsewhere)] == [
        "superseded",
        "approved",
        "rejected",
        "awaiting_approval",
    ]
    assert acts(store, first) == ["draft.supersede"]
    with pytest.raises(ConflictError):
        approve(approvals, store.drafts.draft(first))
    assert store.journal.first_fault() is None


def test_a_message_gets_one_answer_also_where_a_rejected_draft_is_edited_later(
    store: SqlStore, approvals: Approvals
) -> None:
    first, second = keep(store, KIND, THREAT)
    approve(approvals, store.drafts.draft(first))
    edited = approvals.edit(second, OTHER_KIND, version=1, by=ANN)
    with pytest.raises(ConflictError, match="Another reply"):
        approve(approvals, edited)
    assert store.queue.status("case-1")[0] == "answered"

    approvals.withdraw(first, by=ANN)
    assert approve(approvals, edited).status == "approved"
    assert store.drafts.draft(first).status == "superseded"


def test_a_draft_that_was_edited_leaves_its_case_with_the_lead_who_has_it(
    store: SqlStore, approvals: Approvals
) -> None:
    first, second = keep(store, KIND, THREAT)
    approvals.escalate(first, reason="asks for the ombudsman", by=ANN)
    approvals.edit(second, THREAT + THREAT, version=1, by=BEN)
    assert store.queue.status("case-1")[0] == "escalated"


def test_an_approval_is_taken_back_until_the_text_leaves(store: SqlStore, approvals: Approvals) -> None:
    (draft_id,) = keep(store, KIND)
    approve(approvals, store.drafts.draft(draft_id))
    back = approvals.withdraw(draft_id, by=BEN)
    assert back.status == "awaiting_approval"
    decision, delivery = store.drafts.decision(draft_id), store.drafts.delivery(draft_id)
    assert decision is not None
    assert (decision.outcome, decision.decided_by) == ("withdrawn", BEN.id)
    assert delivery is not None
    assert delivery.status == "withdrawn"
    with pytest.raises(ConflictError):
        approved_reply(back, decision)
    with pytest.raises(ConflictError):
        approvals.withdraw(draft_id, by=BEN)

    assert_bound(store, approve(approvals, back))
    for status in ("queued", "delivered", "failed"):
        set_status(store, draft_id, status)
        with pytest.raises(ConflictError):
            approvals.withdraw(draft_id, by=ANN)


def test_a_reply_waits_for_the_hours_of_the_law_and_at_least_for_the_time_to_take_it_back(store: SqlStore) -> None:
    approvals = approvals_of(store, undo=timedelta(seconds=30))
    (draft_id,) = keep(store, KIND)
    approvals.clock.at = AT.replace(hour=16)  # type: ignore[attr-defined] # midnight in China
    approve(approvals, store.drafts.draft(draft_id))
    delivery = store.drafts.delivery(draft_id)
    assert delivery is not None
    assert delivery.not_before > AT + timedelta(hours=10)
    assert store.drafts.deliveries("waiting", until=AT + timedelta(hours=10)) == []
    assert [one.draft_id for one in store.drafts.deliveries("waiting")] == [draft_id]


@pytest.mark.parametrize("reason", ["", " \t", "\0"])
def test_discarding_and_escalating_need_a_reason(store: SqlStore, approvals: Approvals, reason: str) -> None:
    (draft_id,) = keep(store, KIND)
    for end in (approvals.discard, approvals.escalate):
        with pytest.raises(InputError):
            end(draft_id, reason=reason, by=ANN)
    assert store.drafts.draft(draft_id).status == "awaiting_approval"


def test_what_was_put_aside_with_a_reason_is_not_approved_any_more(store: SqlStore, approvals: Approvals) -> None:
    (draft_id,) = keep(store, KIND)
    ended = approvals.discard(draft_id, reason=" too cold ", by=ANN)
    decision = store.drafts.decision(draft_id)
    assert ended.status == "discarded"
    assert decision is not None
    assert (decision.outcome, decision.reason, decision.decided_by) == ("discarded", "too cold", ANN.id)
    assert acts(store, draft_id) == ["draft.discard"]
    with pytest.raises(ConflictError):
        approve(approvals, ended)


def test_a_text_that_was_changed_behind_the_desk_is_not_sent(store: SqlStore, approvals: Approvals) -> None:
    (draft_id,) = keep(store, KIND)
    approved = approve(approvals, store.drafts.draft(draft_id))
    decision = store.drafts.decision(draft_id)
    with pytest.raises(ConflictError):
        approved_reply(approved.model_copy(update={"text": THREAT}), decision)
    with pytest.raises(ConflictError):
        approved_reply(approved.model_copy(update={"version": 2}), decision)
    with pytest.raises(ConflictError):
        approved_reply(approved, None)

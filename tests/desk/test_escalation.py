"""A case before a lead: what waits in it goes along, only a lead decides, and it can be handed back."""

from __future__ import annotations

import pytest

from drafter.desk.approval import Approvals
from drafter.desk.casework import Casework
from drafter.domain import DebtorMessage, Triage
from drafter.errors import ConflictError, ForbiddenError, InputError, NotFoundError
from drafter.store.repository import SqlStore
from tests.approved import ANN, BEN, KIND, OTHER_KIND, THREAT, Clock, acts, approvals_of, approve, keep

WHY = "客户要求主管回复"


def casework_of(store: SqlStore) -> Casework:
    return Casework(store=store, queue=store.queue, triage=lambda _: Triage(), clock=Clock())


def escalated(store: SqlStore, *texts: str) -> list[str]:
    drafts = keep(store, *texts)
    casework_of(store).escalate("case-1", reason=f" {WHY} ", by=ANN.id)
    return drafts


def statuses(store: SqlStore, drafts: list[str]) -> list[str]:
    return [store.drafts.draft(one).status for one in drafts]


def test_the_drafts_that_wait_go_before_the_lead_with_their_case(either_store: SqlStore) -> None:
    drafts = escalated(either_store, KIND, OTHER_KIND, THREAT)
    assert either_store.queue.status("case-1")[:3] == ("escalated", None, WHY)
    assert statuses(either_store, drafts) == ["escalated", "escalated", "rejected"]
    assert acts(either_store, drafts[0]) == ["draft.escalate"]
    assert either_store.journal.first_fault() is None


def test_a_draft_that_is_escalated_takes_its_case_and_the_other_drafts_along(
    store: SqlStore, approvals: Approvals
) -> None:
    drafts = keep(store, KIND, OTHER_KIND)
    approvals.escalate(drafts[0], reason=WHY, by=ANN)
    assert store.queue.status("case-1")[:3] == ("escalated", None, WHY)
    assert statuses(store, drafts) == ["escalated", "escalated"]
    decision = store.drafts.decision(drafts[0])
    assert decision is not None
    assert (decision.outcome, decision.reason) == ("escalated", WHY)


def test_before_a_lead_nobody_but_a_lead_edits_approves_or_discards(store: SqlStore, approvals: Approvals) -> None:
    held, rejected = escalated(store, KIND, THREAT)
    for draft_id in (held, rejected):
        draft = store.drafts.draft(draft_id)
        with pytest.raises(ForbiddenError, match="before a lead"):
            approvals.edit(draft_id, OTHER_KIND, version=1, by=ANN)
        with pytest.raises(ForbiddenError, match="before a lead"):
            approve(approvals, draft, ANN)
        with pytest.raises(ForbiddenError, match="before a lead"):
            approvals.discard(draft_id, reason="no", by=ANN)
        assert store.drafts.draft(draft_id) == draft

    assert approve(approvals, store.drafts.draft(held), BEN).status == "approved"
    assert store.queue.status("case-1").status == "answered"


def test_a_lead_mends_a_rejected_text_and_still_only_a_lead_lets_it_go(store: SqlStore, approvals: Approvals) -> None:
    (rejected,) = escalated(store, THREAT)
    mended = approvals.edit(rejected, KIND, version=1, by=BEN)
    assert mended.status == "awaiting_approval"
    with pytest.raises(ForbiddenError, match="before a lead"):
        approve(approvals, mended, ANN)
    assert approve(approvals, mended, BEN).status == "approved"


def test_a_text_that_a_lead_lets_go_is_checked_like_any_other(store: SqlStore) -> None:
    (held,) = escalated(store, KIND)
    edited = approvals_of(store).edit(held, THREAT, version=1, by=BEN)
    assert edited.status == "rejected"
    with pytest.raises(InputError, match="does not pass"):
        approve(approvals_of(store), edited, BEN)


def test_what_is_handed_back_is_again_what_its_verdict_makes_of_it(either_store: SqlStore) -> None:
    approvals = approvals_of(either_store)
    passing, failing = keep(either_store, KIND, THREAT)
    approvals.escalate(failing, reason=WHY, by=ANN)
    assert statuses(either_store, [passing, failing]) == ["escalated", "escalated"]
    casework_of(either_store).hand_back("case-1", by=BEN.id)
    assert either_store.queue.status("case-1")[:3] == ("open", None, None)
    assert statuses(either_store, [passing, failing]) == ["awaiting_approval", "rejected"]
    assert acts(either_store, passing)[-1] == "draft.hand_back"
    assert approve(approvals, either_store.drafts.draft(passing), ANN).status == "approved"


def test_an_approval_that_a_lead_takes_back_leaves_the_case_before_the_lead(
    store: SqlStore, approvals: Approvals
) -> None:
    (held,) = escalated(store, KIND)
    approve(approvals, store.drafts.draft(held), BEN)
    back = approvals.withdraw(held, by=BEN)
    assert (back.status, back.before_lead) == ("awaiting_approval", True)
    with pytest.raises(ForbiddenError):
        approve(approvals, back, ANN)


def test_a_case_whose_reply_is_about_to_leave_is_not_escalated_before_that_is_taken_back(
    store: SqlStore, approvals: Approvals
) -> None:
    (draft_id,) = keep(store, KIND)
    approve(approvals, store.drafts.draft(draft_id))
    entries = len(list(store.journal.entries()))
    with pytest.raises(ConflictError, match="about to leave"):
        casework_of(store).escalate("case-1", reason=WHY, by=ANN.id)
    assert store.queue.status("case-1").status == "answered"
    assert len(list(store.journal.entries())) == entries


def test_a_new_message_opens_an_escalated_case_for_everybody(store: SqlStore, approvals: Approvals) -> None:
    (held,) = escalated(store, KIND)
    casework_of(store).add_message("case-1", DebtorMessage(text="下周五发工资", lang="zh"), by=ANN.id)
    assert store.queue.status("case-1")[:3] == ("open", None, None)
    assert store.drafts.draft(held).stale
    written = approvals.write("case-1", OTHER_KIND, by=ANN)
    assert approve(approvals, written, ANN).status == "approved"
    assert store.drafts.draft(held).status == "superseded"


def test_only_what_is_before_a_lead_is_handed_back(store: SqlStore) -> None:
    keep(store, KIND)
    with pytest.raises(ConflictError, match="not before a lead"):
        casework_of(store).hand_back("case-1", by=BEN.id)
    with pytest.raises(NotFoundError):
        casework_of(store).hand_back("none", by=BEN.id)


@pytest.mark.parametrize("reason", ["", " \t", "\0", "\ud800"])
def test_a_case_is_escalated_with_a_reason_that_can_be_read_only(store: SqlStore, reason: str) -> None:
    keep(store, KIND)
    with pytest.raises(InputError):
        casework_of(store).escalate("case-1", reason=reason, by=ANN.id)
    assert store.queue.status("case-1").status == "open"

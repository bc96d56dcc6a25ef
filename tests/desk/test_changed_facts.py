"""Facts that somebody brings with an edit: the journal names them, and an approval rests on those of this moment."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import update

from drafter.desk.approval import Approvals
from drafter.errors import ConflictError, NotApprovableError
from drafter.store.repository import SqlStore
from drafter.store.tables import draft_states
from tests.approved import ANN, BEN, FACTS, approvals_of, approve, keep, last_act

DUE = "欧阳静您好，谢谢您告诉我近况。账户目前显示应还4680.00元，您看什么时候方便聊一聊？"
LESS = FACTS.model_copy(update={"amount_due": Decimal("1200.00"), "agent_name": "陈默"})


def test_the_journal_names_the_facts_that_an_edit_changed_and_no_value(either_store: SqlStore) -> None:
    approvals = approvals_of(either_store)
    (draft_id,) = keep(either_store, DUE)
    approvals.edit(draft_id, DUE, version=1, by=ANN, facts=LESS)
    told = last_act(either_store, draft_id).detail
    assert told["facts"] == "agent_name, amount_due"
    assert "1200" not in str(told)
    assert "陈默" not in str(told)
    approvals.edit(draft_id, DUE, version=2, by=ANN, facts=FACTS)
    assert last_act(either_store, draft_id).detail["facts"] == "agent_name, amount_due"
    assert either_store.journal.first_fault() is None


def test_an_edit_that_brings_no_facts_names_none(store: SqlStore, approvals: Approvals) -> None:
    (draft_id,) = keep(store, DUE)
    approvals.edit(draft_id, DUE, version=1, by=ANN)
    assert "facts" not in last_act(store, draft_id).detail


def test_a_text_that_the_changed_facts_no_longer_carry_cannot_be_approved(
    store: SqlStore, approvals: Approvals
) -> None:
    (draft_id,) = keep(store, DUE)
    read = store.drafts.draft(draft_id)
    edited = approvals.edit(draft_id, DUE, version=1, by=ANN, facts=LESS)
    assert edited.status == "rejected"
    with pytest.raises(NotApprovableError):
        approve(approvals, edited, BEN)
    with pytest.raises(ConflictError):  # as it was read before
        approve(approvals, read, BEN)


def test_an_approval_is_checked_against_the_facts_of_this_moment(store: SqlStore, approvals: Approvals) -> None:
    (draft_id,) = keep(store, DUE)
    waiting = store.drafts.draft(draft_id)
    assert waiting.status == "awaiting_approval"
    with store._engine.begin() as connection:
        facts = LESS.model_dump(mode="json", exclude_unset=True)
        connection.execute(update(draft_states).where(draft_states.c.draft_id == draft_id).values(facts=facts))
    with pytest.raises(NotApprovableError):
        approve(approvals, waiting, ANN)
    assert store.drafts.draft(draft_id).status == "awaiting_approval"

"""Whatever people do in whatever order, nothing leaves that nobody let go."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import Literal, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drafter.desk.approval import Approvals
from drafter.desk.lifecycle import Move, after
from drafter.domain import Act, Draft, Person, Step
from drafter.errors import ConflictError, ForbiddenError, InputError
from drafter.store.repository import SqlStore
from tests.approved import (
    ADMIN,
    ANN,
    AT,
    BEN,
    KIND,
    OTHER_KIND,
    QA,
    THREAT,
    another_policy,
    approvals_of,
    assert_bound,
    keep,
    write_again,
)

Deed = Literal["edit", "approve", "approve what was read before", "withdraw", "discard", "escalate", "write again"]
SENDING: tuple[Move, ...] = ("queue", "deliver", "fail", "retry")
CASES = count(1)


@dataclass(frozen=True)
class Doing:
    deed: Deed | Move
    draft: int
    by: Person
    text: str
    strict: bool


DOINGS = st.lists(
    st.builds(
        Doing,
        # Most sequences of anything would go nowhere: what matters is drawn more often.
        deed=st.sampled_from((*get_args(Deed), "edit", "approve", "approve", *SENDING)),
        draft=st.integers(0, 1),
        by=st.sampled_from((ANN, BEN, QA, ADMIN)),
        text=st.sampled_from((KIND, OTHER_KIND, THREAT)),
        strict=st.booleans(),
    ),
    min_size=3,
    max_size=14,
)


def do(store: SqlStore, approvals: Approvals, doing: Doing, draft: Draft, before: Draft) -> None:
    """Do one thing; `before` is the draft as it was at the beginning."""
    if doing.deed == "edit":
        approvals.edit(draft.id, doing.text, version=draft.version, by=doing.by)
    elif doing.deed == "approve":
        approvals.approve(draft.id, version=draft.version, sha256=draft.text_sha256, by=doing.by)
    elif doing.deed == "approve what was read before":
        approvals.approve(draft.id, version=before.version, sha256=before.text_sha256, by=doing.by)
    elif doing.deed == "withdraw":
        approvals.withdraw(draft.id, by=doing.by)
    elif doing.deed in ("discard", "escalate"):
        getattr(approvals, doing.deed)(draft.id, reason="no longer right", by=doing.by)
    elif doing.deed == "write again":
        write_again(store, draft.case_id)
    else:
        send(store, draft, doing.deed)


def send(store: SqlStore, draft: Draft, move: Move) -> None:
    """Stand in for what takes approved drafts to their debtors."""
    act = Act(at=AT, actor="system", action=f"draft.{move}", subject=draft.id)
    entering = after(draft.status, move)
    step = Step(draft_id=draft.id, version=draft.version, leaving=draft.status, entering=entering, act=act)
    store.drafts.take(step)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(doings=DOINGS)
def test_nothing_is_approved_but_by_a_human_as_it_stands(either_store: SqlStore, doings: list[Doing]) -> None:
    store = either_store
    began = [store.drafts.draft(one) for one in keep(store, KIND, THREAT, case_id=f"case-{next(CASES)}")]
    guards = {False: approvals_of(store), True: approvals_of(store, another_policy("近况"))}
    for doing in doings:
        before = began[doing.draft]
        draft = store.drafts.draft(before.id)
        acts = sum(1 for _ in store.journal.entries())
        try:
            do(store, guards[doing.strict], doing, draft, before)
        except (InputError, ForbiddenError):
            assert store.drafts.draft(draft.id) == draft
            assert sum(1 for _ in store.journal.entries()) == acts
        now = [store.drafts.draft(one.id) for one in began]
        for one in now:
            assert_bound(store, one)
        assert sum(one.status in ("approved", "queued") for one in now) <= 1
        entered = list(store.journal.entries(subject=draft.id))
        assert all(entry.actor in (ANN.id, BEN.id) for entry in entered if entry.action == "draft.approve")
    assert store.journal.first_fault() is None


def test_a_move_that_sends_is_not_open_to_a_draft_that_waits(either_store: SqlStore) -> None:
    (draft_id,) = keep(either_store, KIND)
    for move in SENDING:
        with pytest.raises(ConflictError):
            send(either_store, either_store.drafts.draft(draft_id), move)

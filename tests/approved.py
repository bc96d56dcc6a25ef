"""Drafts that wait for a human, judged by the real guardrails, and the people who decide about them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

from sqlalchemy import update

from drafter.bootstrap import guard_for
from drafter.desk.approval import Approvals
from drafter.domain import (
    Attempt,
    Case,
    DebtorMessage,
    Draft,
    Entry,
    Person,
    Role,
    Tier,
    Triage,
    text_sha256,
)
from drafter.store.repository import SqlStore
from drafter.store.tables import cases
from guardrails import Facts, Guard
from guardrails.checks import Hit
from tests.reviewed import AT, Clock, a_person, suggested

FACTS = Facts.model_validate(
    {
        "institution": "青禾银行",
        "debtor_name": "欧阳静",
        "agent_name": "白露",
        "amount_due": "4680.00",
        "currency": "CNY",
    }
)
INBOUND = "这个月实在周转不开，能不能晚几天？"
KIND = "欧阳静您好，谢谢您告诉我近况，您看什么时候方便聊一聊？"
OTHER_KIND = "欧阳静您好，您辛苦了，您方便的时候我们再聊一聊，好吗？"
THREAT = "欧阳静您好，再不还款，我们就联系您的家人和单位。"

ANN, BEN = a_person("ann", Role.AGENT), a_person("ben", Role.LEAD)
QA, QA_LEAD, ADMIN = a_person("qa"), a_person("qa-lead", Role.QA_LEAD), a_person("admin", Role.ADMIN)

__all__ = ["AT", "Clock"]


def verdict_on(text: str, guard: Guard | None = None) -> Any:
    return (guard or guard_for("CN")).check(text, lang="zh", facts=FACTS, inbound=INBOUND)


def keep(store: SqlStore, *texts: str, case_id: str = "case-1", facts: Facts | None = FACTS) -> list[str]:
    """Keep a case with one suggestion after another; return the ids of their drafts."""
    known = Case(
        id=case_id,
        message=DebtorMessage(text=INBOUND, lang="zh"),
        tier=Tier.GENERAL,
        jurisdiction="CN",
        facts=FACTS,
        created_at=AT,
    )
    store.add_case(known, Triage())
    ids = [f"{case_id}-draft-{number}" for number in range(1, len(texts) + 1)]
    for draft_id, text in zip(ids, texts, strict=True):
        verdict = verdict_on(text)
        attempt = Attempt(text=text, verdict=verdict, model="m", prompt_version="zh@1", draft_id=draft_id)
        store.add_suggestion(suggested(case_id, attempt), facts=facts, at=AT)
    return ids


def approvals_of(store: SqlStore, guard: Callable[[str], Guard] = guard_for, **more: Any) -> Approvals:
    return Approvals(drafts=store.drafts, case=store.case, guard=guard, clock=Clock(), **more)


def approve(approvals: Approvals, draft: Draft, by: Person = ANN) -> Draft:
    """Approve a draft as it was read."""
    return approvals.approve(draft.id, version=draft.version, sha256=draft.text_sha256, by=by)


def another_policy(*forbidden: str) -> Callable[[str], Guard]:
    """Return the guards of tomorrow, which also reject a text with any of these words."""

    def find(check: Any) -> Iterable[Hit]:
        return [Hit("harassment", 0, 1) for word in forbidden if word in check.text]

    def guard(jurisdiction: str) -> Guard:
        known = guard_for(jurisdiction)
        strict = cast("Any", SimpleNamespace(find=find, REASONS={}))
        return Guard(replace(known.policy, name=f"{jurisdiction}@of-tomorrow"), {**known.detectors, "strict": strict})

    return guard


def write_again(store: SqlStore, case_id: str = "case-1") -> None:
    """Let the debtor have written again."""
    with store._engine.begin() as connection:
        connection.execute(update(cases).where(cases.c.id == case_id).values(message_number=cases.c.message_number + 1))


def acts(store: SqlStore, draft_id: str) -> list[str]:
    return [entry.action for entry in store.journal.entries(subject=draft_id)]


def last_act(store: SqlStore, draft_id: str) -> Entry:
    return list(store.journal.entries(subject=draft_id))[-1]


def assert_bound(store: SqlStore, draft: Draft) -> None:
    """Hold that what may leave was let go by a human, as it stands."""
    if draft.status not in ("approved", "queued", "delivered"):
        return
    decision, delivery = store.drafts.decision(draft.id), store.drafts.delivery(draft.id)
    assert decision is not None
    assert delivery is not None
    assert (decision.outcome, decision.version) == ("approved", draft.version)
    assert decision.text_sha256 == text_sha256(draft.text)
    assert draft.verdict.passed
    assert (delivery.version, delivery.status) == (draft.version, "waiting")

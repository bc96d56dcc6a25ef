"""Drafts to review, judged by the real guardrails and kept in a real database, and the people who review them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import insert

from drafter.bootstrap import guard_for
from drafter.desk.review import Reviews
from drafter.domain import (
    Act,
    Attempt,
    Case,
    DebtorMessage,
    Judgement,
    NextStep,
    Person,
    Role,
    Suggestion,
    Tier,
    Triage,
    is_drawn,
)
from drafter.store.repository import SqlStore
from drafter.store.tables import people
from guardrails import Facts

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
FACTS = Facts.model_validate(
    {"institution": "青禾银行", "debtor_name": "欧阳静", "agent_name": "白露", "contact_phone": "4008123456"}
)
INBOUND = "我是欧阳静，手机13912345678，这个月实在还不上。"
KIND = "欧阳静您好，谢谢您告诉我近况，您看什么时候方便聊一聊？"
THREAT = "欧阳静您好，再不还款，我们就联系您的家人和单位。"
FALSELY_FOUND = "欧阳静您好，我们会上门，把帮扶资料送到您手上，您看方便吗？"
PHRASE = "帮扶资料"
UPHELD = Judgement(outcome="upheld")
OVERTURNED = Judgement(outcome="overturned", reason="rule-too-broad")
EXCEPTION = Judgement(outcome="overturned", reason="rule-too-broad", scope="phrase-exception", unless=PHRASE)


class Clock:
    """A clock that a test moves by hand."""

    def __init__(self) -> None:
        self.at = AT

    def now(self) -> datetime:
        return self.at

    def pass_by(self, time: timedelta) -> None:
        self.at += time


def a_person(name: str, role: Role = Role.QA) -> Person:
    return Person(id=f"id-{name}", name=name, shown_as=name, role=role, lang="zh", created_at=AT)


AGENT = a_person("agent", Role.AGENT)
ANNA, BEN, CHEN = a_person("anna"), a_person("ben"), a_person("chen")
LEAD, OTHER_LEAD = a_person("lead", Role.QA_LEAD), a_person("other-lead", Role.QA_LEAD)


def suggested(case_id: str, attempt: Attempt) -> Suggestion:
    """Return the suggestion that came of one attempt."""
    passed = attempt.verdict.passed
    return Suggestion(
        case_id=case_id,
        draft_id=attempt.draft_id,
        status="awaiting_approval" if passed else "rejected",
        text=attempt.text if passed else None,
        source="model",
        attempts=(attempt,),
        triage=Triage(),
        moves=(),
        next_step=NextStep(action="follow_up", date=None),
    )


def keep(
    store: SqlStore,
    draft_id: str,
    text: str = THREAT,
    *,
    at: datetime = AT,
    tier: Tier = Tier.GENERAL,
    model: str = "m1",
    prompt_version: str = "zh@1",
) -> None:
    """Keep a case with one suggested text."""
    case = Case(
        id=f"case-{draft_id}",
        message=DebtorMessage(text=INBOUND, lang="zh"),
        tier=tier,
        jurisdiction="CN",
        facts=FACTS,
        created_at=at,
    )
    verdict = guard_for("CN").check(text, lang="zh", facts=FACTS, inbound=INBOUND)
    attempt = Attempt(text=text, verdict=verdict, model=model, prompt_version=prompt_version, draft_id=draft_id)
    store.add_case(case, Triage())
    store.add_suggestion(
        suggested(case.id, attempt),
        facts=FACTS,
        at=at,
    )


def give_case(store: SqlStore, draft_id: str, to: Person) -> None:
    """Let somebody hold the case of a draft."""
    act = Act(at=AT, actor=to.id, action="case.take", subject=f"case-{draft_id}")
    store.queue.assign(f"case-{draft_id}", act, to=to.id)


def enrol(store: SqlStore, *persons: Person) -> None:
    """Give people an account."""
    with store._engine.begin() as connection:
        connection.execute(insert(people), [one.model_dump() | {"role": one.role.value} for one in persons])


def reviews_of(store: SqlStore, clock: Clock, *, sample: float = 0, double: float = 0) -> Reviews:
    return Reviews(store=store.review, guard=guard_for, clock=clock, sample=sample, double=double)


def drawn_id(purpose: str, share: float, *, drawn: bool = True) -> str:
    """Return an id that is among the share drawn by lot, or not."""
    return next(name for n in range(10_000) if is_drawn(purpose, name := f"draft-{n}", share) is drawn)

"""A debtor of whom everything is kept that the desk can keep, with a mark in every text."""

from __future__ import annotations

import json
from datetime import date, timedelta

from drafter.bootstrap import guard_for
from drafter.desk.casework import Casework
from drafter.desk.privacy import Privacy
from drafter.domain import (
    Act,
    Attempt,
    Case,
    DebtorMessage,
    Evidence,
    HandoverCard,
    Judgement,
    NextStep,
    Promise,
    Suggestion,
    Tier,
    Triage,
    Turn,
)
from drafter.store.personal import PERSONAL
from drafter.store.repository import SqlStore
from drafter.store.requests import Answered
from guardrails import Facts
from tests.approved import approvals_of
from tests.reviewed import AGENT, ANNA, AT, PHRASE, Clock, enrol, reviews_of

MARK = "MARK-7f3a91"
NAME = f"欧阳静{MARK}"
EXTERNAL_ID = f"crm-{MARK}"
INBOUND = f"我是{NAME}，这个月实在周转不开，能不能晚几天？{MARK}"
KIND = f"{NAME}您好，谢谢您告诉我近况，您看什么时候方便聊一聊？"
FALSELY_FOUND = f"{NAME}您好，我们会上门，把{PHRASE}送到您手上，您看方便吗？"
FACTS = Facts(debtor_name=NAME, account_last4="6621", legal_action_note=MARK)
REJECTED, EDITED = "draft-rejected", "draft-edited"


def a_debtor(store: SqlStore, case_id: str = "case-1", *, clock: Clock | None = None) -> Case:
    """Keep a case and all that people did with it; nothing of it is on its way."""
    clock = clock or Clock()
    seen = Evidence(signal="hardship", start=0, end=4, quote=MARK)
    triage = Triage(signals=("hardship",), evidence=(seen,))
    case = Case(
        id=case_id,
        message=DebtorMessage(text=INBOUND, lang="zh"),
        tier=Tier.GENERAL,
        jurisdiction="CN",
        facts=FACTS,
        created_at=clock.now(),
        external_id=f"{EXTERNAL_ID}-{case_id}",
        conversation=(Turn(by="debtor", text=MARK, at=AT),),
        promises=(Promise(quote=MARK),),
    )
    store.add_case(case, triage)
    promised = Promise(quote=MARK, amount="100.00", currency="CNY", due=date(2026, 4, 1))
    card = HandoverCard(signal="illness", title="", means="", law="", say=MARK, to="")
    names = [f"{case_id}-{REJECTED}", f"{case_id}-{EDITED}"]
    tried = tuple(
        Attempt(
            text=text,
            verdict=guard_for("CN").check(text, lang="zh", facts=FACTS, inbound=INBOUND),
            model="m",
            prompt_version="zh@1",
            draft_id=name,
        )
        for name, text in zip(names, (FALSELY_FOUND, KIND), strict=True)
    )
    store.add_suggestion(
        Suggestion(
            case_id=case_id,
            draft_id=names[1],
            status="awaiting_approval",
            text=KIND,
            source="model",
            attempts=tried,
            triage=triage,
            moves=("listens",),
            next_step=NextStep(action="follow_up", date=date(2026, 3, 7)),
            promises=(promised,),
            handover=(card,),
        ),
        facts=FACTS,
        at=clock.now(),
    )
    casework = Casework(store, store.queue, lambda _message: triage, clock)
    casework.take(case_id, by=AGENT.id)
    _be_reviewed(store, names[0], clock)
    approvals = approvals_of(store)
    approvals.edit(names[1], KIND + MARK, version=1, by=AGENT)
    approvals.discard(names[1], reason=MARK, by=AGENT)
    casework.escalate(case_id, reason=MARK, by=AGENT.id)
    store.requests.begin("someone", f"key-{case_id}", request="ab" * 32, at=clock.now())
    answer = json.dumps({"case_id": case_id, "text": MARK})
    store.requests.answer("someone", f"key-{case_id}", Answered(200, answer))
    return case


def _be_reviewed(store: SqlStore, draft_id: str, clock: Clock) -> None:
    """Let a reviewer overturn a draft's verdict and ask for a change of the rule, and an agent object to it."""
    if not {AGENT.id, ANNA.id} <= {person.id for person in store.people.all()}:
        enrol(store, AGENT, ANNA)
    reviews = reviews_of(store, clock)
    overturned = Judgement(
        outcome="overturned", reason="context-missing", scope="phrase-exception", unless=PHRASE, note=MARK
    )
    reviews.rule(draft_id, overturned, by=ANNA)
    reviews.object(draft_id, reason=MARK, by=AGENT)


def privacy_of(store: SqlStore, clock: Clock, *, record_days: int | None = None) -> Privacy:
    return Privacy(
        store=store.privacy,
        tell=store.journal.add,
        people=store.people.all,
        clock=clock,
        record_days=record_days,
    )


def years_later() -> Clock:
    """Return a clock at a moment from which nothing is kept by law any more."""
    clock = Clock()
    clock.pass_by(timedelta(days=4 * 365))
    return clock


def an_erasure(case_id: str) -> Act:
    return Act(at=AT, actor="system", action="case.erase", subject=case_id)


def columns_with_a_mark(store: SqlStore) -> set[str]:
    """Return every column of a row that tells of a debtor in which the mark stands."""
    with store._engine.connect() as connection:
        return {
            f"{one.table.name}.{name}"
            for one in PERSONAL
            for row in connection.execute(one.table.select()).mappings()
            for name, value in row.items()
            if MARK in json.dumps(value, default=str)
        }

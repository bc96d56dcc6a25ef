"""Suggested replies with what people made of them, for the tests of the dashboards."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import update

from drafter.bootstrap import guard_for
from drafter.desk.approval import Approvals
from drafter.domain import (
    Attempt,
    Case,
    DebtorMessage,
    Measured,
    NextStep,
    Person,
    Role,
    Suggestion,
    Tier,
    Triage,
)
from drafter.store.repository import SqlStore
from drafter.store.tables import draft_states
from guardrails import Verdict
from tests.reviewed import AT, FACTS, INBOUND, KIND, THREAT, Clock, a_person

LIN, ZHOU = a_person("lin", Role.AGENT), a_person("zhou", Role.AGENT)


def days(count: int = 1, **asked: object) -> Measured:
    """Return a filter for days of which the first is that of `AT`."""
    begin = AT.replace(hour=0, minute=0)
    return Measured.model_validate({"edges": [begin + timedelta(days=at) for at in range(count + 1)], **asked})


def suggest(
    store: SqlStore,
    name: str,
    *texts: str,
    at: datetime = AT,
    tier: Tier = Tier.GENERAL,
    model: str = "m1",
    prompt_version: str = "zh@1",
) -> str:
    """Keep a case with one suggestion of these attempts, and return the id of the last one's draft.

    An attempt that begins with "house:" is the house's own; an empty one is an answer without a text.
    """
    store.add_case(
        Case(
            id=f"case-{name}",
            message=DebtorMessage(text=INBOUND, lang="zh"),
            tier=tier,
            jurisdiction="CN",
            facts=FACTS,
            created_at=at,
        ),
        Triage(),
    )
    made = tuple(_attempt(f"{name}-{n}", text, model, prompt_version) for n, text in enumerate(texts or (KIND,), 1))
    last = made[-1]
    passed = last.verdict.passed
    suggestion = Suggestion(
        case_id=f"case-{name}",
        draft_id=last.draft_id,
        status="awaiting_approval" if passed else "rejected",
        text=last.text if passed else None,
        source="fallback" if last.model == "house" else "model",
        attempts=made,
        triage=Triage(),
        moves=(),
        next_step=NextStep(action="follow_up", date=None),
    )
    store.add_suggestion(suggestion, facts=FACTS, at=at)
    return last.draft_id or ""


def _attempt(draft_id: str, text: str, model: str, prompt_version: str) -> Attempt:
    by_house = text.startswith("house:")
    text = text.removeprefix("house:")
    verdict = _checked(text) if text else Verdict(verdict="reject", policy="CN@1", failed=("empty-answer",))
    return Attempt(
        text=text,
        verdict=verdict,
        model="house" if by_house else model,
        prompt_version=prompt_version,
        draft_id=draft_id if text else None,
    )


@cache
def _checked(text: str) -> Verdict:
    return guard_for("CN").check(text, lang="zh", facts=FACTS, inbound=INBOUND)


def approve(store: SqlStore, draft_id: str, *, by: Person = LIN, after: int = 60, edited: str = "") -> None:
    """Approve a draft so many seconds after it was made, edited before where another text is given."""
    approvals = at_clock(store, seconds=after, of=draft_id)
    draft = store.drafts.draft(draft_id)
    if edited:
        draft = approvals.edit(draft_id, edited, version=draft.version, by=by)
    approvals.approve(draft_id, version=draft.version, sha256=draft.text_sha256, by=by)


def at_clock(store: SqlStore, *, seconds: int, of: str) -> Approvals:
    clock = Clock()
    clock.at = store.drafts.draft(of).created_at + timedelta(seconds=seconds)
    return Approvals(drafts=store.drafts, case=store.case, guard=guard_for, clock=clock, undo=timedelta(hours=1))


def put_aside(store: SqlStore, draft_id: str) -> None:
    with store._engine.begin() as connection:
        connection.execute(update(draft_states).where(draft_states.c.draft_id == draft_id).values(status="superseded"))


__all__ = ["AT", "KIND", "LIN", "THREAT", "ZHOU", "approve", "at_clock", "days", "put_aside", "suggest"]

"""What a step of a draft leaves behind: the decision, and the journal's entry."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from drafter.domain import Act, Decision, Draft, Person, text_sha256
from guardrails import Facts


def decision_on(
    draft: Draft,
    by: Person,
    outcome: Literal["approved", "withdrawn", "discarded", "escalated"],
    at: datetime,
    *,
    policy: str = "",
    reason: str | None = None,
) -> Decision:
    """Return a person's decision about the text of a draft as it stands."""
    return Decision(
        draft_id=draft.id,
        version=draft.version,
        decided_by=by.id,
        decided_at=at,
        outcome=outcome,
        text_sha256=draft.text_sha256,
        policy=policy,
        reason=reason,
    )


def changed(before: Facts, after: Facts) -> str:
    """Return the names of the facts that differ, as the journal lists them; their values stay out of it."""
    return ", ".join(name for name in Facts.model_fields if getattr(before, name) != getattr(after, name))


def act_on(draft: Draft, by: Person, action: str, at: datetime, *, text: str | None = None, **detail: str | int) -> Act:
    """Return how the journal tells what a person does with a draft; `text` where it becomes another."""
    told = {"text_sha256": text_sha256(draft.text if text is None else text), **detail}
    return Act(at=at, actor=by.id, action=action, subject=draft.id, detail=told)

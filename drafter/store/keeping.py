"""What a suggestion leaves behind: each text of it is a draft."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert

from drafter.domain import AddedFacts, Attempt, Suggestion, text_sha256
from drafter.store.reviewable import enter
from drafter.store.tables import draft_states, drafts
from guardrails import Facts


def keep_drafts(
    connection: Connection,
    suggestion: Suggestion,
    suggestion_id: int,
    *,
    facts: Facts | None,
    added: AddedFacts | None,
    answers: int,
    at: datetime,
) -> None:
    """Keep every text of a suggestion as a draft: the suggested one waits, the others are rejected or superseded."""
    known = None if facts is None else facts.model_dump(mode="json", exclude_unset=True)
    for attempt in suggestion.attempts:
        if attempt.draft_id is None:
            continue
        connection.execute(insert(drafts).values(_first_version(suggestion, attempt, at)))
        connection.execute(
            insert(draft_states).values(
                draft_id=attempt.draft_id,
                case_id=suggestion.case_id,
                suggestion_id=suggestion_id,
                version=1,
                status=_status(suggestion, attempt),
                source="fallback" if attempt.model == "house" else "model",
                facts=known,
                added=kept_added(added),
                message_number=answers,
                created_at=at,
                changed_at=at,
            )
        )
        enter(
            connection,
            attempt.draft_id,
            suggestion.case_id,
            attempt.verdict,
            at=at,
            model=attempt.model,
            prompt_version=attempt.prompt_version,
        )


def kept_added(added: AddedFacts | None) -> dict[str, object] | None:
    """Return what is kept of facts that an agent added; nothing where there are none."""
    return added.model_dump(mode="json", exclude_defaults=True) if added is not None and added.names else None


def _first_version(suggestion: Suggestion, attempt: Attempt, at: datetime) -> dict[str, object]:
    return {
        "id": attempt.draft_id,
        "version": 1,
        "case_id": suggestion.case_id,
        "text": attempt.text,
        "text_sha256": text_sha256(attempt.text),
        "verdict": attempt.verdict.model_dump(mode="json"),
        "created_at": at,
    }


def _status(suggestion: Suggestion, attempt: Attempt) -> str:
    if not attempt.verdict.passed:
        return "rejected"
    return "awaiting_approval" if attempt.draft_id == suggestion.draft_id else "superseded"

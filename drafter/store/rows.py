"""Cases and attempts as rows, and back."""

from __future__ import annotations

from sqlalchemy import RowMapping

from drafter.domain import Attempt, Case, DebtorMessage, Triage
from drafter.store.gone import refuse_erased


def row_of_case(case: Case, triage: Triage) -> dict[str, object]:
    return {
        "id": case.id,
        "external_id": case.external_id,
        "message": case.message.text,
        "lang": case.message.lang,
        "tier": case.tier.value,
        "jurisdiction": case.jurisdiction,
        "facts": case.facts.model_dump(mode="json", exclude_defaults=True),
        "triage": triage.model_dump(mode="json"),
        "created_at": case.created_at,
        "message_at": case.created_at,
        "route": triage.route,
        **case.model_dump(mode="json", include={"conversation", "promises", "time_zone", "channel", "message_number"}),
    }


def case_of(row: RowMapping) -> Case:
    refuse_erased(row["erased_at"])
    message = DebtorMessage(text=row["message"], lang=row["lang"])
    kept = {name: row[name] for name in Case.model_fields if name != "message"}
    return Case.model_validate({**kept, "message": message})


def row_of_attempt(attempt: Attempt, suggestion_id: int, number: int) -> dict[str, object]:
    return {
        "suggestion_id": suggestion_id,
        "number": number,
        "text": attempt.text,
        "passed": attempt.verdict.passed,
        "policy": attempt.verdict.policy,
        "verdict": attempt.verdict.model_dump(mode="json"),
        "model": attempt.model,
        "prompt_version": attempt.prompt_version,
        **attempt.usage.model_dump(),
        "latency_ms": attempt.latency_ms,
        "first_token_ms": attempt.first_token_ms,
        "draft_id": attempt.draft_id,
    }


def attempt_of(row: RowMapping) -> Attempt:
    usage = {name: row[name] for name in ("prompt_tokens", "completion_tokens", "cached_tokens")}
    kept = {name: row[name] for name in Attempt.model_fields if name != "usage"}
    return Attempt.model_validate({**kept, "usage": usage})

"""Cases, suggestions, attempts and drafts, in and out of the tables."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, RowMapping, insert, select, text
from sqlalchemy.exc import SQLAlchemyError

from drafter.domain import Attempt, Case, DebtorMessage, Draft, Suggestion, Triage, text_sha256
from drafter.errors import NotFoundError
from drafter.store.engine import open_engine, reading, writing
from drafter.store.tables import HEAD, attempts, cases, drafts, suggestions


class SqlStore:
    """The store on an SQL database.

    Args:
        engine: an engine of `open_engine`, whose database is at this version's schema.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @classmethod
    def open(cls, url: str) -> SqlStore:
        """Open a database; one that is new or of an older version is first brought to this version's schema.

        Args:
            url: an SQLAlchemy URL.

        Raises:
            SettingsError: the URL cannot be used.
            StorageError: the database cannot be opened or brought up.
        """
        engine = open_engine(url)
        if not _is_current(engine):
            from drafter.store.upgrading import upgrade  # noqa: PLC0415 - Alembic is slow to import and rarely needed

            upgrade(url)
        return cls(engine)

    def close(self) -> None:
        self._engine.dispose()

    def add_case(self, case: Case, triage: Triage) -> Case:
        """Keep a case; the same `external_id` again returns the case already kept.

        Raises:
            StorageError: nothing was written.
        """
        with writing(self._engine) as connection:
            if case.external_id is not None:
                kept = _first(connection, select(cases).where(cases.c.external_id == case.external_id))
                if kept is not None:
                    return _case(kept)
            connection.execute(insert(cases).values(_case_row(case, triage)))
        return case

    def add_suggestion(self, suggestion: Suggestion, *, at: datetime) -> None:
        """Keep a suggestion with all its attempts, and its draft if it has one, in one transaction.

        Raises:
            StorageError: nothing was written.
        """
        row = suggestion.model_dump(mode="json", include={"triage", "moves", "next_step"})
        with writing(self._engine) as connection:
            added = connection.execute(
                insert(suggestions).values(
                    case_id=suggestion.case_id,
                    draft_id=suggestion.draft_id,
                    status=suggestion.status,
                    source=suggestion.source,
                    text=suggestion.text,
                    created_at=at,
                    **row,
                )
            )
            key = added.inserted_primary_key
            if suggestion.attempts and key is not None:
                rows = [_attempt_row(attempt, key[0], number) for number, attempt in enumerate(suggestion.attempts, 1)]
                connection.execute(insert(attempts), rows)
            if suggestion.draft_id is not None and suggestion.chosen is not None:
                connection.execute(
                    insert(drafts).values(
                        id=suggestion.draft_id,
                        version=1,
                        case_id=suggestion.case_id,
                        text=suggestion.chosen.text,
                        text_sha256=text_sha256(suggestion.chosen.text),
                        verdict=suggestion.chosen.verdict.model_dump(mode="json"),
                        created_at=at,
                    )
                )

    def case(self, case_id: str) -> Case:
        """Return a case.

        Raises:
            NotFoundError: there is none of this id.
        """
        with reading(self._engine) as connection:
            row = _first(connection, select(cases).where(cases.c.id == case_id))
        if row is None:
            raise NotFoundError("There is no case {id}; look for it in the list of cases.", id=repr(case_id))
        return _case(row)

    def draft(self, draft_id: str) -> Draft:
        """Return the latest version of a draft.

        Raises:
            NotFoundError: there is none of this id.
        """
        newest = select(drafts).where(drafts.c.id == draft_id).order_by(drafts.c.version.desc())
        with reading(self._engine) as connection:
            row = _first(connection, newest)
        if row is None:
            raise NotFoundError("There is no draft {id}; ask for a new suggestion.", id=repr(draft_id))
        return Draft.model_validate({name: row[name] for name in Draft.model_fields})

    def suggestion_by_external_id(self, external_id: str) -> Suggestion | None:
        """Return the newest suggestion for the case of this external id; None when there is none yet.

        Raises:
            StorageError: the database did not answer.
        """
        newest = (
            select(suggestions)
            .join(cases, cases.c.id == suggestions.c.case_id)
            .where(cases.c.external_id == external_id)
            .order_by(suggestions.c.id.desc())
        )
        with reading(self._engine) as connection:
            row = _first(connection, newest)
            if row is None:
                return None
            tried = select(attempts).where(attempts.c.suggestion_id == row["id"]).order_by(attempts.c.number)
            made = [_attempt(one) for one in connection.execute(tried).mappings()]
        kept = {name: row[name] for name in Suggestion.model_fields if name != "attempts"}
        return Suggestion.model_validate({**kept, "attempts": made})


def _is_current(engine: Engine) -> bool:
    """Tell whether the schema is this version's, without importing Alembic."""
    try:
        with engine.connect() as connection:
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == HEAD
    except SQLAlchemyError:
        return False


def _first(connection: Connection, query: Any) -> RowMapping | None:
    return connection.execute(query.limit(1)).mappings().first()


def _case_row(case: Case, triage: Triage) -> dict[str, object]:
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
    }


def _case(row: RowMapping) -> Case:
    message = DebtorMessage(text=row["message"], lang=row["lang"])
    kept = {name: row[name] for name in Case.model_fields if name != "message"}
    return Case.model_validate({**kept, "message": message})


def _attempt_row(attempt: Attempt, suggestion_id: int, number: int) -> dict[str, object]:
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
    }


def _attempt(row: RowMapping) -> Attempt:
    usage = {name: row[name] for name in ("prompt_tokens", "completion_tokens", "cached_tokens")}
    kept = {name: row[name] for name in Attempt.model_fields if name != "usage"}
    return Attempt.model_validate({**kept, "usage": usage})

"""Cases, suggestions, attempts and drafts, in and out of the tables."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Engine, insert, select, text, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from drafter.domain import (
    SYSTEM,
    Act,
    AddedFacts,
    Attempt,
    Case,
    FollowUp,
    History,
    Settled,
    Suggestion,
    Triage,
)
from drafter.errors import NotFoundError, StorageError
from drafter.store.choices import SqlChoices
from drafter.store.drafts import SqlDrafts
from drafter.store.engine import first, open_engine, reading, writing
from drafter.store.erasing import SqlPrivacy
from drafter.store.following import add_follow_ups, follow_up_of, promise_of
from drafter.store.gone import hold_unerased, no_case
from drafter.store.journal import SqlJournal, append
from drafter.store.keeping import keep_drafts
from drafter.store.measures import SqlMeasures
from drafter.store.people import SqlPeople
from drafter.store.proposals import SqlProposals
from drafter.store.queue import SqlQueue
from drafter.store.requests import SqlRequests
from drafter.store.review import SqlReviews
from drafter.store.rows import attempt_of, case_of, row_of_attempt, row_of_case
from drafter.store.tables import HEAD, attempts, cases, follow_ups, suggestions
from drafter.store.undelivered import SqlUndelivered
from guardrails import Facts


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
            engine.dispose()
            from drafter.store.upgrading import upgrade  # noqa: PLC0415 - Alembic is slow to import and rarely needed

            upgrade(url)
        return cls(engine)

    def close(self) -> None:
        self._engine.dispose()

    @property
    def drafts(self) -> SqlDrafts:
        return SqlDrafts(self._engine)

    @property
    def queue(self) -> SqlQueue:
        return SqlQueue(self._engine)

    @property
    def requests(self) -> SqlRequests:
        return SqlRequests(self._engine)

    @property
    def review(self) -> SqlReviews:
        return SqlReviews(self._engine)

    @property
    def proposals(self) -> SqlProposals:
        return SqlProposals(self._engine)

    @property
    def measures(self) -> SqlMeasures:
        return SqlMeasures(self._engine)

    @property
    def people(self) -> SqlPeople:
        return SqlPeople(self._engine)

    @property
    def undelivered(self) -> SqlUndelivered:
        return SqlUndelivered(self._engine)

    @property
    def choices(self) -> SqlChoices:
        return SqlChoices(self._engine)

    @property
    def journal(self) -> SqlJournal:
        return SqlJournal(self._engine)

    @property
    def privacy(self) -> SqlPrivacy:
        return SqlPrivacy(self._engine)

    def add_case(self, case: Case, triage: Triage) -> Case:
        """Keep a case; the same id or `external_id` again returns the case already kept.

        Raises:
            StorageError: nothing was written.
        """
        try:
            return self._kept_or_added(case, triage)
        except StorageError as error:
            # Where the database has several writers, another one may keep it in between.
            if not isinstance(error.__cause__, IntegrityError):
                raise
        return self._kept_or_added(case, triage)

    def add_suggestion(
        self,
        suggestion: Suggestion,
        *,
        facts: Facts | None = None,
        added: AddedFacts | None = None,
        answers: int = 1,
        at: datetime,
        by: str = SYSTEM,
    ) -> None:
        """Keep a suggestion with all its attempts, each text of which is a draft, in one transaction.

        Raises:
            StorageError: nothing was written.
        """
        row = suggestion.model_dump(mode="json", include={"triage", "moves", "next_step", "promises", "handover"})
        with writing(self._engine) as connection:
            hold_unerased(connection, suggestion.case_id)
            inserted = connection.execute(
                insert(suggestions).values(
                    case_id=suggestion.case_id,
                    draft_id=suggestion.draft_id,
                    status=suggestion.status,
                    source=suggestion.source,
                    text=suggestion.text,
                    may_go_out_at=suggestion.may_go_out_at,
                    created_at=at,
                    **row,
                )
            )
            key = inserted.inserted_primary_key
            if suggestion.attempts and key is not None:
                rows = [
                    row_of_attempt(attempt, key[0], number) for number, attempt in enumerate(suggestion.attempts, 1)
                ]
                connection.execute(insert(attempts), rows)
                keep_drafts(connection, suggestion, key[0], facts=facts, added=added, answers=answers, at=at)
            add_follow_ups(connection, suggestion, at)
            append(connection, _told(suggestion, added, at, by))

    def _kept_or_added(self, case: Case, triage: Triage) -> Case:
        same = cases.c.id == case.id
        if case.external_id is not None:
            same |= cases.c.external_id == case.external_id
        with writing(self._engine) as connection:
            kept = first(connection, select(cases).where(same))
            if kept is not None:
                return case_of(kept)
            connection.execute(insert(cases).values(row_of_case(case, triage)))
        return case

    def history(self, case_id: str) -> History:
        """Return what was suggested and promised in a case before.

        Raises:
            StorageError: the database did not answer.
        """
        said = select(suggestions.c.text).where(suggestions.c.case_id == case_id).order_by(suggestions.c.id)
        promised = select(follow_ups).where(follow_ups.c.case_id == case_id, follow_ups.c.kind == "promise")
        with reading(self._engine) as connection:
            texts = tuple(text for (text,) in connection.execute(said) if text is not None)
            rows = connection.execute(promised.order_by(follow_ups.c.id)).mappings().all()
        return History(texts=texts, promises=tuple(promise_of(row) for row in rows))

    def follow_ups(self, *, until: date | None = None, case_id: str | None = None) -> list[FollowUp]:
        """Return what is still to be done, the soonest first and what has no day last.

        Raises:
            StorageError: the database did not answer.
        """
        erased = select(cases.c.id).where(cases.c.erased_at.is_not(None))
        query = select(follow_ups).where(follow_ups.c.status == "open", follow_ups.c.case_id.not_in(erased))
        if until is not None:
            query = query.where(follow_ups.c.due <= until)
        if case_id is not None:
            query = query.where(follow_ups.c.case_id == case_id)
        query = query.order_by(follow_ups.c.due.is_(None), follow_ups.c.due, follow_ups.c.id)
        with reading(self._engine) as connection:
            return [follow_up_of(row) for row in connection.execute(query).mappings()]

    def settle_follow_up(self, follow_up_id: int, status: Settled) -> FollowUp:
        """Note what became of a follow-up.

        Raises:
            NotFoundError: there is none of this id.
            StorageError: nothing was written.
        """
        with writing(self._engine) as connection:
            connection.execute(update(follow_ups).where(follow_ups.c.id == follow_up_id).values(status=status))
            row = first(connection, select(follow_ups).where(follow_ups.c.id == follow_up_id))
        if row is None:
            raise NotFoundError("There is no follow-up {id}; look for it in the list of follow-ups.", id=follow_up_id)
        return follow_up_of(row)

    def case(self, case_id: str) -> Case:
        """Return a case.

        Raises:
            NotFoundError: there is none of this id.
        """
        with reading(self._engine) as connection:
            row = first(connection, select(cases).where(cases.c.id == case_id))
        if row is None:
            raise no_case(case_id)
        return case_of(row)

    def attempt_of(self, draft_id: str) -> Attempt | None:
        """Return the attempt that a draft was first kept from; None for a draft that a person wrote.

        Raises:
            StorageError: the database did not answer.
        """
        with reading(self._engine) as connection:
            row = first(connection, select(attempts).where(attempts.c.draft_id == draft_id))
        return None if row is None else attempt_of(row)

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
            row = first(connection, newest)
            if row is None:
                return None
            tried = select(attempts).where(attempts.c.suggestion_id == row["id"]).order_by(attempts.c.number)
            made = [attempt_of(one) for one in connection.execute(tried).mappings()]
        kept = {name: row[name] for name in Suggestion.model_fields if name != "attempts"}
        return Suggestion.model_validate({**kept, "attempts": made})


def _told(suggestion: Suggestion, added: AddedFacts | None, at: datetime, by: str) -> Act:
    last = suggestion.attempts[-1] if suggestion.attempts else None
    detail = {
        "status": suggestion.status,
        "draft": suggestion.draft_id,
        "attempts": len(suggestion.attempts),
        "model": last.model if last else None,
        "prompt": last.prompt_version if last else None,
    }
    if added is not None and added.names:
        detail["added"] = ", ".join(added.names)
    return Act(at=at, actor=by, action="case.suggest", subject=suggestion.case_id, detail=detail)


def _is_current(engine: Engine) -> bool:
    """Tell whether the schema is this version's, without importing Alembic."""
    try:
        with engine.connect() as connection:
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == HEAD
    except SQLAlchemyError:
        return False

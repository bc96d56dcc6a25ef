"""The review of drafts: the queue, who has what, rulings and appeals, in and out of the tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import Connection, Engine, RowMapping, Select, func, insert, not_, select, update

from drafter.domain import (
    PENDING,
    Act,
    Appeal,
    ReviewCounts,
    ReviewerProgress,
    ReviewFilter,
    ReviewItem,
    ReviewPage,
    ReviewProgress,
    ReviewStep,
    ReviewText,
    Ruling,
)
from drafter.errors import ConflictError, NotFoundError
from drafter.store.engine import reading, writing
from drafter.store.journal import append
from drafter.store.proposals import add_proposal, withdraw_proposals
from drafter.store.review_queue import concerns, conditions, count, cursor_after, in_queue, items_of, one_of, queue
from drafter.store.review_tables import appeals, review_items, rulings
from drafter.store.review_texts import texts

PAGE = 50
_STAGES = ("first", "second", "appeal", "final")


class SqlReviews:
    """The review on an SQL database.

    Args:
        engine: an engine of `open_engine`, whose database is at this version's schema.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def page(self, wanted: ReviewFilter, *, sample: float, cursor: str | None = None, most: int = PAGE) -> ReviewPage:
        """Return drafts to review, the newest first.

        Args:
            wanted: which.
            sample: the share of passed drafts that is reviewed, 0 to 1.
            cursor: the `next` of the page before.
            most: how many.

        Raises:
            InputError: the cursor is none.
            StorageError: the database did not answer.
        """
        query = queue(wanted, sample=sample, cursor=cursor).limit(most + 1)
        with reading(self._engine) as connection:
            items = items_of(connection, connection.execute(query).mappings().all())
        return ReviewPage(items=items[:most], next=cursor_after(items[most - 1]) if len(items) > most else None)

    def counts(self, person_id: str, *, sample: float) -> ReviewCounts:
        """Return how many drafts are where.

        Raises:
            StorageError: the database did not answer.
        """
        pending = review_items.c.status.in_(PENDING)
        query = select(
            count(pending & (review_items.c.assignee == person_id)).label("mine"),
            func.count().label("all"),
            count(review_items.c.status == "appealed").label("appealed"),
            count(review_items.c.status == "disputed").label("disputed"),
            count(review_items.c.outcome == "overturned").label("overturned"),
            count(pending & review_items.c.assignee.is_(None)).label("unassigned"),
        ).where(in_queue(sample))
        with reading(self._engine) as connection:
            row = connection.execute(query).mappings().one()
        return ReviewCounts.model_validate(dict(row))

    def item(self, draft_id: str) -> ReviewItem:
        """Return a draft as the queue shows it, whether it was drawn for the sample or not.

        Raises:
            NotFoundError: there is none of this id.
            StorageError: the database did not answer.
        """
        with reading(self._engine) as connection:
            return _item(connection, draft_id)

    def text(self, draft_id: str, version: int) -> ReviewText:
        """Return a version of a draft with what it is judged by.

        Raises:
            NotFoundError: there is none.
            StorageError: the database did not answer.
        """
        with reading(self._engine) as connection:
            found = next(texts(connection, draft_id=draft_id, version=version), None)
        if found is None:
            raise NotFoundError("There is no draft {id}; ask for a new suggestion.", id=repr(draft_id))
        return found

    def rulings(self, draft_id: str) -> tuple[Ruling, ...]:
        """Return every ruling on a draft in the order of the stages, those that are still blind among them.

        Raises:
            StorageError: the database did not answer.
        """
        with reading(self._engine) as connection:
            rows = connection.execute(select(rulings).where(rulings.c.draft_id == draft_id)).mappings().all()
        return tuple(sorted(map(_ruling, rows), key=lambda ruling: _STAGES.index(ruling.stage)))

    def appeal(self, draft_id: str) -> Appeal | None:
        """Return the appeal against a ruling; None where there is none.

        Raises:
            StorageError: the database did not answer.
        """
        with reading(self._engine) as connection:
            row = connection.execute(select(appeals).where(appeals.c.draft_id == draft_id)).mappings().first()
        return None if row is None else Appeal.model_validate(dict(row))

    def take(self, step: ReviewStep) -> ReviewItem:
        """Take a review a step further, with everything that belongs to the step, or leave all as it is.

        Raises:
            ConflictError: it is no longer as the step has seen it.
            StorageError: nothing was written.
        """
        after = step.after
        with writing(self._engine) as connection:
            changed = connection.execute(
                update(review_items)
                .where(
                    review_items.c.draft_id == step.before.draft_id,
                    review_items.c.revision == step.before.revision,
                )
                .values(
                    status=after.status,
                    outcome=after.outcome,
                    ruled_at=after.ruled_at,
                    assignee=after.assignee,
                    revision=step.before.revision + 1,
                )
            )
            if changed.rowcount != 1:
                raise ConflictError("The review has changed since you read it; nothing was done. Read it again.")
            if step.ruling is not None:
                connection.execute(insert(rulings).values(step.ruling.model_dump(mode="json") | {"at": step.ruling.at}))
            if step.appeal is not None:
                connection.execute(insert(appeals).values(dict(step.appeal)))
            if step.withdraws:
                withdraw_proposals(connection, step.before.draft_id, step.act)
            if step.proposal is not None:
                add_proposal(connection, step.proposal, step.act)
            append(connection, step.act)
            return _item(connection, step.before.draft_id)

    def assign(self, wanted: ReviewFilter, to: str, act: Act, *, sample: float, most: int) -> tuple[str, ...]:
        """Give drafts that nobody has to a reviewer, the oldest first; return their ids.

        What the reviewer edited, decided or has ruled on already is left to others.

        Args:
            wanted: which.
            to: the reviewer's id.
            act: how the journal tells it of each.
            sample: the share of passed drafts that is reviewed.
            most: how many at most.

        Raises:
            StorageError: nothing was written.
        """
        nobody = review_items.c.assignee.is_(None) & review_items.c.status.in_(PENDING)
        ruled = select(rulings.c.draft_id).where(rulings.c.by == to)
        query = (
            select(review_items.c.draft_id)
            .where(in_queue(sample), *conditions(wanted), nobody, not_(concerns(to)))
            .where(review_items.c.draft_id.not_in(ruled))
            .order_by(review_items.c.created_at, review_items.c.draft_id)
            .limit(most)
        )
        return self._hand(query, to, act)

    def recall(self, wanted: ReviewFilter, act: Act, *, sample: float) -> tuple[str, ...]:
        """Take drafts back from those who have not ruled on them yet (批量回收); return their ids.

        Raises:
            StorageError: nothing was written.
        """
        held = review_items.c.assignee.is_not(None) & review_items.c.status.in_(PENDING)
        query = select(review_items.c.draft_id).where(in_queue(sample), *conditions(wanted), held)
        return self._hand(query.order_by(review_items.c.created_at, review_items.c.draft_id), None, act)

    def progress(self, *, sample: float) -> ReviewProgress:
        """Return how far each reviewer is, and all together.

        Raises:
            StorageError: the database did not answer.
        """
        settled = review_items.c.status.in_(("ruled", "final"))
        whole = select(count(settled).label("done"), func.count().label("total")).where(in_queue(sample))
        did = select(rulings.c.by, func.count().label("done")).group_by(rulings.c.by)
        has = (
            select(review_items.c.assignee, func.count().label("waiting"))
            .where(review_items.c.assignee.is_not(None), review_items.c.status.in_(PENDING))
            .group_by(review_items.c.assignee)
        )
        with reading(self._engine) as connection:
            done, total = connection.execute(whole).one()
            ruled = {row.by: row.done for row in connection.execute(did)}
            waiting = {row.assignee: row.waiting for row in connection.execute(has)}
        people = tuple(
            ReviewerProgress(person=one, done=ruled.get(one, 0), total=ruled.get(one, 0) + waiting.get(one, 0))
            for one in sorted(ruled | waiting)
        )
        return ReviewProgress(done=done, total=total, reviewers=people)

    def doubles(self) -> list[tuple[Ruling, Ruling]]:
        """Return the two blind rulings of every draft that was reviewed twice.

        Raises:
            StorageError: the database did not answer.
        """
        twice = select(rulings.c.draft_id).where(rulings.c.stage == "second")
        query = select(rulings).where(rulings.c.draft_id.in_(twice), rulings.c.stage.in_(("first", "second")))
        found: dict[str, dict[str, Ruling]] = defaultdict(dict)
        with reading(self._engine) as connection:
            for row in connection.execute(query.order_by(rulings.c.draft_id)).mappings():
                found[row["draft_id"]][row["stage"]] = _ruling(row)
        return [(one["first"], one["second"]) for one in found.values()]

    def standing(self) -> Iterator[tuple[Ruling, ReviewText]]:
        """Yield the ruling that stands of every overturned or missed draft with its text, the oldest first.

        Raises:
            StorageError: the database did not answer.
        """
        query = (
            select(review_items.c.draft_id, review_items.c.version, review_items.c.outcome)
            .where(review_items.c.status.in_(("ruled", "final")), review_items.c.outcome.in_(("overturned", "missed")))
            .order_by(review_items.c.created_at, review_items.c.draft_id)
        )
        with reading(self._engine) as connection:
            rows = connection.execute(query).all()
        for row in rows:
            ruled = [ruling for ruling in self.rulings(row.draft_id) if ruling.outcome == row.outcome]
            yield ruled[-1], self.text(row.draft_id, row.version)

    def _hand(self, query: Select[str], to: str | None, act: Act) -> tuple[str, ...]:
        with writing(self._engine) as connection:
            ids = tuple(connection.execute(query.with_for_update()).scalars())
            for draft_id in ids:
                connection.execute(
                    update(review_items)
                    .where(review_items.c.draft_id == draft_id)
                    .values(assignee=to, revision=review_items.c.revision + 1)
                )
                append(connection, act.model_copy(update={"subject": draft_id}))
        return ids


def _item(connection: Connection, draft_id: str) -> ReviewItem:
    found = items_of(connection, connection.execute(one_of(draft_id)).mappings().all())
    if not found:
        raise NotFoundError("There is no draft {id}; ask for a new suggestion.", id=repr(draft_id))
    return found[0]


def _ruling(row: RowMapping) -> Ruling:
    return Ruling.model_validate(dict(row))

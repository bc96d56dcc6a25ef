"""The review of drafts: the queue, who has what, rulings and appeals, in and out of the tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, Engine, Select, and_, func, insert, select, true, update

from drafter.domain import (
    PENDING,
    Act,
    Appeal,
    ReviewChoices,
    ReviewCounts,
    ReviewerProgress,
    ReviewFilter,
    ReviewItem,
    ReviewPage,
    ReviewProgress,
    ReviewStep,
    ReviewText,
    Ruling,
    review_tabs,
)
from drafter.errors import ConflictError
from drafter.store.cursors import cursor_after
from drafter.store.engine import reading, writing
from drafter.store.gone import no_draft
from drafter.store.journal import append
from drafter.store.proposals import add_proposal, withdraw_proposals
from drafter.store.review_queue import (
    beside,
    conditions,
    count,
    free_for,
    hands,
    in_queue,
    items_of,
    one_of,
    queue,
)
from drafter.store.review_tables import appeals, review_items, rulings
from drafter.store.review_texts import texts
from drafter.store.rulings import add_ruling, ruling_of_row, rulings_on, take_back

PAGE = 50
_BATCH = 500


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
        last = items[most - 1] if len(items) > most else None
        return ReviewPage(items=items[:most], next=cursor_after(last.created_at, last.draft_id) if last else None)

    def counts(self, person_id: str, *, sample: float, wanted: ReviewFilter) -> ReviewCounts:
        """Return how many of the wanted drafts are under each tab.

        Raises:
            StorageError: the database did not answer.
        """
        query = select(
            *(count(and_(true(), *conditions(tab))).label(name) for name, tab in review_tabs(person_id).items())
        ).where(in_queue(sample), *conditions(wanted))
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
            raise no_draft(draft_id)
        return found

    def texts(self, draft_ids: Sequence[str]) -> dict[str, ReviewText]:
        """Return the reviewed version of each draft.

        Raises:
            StorageError: the database did not answer.
        """
        with reading(self._engine) as connection:
            return {one.draft_id: one for one in texts(connection, reviewed_of=draft_ids)}

    def choices(self, *, sample: float) -> ReviewChoices:
        """Return what the queue can be filtered by.

        Raises:
            StorageError: the database did not answer.
        """
        models = select(review_items.c.model).where(in_queue(sample), review_items.c.model != "").distinct()
        prompts = select(review_items.c.prompt_version).where(in_queue(sample), review_items.c.prompt_version != "")
        with reading(self._engine) as connection:
            return ReviewChoices(
                models=tuple(sorted(connection.execute(models).scalars())),
                prompt_versions=tuple(sorted(connection.execute(prompts.distinct()).scalars())),
                agents=tuple(sorted(connection.execute(hands()).scalars())),
            )

    def beside(self, wanted: ReviewFilter, item: ReviewItem, *, sample: float) -> tuple[str | None, str | None]:
        """Return the drafts before and behind one in the order of the queue.

        Raises:
            StorageError: the database did not answer.
        """
        with reading(self._engine) as connection:
            newer, older = (
                connection.execute(beside(wanted, item, sample=sample, newer=newer)).scalar() for newer in (True, False)
            )
        return newer, older

    def rulings(self, draft_id: str) -> tuple[Ruling, ...]:
        """Return every ruling on a draft in the order of the stages, those that are still blind among them.

        Raises:
            StorageError: the database did not answer.
        """
        with reading(self._engine) as connection:
            return rulings_on(connection, [draft_id])[draft_id]

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
                    escalated_by=after.escalated_by,
                    escalated_because=after.escalated_because,
                    revision=step.before.revision + 1,
                )
            )
            if changed.rowcount != 1:
                raise ConflictError("The review has changed since you read it; nothing was done. Read it again.")
            if step.undoes is not None:
                take_back(connection, step.undoes, step.act)
            if step.ruling is not None:
                add_ruling(connection, step.ruling)
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
        query = (
            select(review_items.c.draft_id)
            .where(in_queue(sample), *conditions(wanted), nobody, *free_for(to))
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
                found[row["draft_id"]][row["stage"]] = ruling_of_row(row)
        return [(one["first"], one["second"]) for one in found.values()]

    def standing(self) -> Iterator[tuple[Ruling, ReviewText]]:
        """Yield the ruling that stands of every overturned or missed draft with its text, the oldest first.

        Raises:
            StorageError: the database did not answer.
        """
        query = (
            select(review_items.c.draft_id, review_items.c.outcome)
            .where(review_items.c.status.in_(("ruled", "final")), review_items.c.outcome.in_(("overturned", "missed")))
            .where(review_items.c.erased.is_(False))
            .order_by(review_items.c.created_at, review_items.c.draft_id)
        )
        with reading(self._engine) as connection:
            outcomes = {row.draft_id: row.outcome for row in connection.execute(query)}
        every = list(outcomes)
        for ids in (every[start : start + _BATCH] for start in range(0, len(every), _BATCH)):
            with reading(self._engine) as connection:
                known = {one.draft_id: one for one in texts(connection, reviewed_of=ids)}
                said = rulings_on(connection, ids)
            for draft_id in ids:
                yield [one for one in said[draft_id] if one.outcome == outcomes[draft_id]][-1], known[draft_id]

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
        raise no_draft(draft_id)
    return found[0]

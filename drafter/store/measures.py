"""What the dashboards count: aggregated by the database, never with a text but where texts are compared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Engine,
    Select,
    String,
    and_,
    case,
    cast,
    extract,
    func,
    literal,
    or_,
    select,
)

from drafter.domain import (
    HOUSE,
    Choices,
    Edited,
    Judged,
    Measured,
    Offered,
    RejectedBy,
    Said,
    Waited,
    Written,
)
from drafter.store.engine import reading
from drafter.store.review_queue import count
from drafter.store.review_tables import review_items, rulings
from drafter.store.tables import attempts, cases, decisions, draft_states, drafts, suggestions
from guardrails.model import Severity

_STAGES: Final = ("first", "second", "appeal", "final")
_newest = decisions.alias("newest")
_SPLITS: Final[dict[str, ColumnElement[str]]] = {
    "tier": cases.c.tier,
    "model": attempts.c.model,
    "prompt_version": attempts.c.prompt_version,
    "agent": _newest.c.decided_by,
}
_REVIEW_SPLITS: Final[dict[str, ColumnElement[str]]] = {
    **_SPLITS,
    **{name: review_items.c[name] for name in ("tier", "model", "prompt_version")},
}


class SqlMeasures:
    """The counts on an SQL database.

    Args:
        engine: an engine of `open_engine`, whose database is at this version's schema.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def written(self, wanted: Measured) -> list[Written]:
        """Return how many texts of models were rejected; the house's own are none of a model.

        Raises:
            StorageError: the database did not answer.
        """
        each = _tried(wanted, attempts.c.number, attempts.c.passed).subquery()
        first = each.c.number == 1
        query = select(
            each.c.step,
            each.c.grp,
            count(first).label("first"),
            count(first & ~each.c.passed).label("first_rejected"),
            func.count().label("attempts"),
            count(~each.c.passed).label("attempts_rejected"),
        ).group_by(each.c.step, each.c.grp)
        with reading(self._engine) as connection:
            return [Written(*row) for row in connection.execute(query)]

    def rejected_by(self, wanted: Measured) -> list[RejectedBy]:
        """Return how many texts of models each rule rejected, all groups together.

        Raises:
            StorageError: the database did not answer.
        """
        with reading(self._engine) as connection:
            found, rule, severity = _findings(connection)
            each = (
                _tried(wanted, attempts.c.suggestion_id, attempts.c.number, func.coalesce(rule, "").label("rule"))
                .outerjoin(found, severity == Severity.BLOCK.value)
                .where(~attempts.c.passed)
                .distinct()
                .subquery()
            )
            query = select(
                each.c.step, each.c.rule, count(each.c.number == 1).label("first"), func.count().label("attempts")
            ).group_by(each.c.step, each.c.rule)
            return [RejectedBy(*row) for row in connection.execute(query)]

    def offered(self, wanted: Measured) -> list[Offered]:
        """Return what became of the texts that were suggested.

        Raises:
            StorageError: the database did not answer.
        """
        told = _newest.c.outcome, draft_states.c.status, case((_as_offered(), 1), else_=0).label("same")
        each = (
            _suggested(wanted, *told).join(draft_states, draft_states.c.draft_id == suggestions.c.draft_id).subquery()
        )
        outcome, same = func.coalesce(each.c.outcome, ""), each.c.same == 1
        decided = outcome.in_(("approved", "discarded", "escalated"))
        aside = ~decided & (each.c.status == "superseded")
        query = select(
            each.c.step,
            each.c.grp,
            count((outcome == "approved") & same).label("unedited"),
            count((outcome == "approved") & ~same).label("edited"),
            count(outcome == "discarded").label("discarded"),
            count(outcome == "escalated").label("escalated"),
            count(aside).label("superseded"),
            count(~decided & ~aside).label("waiting"),
        ).group_by(each.c.step, each.c.grp)
        with reading(self._engine) as connection:
            return [Offered(*row) for row in connection.execute(query)]

    def waited(self, wanted: Measured) -> list[Waited]:
        """Return how many suggested texts waited how many whole seconds for the approval that stands.

        Raises:
            StorageError: the database did not answer.
        """
        since, done = (
            cast(extract("epoch", column), BigInteger) for column in (suggestions.c.created_at, _newest.c.decided_at)
        )
        each = _suggested(wanted, (done - since).label("seconds")).where(_newest.c.outcome == "approved").subquery()
        same = each.c.step, each.c.grp, each.c.seconds
        with reading(self._engine) as connection:
            return [Waited(*row) for row in connection.execute(select(*same, func.count()).group_by(*same))]

    def edited(self, wanted: Measured, *, most: int) -> list[Edited]:
        """Return suggested texts that were edited before their approval; where there are more, some drawn by lot.

        Args:
            wanted: which.
            most: how many at most.

        Raises:
            StorageError: the database did not answer.
        """
        before, after = drafts.alias("before"), drafts.alias("after")
        query = (
            _suggested(wanted, before.c.text, after.c.text)
            .join(before, and_(before.c.id == suggestions.c.draft_id, before.c.version == 1))
            .join(after, and_(after.c.id == suggestions.c.draft_id, after.c.version == _newest.c.version))
            .join(review_items, review_items.c.draft_id == suggestions.c.draft_id)
            .where(_newest.c.outcome == "approved", after.c.text_sha256 != before.c.text_sha256)
            # An erased text is empty, and says nothing of how far it was edited.
            .where(before.c.text != "")
            .order_by(review_items.c.lot, suggestions.c.draft_id)
            .limit(most)
        )
        with reading(self._engine) as connection:
            return [Edited(*row) for row in connection.execute(query)]

    def judged(self, wanted: Measured) -> list[Judged]:
        """Return what reviewers ruled; nothing of a draft on which a second, blind ruling is awaited.

        Raises:
            StorageError: the database did not answer.
        """
        step, group = _step(review_items.c.created_at, wanted), _group(wanted, _REVIEW_SPLITS)
        query = select(step, group, review_items.c.rejected, review_items.c.outcome.label("stands"))
        query = query.add_columns(rulings.c.draft_id, rulings.c.stage, rulings.c.outcome, rulings.c.findings)
        query = query.join_from(review_items, rulings, rulings.c.draft_id == review_items.c.draft_id)
        if _uses(wanted, "agent"):
            asked = func.coalesce(suggestions.c.draft_id, review_items.c.draft_id)
            query = (
                query.join(draft_states, draft_states.c.draft_id == review_items.c.draft_id)
                .outerjoin(suggestions, suggestions.c.id == draft_states.c.suggestion_id)
                .outerjoin(_newest, _is_newest_about(asked))
            )
        query = query.where(
            review_items.c.status.not_in(("open", "second-review")),
            *_within(review_items.c.created_at, wanted),
            *_only(wanted, _REVIEW_SPLITS),
        )
        found: dict[str, list[Any]] = defaultdict(list)
        with reading(self._engine) as connection:
            for row in connection.execute(query).mappings():
                found[row["draft_id"]].append(row)
        return [_judged(rows) for rows in found.values()]

    def choices(self, since: datetime, until: datetime) -> Choices:
        """Return which models, prompts and agents there are in a time.

        Raises:
            StorageError: the database did not answer.
        """
        made = select(review_items.c.model, review_items.c.prompt_version).distinct()
        made = made.where(review_items.c.created_at >= since, review_items.c.created_at < until)
        decided = select(decisions.c.decided_by).where(decisions.c.decided_at >= since).distinct()
        with reading(self._engine) as connection:
            pairs = connection.execute(made).all()
            agents = connection.execute(decided).scalars().all()
        return Choices(
            models=tuple(sorted({pair.model for pair in pairs} - {""})),
            prompt_versions=tuple(sorted({pair.prompt_version for pair in pairs} - {""})),
            agents=tuple(sorted(agents)),
        )


def _tried(wanted: Measured, *columns: Any) -> Select[Any]:
    """Return the query for the texts of models, one row each."""
    query = (
        select(_step(suggestions.c.created_at, wanted), _group(wanted, _SPLITS), *columns)
        .select_from(suggestions)
        .join(attempts, attempts.c.suggestion_id == suggestions.c.id)
    )
    return _narrowed(query, wanted, needed=False).where(attempts.c.model != HOUSE)


def _suggested(wanted: Measured, *columns: Any) -> Select[Any]:
    """Return the query for the texts that were suggested, one row each, with the newest decision about each."""
    mine = and_(attempts.c.suggestion_id == suggestions.c.id, attempts.c.draft_id == suggestions.c.draft_id)
    query = select(_step(suggestions.c.created_at, wanted), _group(wanted, _SPLITS), *columns).select_from(suggestions)
    if _uses(wanted, "model") or _uses(wanted, "prompt_version"):
        query = query.join(attempts, mine)
    return _narrowed(query, wanted, needed=True).where(suggestions.c.status == "awaiting_approval")


def _narrowed(query: Select[Any], wanted: Measured, *, needed: bool) -> Select[Any]:
    """Join what the filter asks for, and no more: each table costs a look-up a row."""
    if _uses(wanted, "tier"):
        query = query.join(cases, cases.c.id == suggestions.c.case_id)
    if needed or _uses(wanted, "agent"):
        query = query.outerjoin(_newest, _is_newest_about(suggestions.c.draft_id))
    return query.where(*_within(suggestions.c.created_at, wanted), *_only(wanted, _SPLITS))


def _is_newest_about(draft_id: Any) -> Any:
    """Return the condition for being the newest decision about a draft, which both databases look up by its index."""
    any_of_them = decisions.alias("any_of_them")
    last = select(func.max(any_of_them.c.id)).where(any_of_them.c.draft_id == draft_id)
    return _newest.c.id == last.scalar_subquery()


def _as_offered() -> Any:
    """Return the condition for what was approved being what was offered, also where an edit was taken back."""
    same = select(drafts.c.id).where(
        drafts.c.id == _newest.c.draft_id, drafts.c.version == 1, drafts.c.text_sha256 == _newest.c.text_sha256
    )
    return or_(_newest.c.version == 1, same.exists())


def _step(at: Any, wanted: Measured) -> Any:
    """Return the number of the step in which a moment lies, found by halving: a row costs few comparisons."""

    def between(low: int, high: int) -> Any:
        if high - low == 1:
            return literal(low)
        middle = (low + high) // 2
        return case((at < wanted.edges[middle], between(low, middle)), else_=between(middle, high))

    return between(0, wanted.steps).label("step")


def _group(wanted: Measured, columns: dict[str, Any]) -> Any:
    told = literal("", String) if wanted.split is None else func.coalesce(columns[wanted.split], "")
    return told.label("grp")


def _uses(wanted: Measured, name: str) -> bool:
    return wanted.split == name or getattr(wanted, name) is not None


def _within(at: Any, wanted: Measured) -> tuple[Any, ...]:
    return at >= wanted.edges[0], at < wanted.edges[-1]


def _only(wanted: Measured, columns: dict[str, Any]) -> list[Any]:
    asked = {name: getattr(wanted, name) for name in columns}
    return [columns[name] == value for name, value in asked.items() if value is not None]


def _findings(connection: Connection) -> tuple[Any, Any, Any]:
    """Return the findings of an attempt as rows of their own, with rule and severity of each."""
    if connection.dialect.name == "postgresql":
        each = func.json_array_elements(attempts.c.verdict["findings"]).table_valued("value").render_derived()
        found = each.lateral("found")
        return found, found.c.value.op("->>")("rule"), found.c.value.op("->>")("severity")
    found = func.json_each(attempts.c.verdict, "$.findings").table_valued("value", name="found")
    told = [cast(func.json_extract(found.c.value, f"$.{name}"), String) for name in ("rule", "severity")]
    return found, told[0], told[1]


def _judged(rows: Sequence[Any]) -> Judged:
    rows = sorted(rows, key=lambda row: _STAGES.index(row["stage"]))
    draft = rows[0]
    return Judged(
        step=draft["step"],
        group=draft["grp"],
        rejected=draft["rejected"],
        outcome=draft["stands"],
        rulings=tuple(
            Said(row["stage"], row["outcome"], tuple((one["rule"], one["ruling"]) for one in row["findings"]))
            for row in rows
        ),
    )

"""Which drafts stand in the reviewers' queue, and in which order they are told."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, case, func, not_, or_, select, union

from drafter.domain import LOTS, PENDING, ReviewFilter, ReviewItem
from drafter.store.cursors import read_cursor
from drafter.store.gone import refuse_erased
from drafter.store.review_tables import review_items, review_rules, rulings
from drafter.store.tables import cases, decisions, drafts
from guardrails.model import Severity


def in_queue(sample: float) -> Any:
    """Return the condition for being reviewed; what was begun stays, also where the sample has become smaller."""
    drawn = review_items.c.lot < round(sample * LOTS)
    reviewed = or_(review_items.c.rejected, drawn, review_items.c.status != "open")
    return and_(review_items.c.erased.is_(False), reviewed)


def hands() -> Any:
    """Return the query for everybody who edited a draft or decided about one."""
    return union(
        select(drafts.c.edited_by).where(drafts.c.edited_by.is_not(None)),
        select(decisions.c.decided_by),
    )


def concerns(person: str) -> Any:
    """Return the condition for drafts that a person edited or decided about."""
    edited = select(drafts.c.id).where(drafts.c.edited_by == person)
    decided = select(decisions.c.draft_id).where(decisions.c.decided_by == person)
    return review_items.c.draft_id.in_(select(union(edited, decided).subquery().c.id))


def free_for(person: str) -> list[Any]:
    """Return the conditions for drafts that a person had no hand in and has not ruled on."""
    ruled = select(rulings.c.draft_id).where(rulings.c.by == person)
    return [not_(concerns(person)), review_items.c.draft_id.not_in(ruled)]


def conditions(wanted: ReviewFilter) -> list[Any]:
    """Return the conditions of a filter."""
    same = {
        "tier": None if wanted.tier is None else wanted.tier.value,
        **wanted.model_dump(include={"model", "prompt_version", "status", "outcome", "assignee", "rejected"}),
    }
    found: list[Any] = [review_items.c[name] == value for name, value in same.items() if value is not None]
    if wanted.rule is not None:
        having = select(review_rules.c.draft_id).where(review_rules.c.rule == wanted.rule)
        found.append(review_items.c.draft_id.in_(having))
    if wanted.agent is not None:
        found.append(concerns(wanted.agent))
    if wanted.assigned is not None:
        assigned = review_items.c.assignee.is_not(None)
        found.append(assigned if wanted.assigned else ~assigned)
    if wanted.free_for is not None:
        found += free_for(wanted.free_for)
    if wanted.since is not None:
        found.append(review_items.c.created_at >= wanted.since)
    if wanted.until is not None:
        found.append(review_items.c.created_at < wanted.until)
    if wanted.pending is not None:
        pending = review_items.c.status.in_(PENDING)
        found.append(pending if wanted.pending else ~pending)
    if wanted.draft_ids:
        found.append(review_items.c.draft_id.in_(wanted.draft_ids))
    return found


def queue(wanted: ReviewFilter, *, sample: float, cursor: str | None) -> Any:
    """Return the query for what is reviewed, the newest first.

    Raises:
        InputError: the cursor is none.
    """
    at, name = review_items.c.created_at, review_items.c.draft_id
    query = _told().where(in_queue(sample), *conditions(wanted))
    if cursor is not None:
        then, last = read_cursor(cursor)
        query = query.where(or_(at < then, and_(at == then, name < last)))
    return query.order_by(at.desc(), name.desc())


def beside(wanted: ReviewFilter, item: ReviewItem, *, sample: float, newer: bool) -> Any:
    """Return the query for the id of the next draft of the queue behind an item, or before it."""
    at, name = review_items.c.created_at, review_items.c.draft_id
    query = select(name).where(in_queue(sample), *conditions(wanted)).limit(1)
    if newer:
        later = or_(at > item.created_at, and_(at == item.created_at, name > item.draft_id))
        return query.where(later).order_by(at, name)
    earlier = or_(at < item.created_at, and_(at == item.created_at, name < item.draft_id))
    return query.where(earlier).order_by(at.desc(), name.desc())


def one_of(draft_id: str) -> Any:
    """Return the query for one draft."""
    return _told().where(review_items.c.draft_id == draft_id)


def items_of(connection: Connection, rows: Sequence[RowMapping]) -> tuple[ReviewItem, ...]:
    """Return the rows of these queries as they are told, with rules and agents."""
    ids = [row["draft_id"] for row in rows]
    rules, agents = _rules_of(connection, ids), _agents_of(connection, ids)
    return tuple(_item(row, rules.get(row["draft_id"], ()), agents.get(row["draft_id"], ())) for row in rows)


def count(condition: Any) -> Any:
    """Return the number of rows that a condition holds of."""
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


def _told() -> Any:
    return select(review_items, cases.c.channel, cases.c.assignee.label("holder"), cases.c.erased_at).join(
        cases, cases.c.id == review_items.c.case_id
    )


def _item(row: RowMapping, rules: Sequence[tuple[str, str]], agents: tuple[str, ...]) -> ReviewItem:
    refuse_erased(row["erased_at"])
    kept = {name: value for name, value in row.items() if name not in ("lot", "erased", "erased_at")}
    severity = rules[0][1] if rules else None
    return ReviewItem.model_validate(
        {**kept, "rules": tuple(rule for rule, _ in rules), "severity": severity, "agents": agents}
    )


def _rules_of(connection: Connection, ids: Sequence[str]) -> Mapping[str, Sequence[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in connection.execute(select(review_rules).where(review_rules.c.draft_id.in_(ids))):
        found[row.draft_id].append((row.rule, row.severity))
    for rules in found.values():
        rules.sort(key=lambda rule: (rule[1] != Severity.BLOCK.value, rule[0]))
    return found


def _agents_of(connection: Connection, ids: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    edited = select(drafts.c.id, drafts.c.edited_by).where(drafts.c.id.in_(ids), drafts.c.edited_by.is_not(None))
    decided = select(decisions.c.draft_id, decisions.c.decided_by).where(decisions.c.draft_id.in_(ids))
    found: dict[str, set[str]] = defaultdict(set)
    for draft_id, person in connection.execute(union(edited, decided)):
        found[draft_id].add(person)
    return {draft_id: tuple(sorted(people)) for draft_id, people in found.items()}

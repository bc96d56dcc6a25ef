"""In which order the queue is read, where a page of it goes on, and what is looked for in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import and_, or_

from drafter.domain import QueueFilter, QueueRow
from drafter.errors import InputError
from drafter.store.cursors import cursor_after, read_cursor
from drafter.store.tables import cases

# By whether a person must answer. The queue is ordered by these words: "human" comes behind "draft".
_ROUTES: Final[Mapping[bool, str]] = {True: "human", False: "draft"}


def order_of(*, routed: bool) -> tuple[Any, ...]:
    """Return what the queue is ordered by.

    Args:
        routed: those that a person must answer come first.
    """
    newest = (cases.c.message_at.desc(), cases.c.id.desc())
    return (cases.c.route.desc(), *newest) if routed else newest


def cursor_of(last: QueueRow, *, routed: bool) -> str:
    """Return the word for what comes behind a row."""
    return cursor_after(last.message_at, f"{_ROUTES[last.human]}~{last.case_id}" if routed else last.case_id)


def behind(cursor: str, *, routed: bool) -> Any:
    """Return the condition of the cases that come behind a cursor.

    Args:
        cursor: a page's `next`.
        routed: those that a person must answer come first.

    Raises:
        InputError: the cursor is none of this order.
    """
    at, case_id = read_cursor(cursor)
    if not routed:
        return _earlier(at, case_id)
    route, mark, case_id = case_id.partition("~")
    if not mark or route not in _ROUTES.values():
        raise InputError("This is no cursor of this list; begin at its first page.")
    return or_(cases.c.route < route, and_(cases.c.route == route, _earlier(at, case_id)))


def _earlier(at: datetime, case_id: str) -> Any:
    return or_(cases.c.message_at < at, and_(cases.c.message_at == at, cases.c.id < case_id))


def conditions(wanted: QueueFilter, *, names: bool) -> list[Any]:
    """Return what holds of the cases that are looked for.

    Args:
        wanted: which.
        names: search names and messages too; whoever is shown tokens would spell out what they hide.
    """
    found: list[Any] = [cases.c.erased_at.is_(None)]
    if wanted.status is not None:
        found.append(cases.c.status == wanted.status)
    if wanted.tier is not None:
        found.append(cases.c.tier == wanted.tier.value)
    if wanted.human is not None:
        found.append((cases.c.route == "human") == wanted.human)
    if wanted.assignee is not None:
        found.append(cases.c.assignee == wanted.assignee)
    if wanted.search:
        searched: list[Any] = [cases.c.external_id]
        if names:
            searched += [cases.c.message, cases.c.facts["debtor_name"].as_string()]
        found.append(or_(*(one.contains(wanted.search, autoescape=True) for one in searched)))
    return found

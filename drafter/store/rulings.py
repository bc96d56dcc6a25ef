"""Rulings in and out of their table."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, RowMapping, delete, insert, select

from drafter.domain import Act, Ruling
from drafter.errors import ConflictError
from drafter.store.proposals import take_back_proposals
from drafter.store.review_tables import rulings

_STAGES = ("first", "second", "appeal", "final")


def add_ruling(connection: Connection, ruling: Ruling) -> None:
    """Keep a ruling, in the transaction of the step that it is part of."""
    connection.execute(insert(rulings).values(ruling.model_dump(mode="json") | {"at": ruling.at}))


def rulings_on(connection: Connection, ids: Sequence[str]) -> dict[str, tuple[Ruling, ...]]:
    """Return every ruling on each draft in the order of the stages, those that are still blind among them."""
    found: dict[str, list[Ruling]] = {draft_id: [] for draft_id in ids}
    for row in connection.execute(select(rulings).where(rulings.c.draft_id.in_(ids))).mappings():
        found[row["draft_id"]].append(ruling_of_row(row))
    return {name: tuple(sorted(said, key=lambda one: _STAGES.index(one.stage))) for name, said in found.items()}


def take_back(connection: Connection, ruling: Ruling, act: Act) -> None:
    """Remove a ruling, let what it asked of the rules fall, and let rise again what fell with it.

    Raises:
        ConflictError: it is not there any more, or what it asked of the rules is decided.
    """
    same = (rulings.c.draft_id == ruling.draft_id) & (rulings.c.stage == ruling.stage) & (rulings.c.by == ruling.by)
    if connection.execute(delete(rulings).where(same)).rowcount != 1:
        raise ConflictError("The review has changed since you read it; nothing was done. Read it again.")
    take_back_proposals(connection, ruling, act)


def ruling_of_row(row: RowMapping) -> Ruling:
    return Ruling.model_validate(dict(row))

"""Deliveries: read, and changed only as they were seen."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, Engine, RowMapping, insert, select, update

from drafter.domain import Act, Delivery
from drafter.errors import ConflictError
from drafter.store.engine import reading, writing
from drafter.store.journal import append
from drafter.store.tables import cases, deliveries


class SqlDeliveries:
    """Deliveries on an SQL database.

    Args:
        engine: an engine of `open_engine`, whose database is at this version's schema.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def delivery(self, draft_id: str) -> Delivery | None:
        """Return the newest delivery of a draft; None where there is none yet.

        Raises:
            StorageError: the database did not answer.
        """
        query = select(deliveries).where(deliveries.c.draft_id == draft_id).order_by(deliveries.c.version.desc())
        with reading(self._engine) as connection:
            row = connection.execute(query.limit(1)).mappings().first()
        return None if row is None else _as_delivery(row)

    def delivery_by_id(self, delivery_id: str) -> Delivery | None:
        """Return a delivery; None where there is none of this id.

        Raises:
            StorageError: the database did not answer.
        """
        with reading(self._engine) as connection:
            return _kept(connection, delivery_id)

    def deliveries(
        self, status: str, *, until: datetime | None = None, most: int = 100, beside: Collection[str] = ()
    ) -> list[Delivery]:
        """Return deliveries of a status, the soonest first.

        Args:
            status: of the delivery.
            until: only those that may leave by then.
            most: how many at most.
            beside: none by these channels.

        Raises:
            StorageError: the database did not answer.
        """
        query = select(deliveries).where(deliveries.c.status == status, deliveries.c.channel.not_in(beside))
        if until is not None:
            query = query.where(deliveries.c.not_before <= until)
        with reading(self._engine) as connection:
            rows = connection.execute(query.order_by(deliveries.c.not_before).limit(most)).mappings()
            return [_as_delivery(row) for row in rows]

    def note_delivery(self, seen: Delivery, becoming: Delivery, act: Act) -> None:
        """Keep what became of a delivery whose draft stays where it is, such as another try that failed.

        Args:
            seen: the delivery as it was read.
            becoming: the same as it is from now on.
            act: how the journal tells it.

        Raises:
            ConflictError: it is another by now.
            StorageError: nothing was written.
        """
        with writing(self._engine) as connection:
            # Who moves a draft locks its case, too.
            connection.execute(select(cases.c.id).where(cases.c.id == seen.case_id).with_for_update(key_share=True))
            hold_seen(connection, seen)
            put_delivery(connection, becoming)
            append(connection, act)


def hold_seen(connection: Connection, seen: Delivery | None) -> None:
    """Hold that a delivery, where there is one, is still as it was read.

    Raises:
        ConflictError: it is another by now.
    """
    if seen is not None and _kept(connection, seen.id) != seen:
        raise ConflictError("The draft has changed since you read it; nothing was done. Read it again, then decide.")


def put_delivery(connection: Connection, delivery: Delivery) -> None:
    known = connection.execute(select(deliveries.c.id).where(deliveries.c.id == delivery.id)).first()
    values = dict(delivery)
    if known is None:
        connection.execute(insert(deliveries).values(values))
    else:
        connection.execute(update(deliveries).where(deliveries.c.id == delivery.id).values(values))


def _kept(connection: Connection, delivery_id: str) -> Delivery | None:
    row = connection.execute(select(deliveries).where(deliveries.c.id == delivery_id)).mappings().first()
    return None if row is None else _as_delivery(row)


def _as_delivery(row: RowMapping) -> Delivery:
    return Delivery.model_validate(dict(row))

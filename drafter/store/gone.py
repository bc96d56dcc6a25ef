"""Cases whose texts were erased: nothing of them is shown, and nothing is written into them any more."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select

from drafter.errors import GoneError
from drafter.store.tables import cases


def refuse_erased(erased_at: datetime | None) -> None:
    """Hold that a case is not erased, given the moment that it was erased at.

    Raises:
        GoneError: it is.
    """
    if erased_at is not None:
        raise GoneError(
            "The texts of this case were erased on {day}; nothing was done. The journal still tells who did what.",
            day=f"{erased_at:%Y-%m-%d}",
        )


def hold_unerased(connection: Connection, case_id: str) -> None:
    """Hold that a case is not erased, and cannot be until the end of the transaction.

    Raises:
        GoneError: it is.
    """
    query = select(cases.c.erased_at).where(cases.c.id == case_id)
    refuse_erased(connection.execute(query.with_for_update(key_share=True)).scalar())

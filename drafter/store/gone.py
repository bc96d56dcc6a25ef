"""Cases that are not there, or whose texts were erased: nothing is shown of them, and nothing written into them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from drafter.errors import GoneError, NotFoundError
from drafter.store.tables import cases


@dataclass(frozen=True)
class _Id:
    """An id as somebody typed it in an address: never a phrase to translate, and nothing that a terminal obeys."""

    typed: str

    def __str__(self) -> str:
        return repr(self.typed)[1:-1]


def no_draft(draft_id: str) -> NotFoundError:
    """Return the error that tells that there is no draft of an id."""
    return NotFoundError("There is no draft {id}; ask for a new suggestion.", id=repr(draft_id))


def no_case(case_id: str) -> NotFoundError:
    """Return the error that tells that there is no case of an id."""
    return NotFoundError("There is no case {id}. It may have been removed, or the link may be wrong.", id=_Id(case_id))


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

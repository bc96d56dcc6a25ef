"""Where a list that is read page by page goes on: the moment and the id of its last row, as one opaque word."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

from drafter.errors import InputError


def cursor_after(at: datetime, row_id: str) -> str:
    """Return the word for what comes behind a row.

    Args:
        at: the moment by which the list is ordered, with its time zone.
        row_id: its id.
    """
    return base64.urlsafe_b64encode(f"{at.isoformat()}~{row_id}".encode()).decode()


def read_cursor(cursor: str) -> tuple[datetime, str]:
    """Return the moment in UTC and the id that a word stands for.

    Raises:
        InputError: nobody was given this word.
    """
    refused = InputError("This is no cursor of this list; begin at its first page.")
    try:
        at, _, row_id = base64.b64decode(cursor.encode(), b"-_", validate=True).decode().partition("~")
        moment = datetime.fromisoformat(at)
        in_utc = moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise refused from error
    if moment.tzinfo is None or not row_id.isprintable():
        raise refused
    return in_utc, row_id

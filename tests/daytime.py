"""Where the law lets one write right now, so that no test depends on the hour at which it runs."""

from __future__ import annotations

from datetime import UTC, datetime


def where_it_is_noon() -> str:
    """Return the name of a time zone in which it is noon, give or take half an hour."""
    return f"Etc/GMT{datetime.now(UTC).hour - 12:+d}"

"""Triage of messages that are looked at again and again."""

from __future__ import annotations

from functools import lru_cache

from drafter.desk.triage import Triager
from drafter.domain import DebtorMessage, Triage


@lru_cache(maxsize=500)
def triaged(triager: Triager, message: DebtorMessage) -> Triage:
    """Return what is in a message; read once a process, since a long one takes seconds to read."""
    return triager.triage(message)

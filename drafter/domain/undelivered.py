"""Approved texts that no channel took: what a person must look after."""

from __future__ import annotations

from datetime import datetime

from drafter.domain.values import Count
from guardrails.model import Value


class Undelivered(Value):
    """An approved draft whose delivery was given up.

    Attributes:
        failed_at: when it was given up.
        failure: what the last try met with, as the delivery keeps it.
        stale: the debtor has written again since, so that this text is no longer the answer.
    """

    draft_id: str
    case_id: str
    debtor: str
    channel: str
    tries: Count
    failed_at: datetime
    failure: str
    stale: bool


class UndeliveredPage(Value):
    """Some of them, those given up last first, and where the list goes on; `next` is None at its end."""

    rows: tuple[Undelivered, ...]
    next: str | None

"""The queue of cases as an agent sees it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from drafter.domain.cases import Tier
from drafter.domain.deciding import DraftStatus
from drafter.domain.values import text_sha256
from guardrails.model import Value

CaseStatus = Literal["open", "answered", "escalated"]


class Standing(NamedTuple):
    """Where a case stands: with whom, why it was put before a lead where it was, and when the debtor wrote last."""

    status: CaseStatus
    assignee: str | None
    escalated_because: str | None
    message_at: datetime


class DraftMark(NamedTuple):
    """As much of a draft as tells whether it has changed."""

    draft_id: str
    version: int
    status: DraftStatus


class Pulse(NamedTuple):
    """As much of a case as tells whether anything has happened in it."""

    message_number: int
    status: CaseStatus
    assignee: str | None
    drafts: tuple[DraftMark, ...]

    @property
    def mark(self) -> str:
        """Another one whenever anything has happened."""
        return text_sha256(repr(self))[:16]


class QueueFilter(Value):
    """Which cases are looked for; None where it does not matter.

    Attributes:
        human: only those that a person must answer.
        assignee: only those that this person has taken.
        search: stands in the case's id in another system; for whoever reads names and numbers, also in the debtor's
            message or name.
    """

    status: CaseStatus | None = None
    tier: Tier | None = None
    human: bool | None = None
    assignee: str | None = None
    search: Annotated[str, Field(max_length=200)] = ""


class QueueRow(Value):
    """One case in the queue.

    Attributes:
        message: the debtor's newest.
        amount_due, currency, days_past_due: of the account, as far as they are known.
        draft: the status of the draft that matters most; None where there is none.
    """

    case_id: str
    external_id: str | None
    debtor: str
    amount_due: Decimal | None = None
    currency: str | None = None
    days_past_due: int | None = None
    message: str
    tier: Tier
    status: CaseStatus
    human: bool
    signals: tuple[str, ...]
    message_at: datetime
    assignee: str | None
    draft: DraftStatus | None


class QueuePage(Value):
    """Some of the queue, and where it goes on; `next` is None at its end."""

    rows: tuple[QueueRow, ...]
    next: str | None


class QueueCounts(Value):
    """How many cases are where, for the tabs of the queue."""

    open: int
    human: int
    high_risk: int
    answered: int
    escalated: int
    mine: int

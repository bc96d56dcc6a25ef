"""What is still to be done about a case, and what was done before."""

from __future__ import annotations

from datetime import date
from typing import Literal

from drafter.domain.cases import Promise
from guardrails.model import Money, Value

Settled = Literal["kept", "broken", "done"]
"""What became of a follow-up."""


class FollowUp(Value):
    """Something to be done about a case on a day: a promise to look after, or a contact to make.

    Attributes:
        quote: the promise in the debtor's own words; empty for a contact.
    """

    id: int
    case_id: str
    kind: Literal["promise", "contact"]
    due: date | None
    amount: Money | None = None
    currency: str | None = None
    quote: str = ""
    status: Literal["open", "kept", "broken", "done"] = "open"


class History(Value):
    """What was done in a case before.

    Attributes:
        texts: the replies that were suggested, oldest first.
        promises: what the debtor promised, with what became of it.
    """

    texts: tuple[str, ...] = ()
    promises: tuple[Promise, ...] = ()

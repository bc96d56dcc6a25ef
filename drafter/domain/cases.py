"""A debtor's message and what is known around it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from drafter.domain.values import MAX_MESSAGE_CHARS, Count, TimeZone
from guardrails.model import DEFAULT_JURISDICTION, Day, Facts, Jurisdiction, Language, Money, Value, Written


class Tier(StrEnum):
    """优质 / 一般 / 高风险: how warm, how close; never how harsh."""

    PREMIUM = "premium"
    GENERAL = "general"
    HIGH_RISK = "high-risk"


class DebtorMessage(Value):
    """What the debtor wrote: hostile input until proven otherwise."""

    text: Annotated[str, StringConstraints(min_length=1, max_length=MAX_MESSAGE_CHARS)]
    lang: Language


class Turn(Value):
    """An earlier message of the conversation, from the debtor or from the desk."""

    by: Literal["debtor", "desk"]
    text: Annotated[str, StringConstraints(min_length=1, max_length=MAX_MESSAGE_CHARS)]
    at: Annotated[AwareDatetime, Written] | None = None


class Promise(Value):
    """What the debtor said would be paid, and what became of it.

    Attributes:
        amount: in `currency` (ISO 4217); None where no sum was named.
        due: the last day that the words allow; None where none was named.
        quote: the debtor's own words.
    """

    amount: Money | None = None
    currency: str | None = None
    due: Day | None = None
    status: Literal["open", "kept", "broken"] = "open"
    quote: str = ""


class Case(Value):
    """A debtor's message with everything known about the account it concerns.

    Attributes:
        conversation: what was said before the message, oldest first.
        promises: what the debtor promised before.
        time_zone: IANA name of the zone that the debtor lives in.
        channel: by which way the reply goes out.
        message_number: which of the debtor's messages `message` is; the others stand in `conversation`.
    """

    id: str
    message: DebtorMessage
    tier: Tier
    jurisdiction: Jurisdiction
    facts: Facts
    created_at: datetime
    external_id: str | None = None
    conversation: tuple[Turn, ...] = ()
    promises: tuple[Promise, ...] = ()
    time_zone: TimeZone | None = None
    channel: str | None = None
    message_number: Annotated[int, Field(ge=1)] = 1


class Evidence(Value):
    """Where in the message a signal was seen, in code points of the message as given."""

    signal: str
    start: Count
    end: Count
    quote: str


class Triage(Value):
    """What the message is about and who must answer it."""

    signals: tuple[str, ...] = ()
    injection: bool = False
    route: Literal["draft", "human"] = "draft"
    evidence: tuple[Evidence, ...] = ()


class HandoverCard(Value):
    """What an agent is shown who hands a message on: one card a signal that routes to a human.

    Attributes:
        means: what was seen, and what to do and leave undone.
        law: what the law of the case's jurisdiction asks.
        say: a reply that may be given at once, in the language of the message; it is checked and approved like any.
        to: who takes over.
    """

    signal: str
    title: str
    means: str
    law: str
    say: str
    to: str


def jurisdiction_of(lang: Language) -> Jurisdiction:
    """Return the jurisdiction assumed for a language when none is named."""
    return DEFAULT_JURISDICTION[lang]

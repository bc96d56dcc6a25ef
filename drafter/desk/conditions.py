"""What must hold before a text is kept, and before it is let go."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from drafter.domain import MAX_REPLY_CHARS, ApprovedReply, Decision, Draft, Person
from drafter.errors import ConflictError, ForbiddenError, InputError
from guardrails import Facts


@dataclass(frozen=True)
class FourEyes:
    """From which sum on nobody approves a text that they edited themselves; the same number for every currency."""

    amount: Decimal | None = None

    def forbids(self, known: Iterable[Facts | None], editors: set[str], person: Person) -> bool:
        """Tell whether a person may not approve; the largest sum counts, since an editor may bring other facts."""
        due = [facts.amount_due for facts in known if facts and facts.amount_due is not None]
        return self.amount is not None and max(due, default=Decimal(-1)) >= self.amount and person.id in editors


def readable(text: str) -> None:
    if not text.strip():
        raise InputError("The reply is empty; nothing was changed. Write it, or discard the draft.")
    if len(text) > MAX_REPLY_CHARS:
        raise InputError(
            "The reply has {length} characters and may have {most}; nothing was changed. Shorten it.",
            length=len(text),
            most=MAX_REPLY_CHARS,
        )
    storable(text)


def storable(text: str) -> None:
    if any(char == "\0" or unicodedata.category(char) == "Cs" for char in text):
        raise InputError("The text holds characters that are none; nothing was changed. Type it anew.")


def leads(person: Person) -> bool:
    """Tell whether a person may decide what is before a lead."""
    return "lead" in person.rights


def of_the_lead(draft: Draft, person: Person) -> None:
    """Hold that nobody but a lead decides about what was put before a lead.

    Raises:
        ForbiddenError: the draft is before a lead, and this person is none.
    """
    if (draft.before_lead or draft.status == "escalated") and not leads(person):
        raise ForbiddenError(
            "This case is before a lead; nothing was done. Wait until the lead decides, or hands it back."
        )


def approved_reply(draft: Draft, decision: Decision | None) -> ApprovedReply:
    """Return the only thing a channel sends.

    Raises:
        ConflictError: this exact text was not approved.
    """
    if (
        decision is None
        or decision.outcome != "approved"
        or (decision.version, decision.text_sha256) != (draft.version, draft.text_sha256)
    ):
        raise ConflictError("This text was not approved as it stands; it was not sent.")
    return ApprovedReply(text=draft.text, decision=decision, policy=decision.policy)

"""Who did what, when: the entries of the journal that nobody can change unseen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated

from pydantic import Field

from drafter.domain.values import Sha256
from guardrails.model import Value

GENESIS = "0" * 64
"""What the first entry names as the hash of the one before it."""


class Act(Value):
    """Something that somebody did.

    Attributes:
        actor: a person's id, "key:" and an API key's id, or "system".
        action: a verb and its object, such as "draft.approve".
        subject: what it was done to: a draft, a case, a person.
        detail: hashes, numbers and names of rules; never a text, so that erasing a debtor leaves the chain whole.
    """

    at: datetime
    actor: str
    action: str
    subject: str
    detail: Mapping[str, str | int | bool | None] = Field(default_factory=dict)


class Entry(Act):
    """An act in its place in the chain.

    Attributes:
        number: 1 for the first.
        previous: the hash of the entry before.
        hash: of everything else in this entry.
    """

    number: Annotated[int, Field(ge=1)]
    previous: Sha256
    hash: Sha256

    @classmethod
    def after(cls, last: tuple[int, str] | None, act: Act) -> Entry:
        """Return the entry of an act behind the last one, given as its number and hash."""
        number, previous = (last[0] + 1, last[1]) if last else (1, GENESIS)
        return cls(**dict(act), number=number, previous=previous, hash=digest(act, number, previous))

    @property
    def whole(self) -> bool:
        """Tell whether the entry is as it was written."""
        return self.hash == digest(self, self.number, self.previous)


def digest(act: Act, number: int, previous: str) -> str:
    """Return the SHA-256 of an entry's canonical JSON: sorted keys, no blanks, UTC to the microsecond."""
    said = {
        "number": number,
        "previous": previous,
        "at": act.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": act.actor,
        "action": act.action,
        "subject": act.subject,
        "detail": dict(act.detail),
    }
    return hashlib.sha256(
        json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    ).hexdigest()

"""Who works at the desk, and what each may do."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints

from drafter.errors import InputError
from guardrails.model import Language, Value

SYSTEM: Final = "system"
"""The actor of what the desk itself, or whoever runs it from its own machine, does."""
_MOST_CHARS: Final = 200
PersonName = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[\w.@+-]{1,64}$")]


class Role(StrEnum):
    """坐席 / 坐席主管 / 质检员 / 质检主管 / 管理员."""

    AGENT = "agent"
    LEAD = "agent-lead"
    QA = "qa"
    QA_LEAD = "qa-lead"
    ADMIN = "admin"


Right = Literal["read", "draft", "approve", "lead", "review", "review-lead", "measure", "administer"]
"""What a route may ask of whoever calls it."""

_AGENT: frozenset[Right] = frozenset({"read", "draft", "approve"})
_QA: frozenset[Right] = frozenset({"read", "review", "measure"})
RIGHTS: dict[Role, frozenset[Right]] = {
    Role.AGENT: _AGENT,
    Role.LEAD: _AGENT | {"lead", "measure"},
    Role.QA: _QA,
    Role.QA_LEAD: _QA | {"review-lead"},
    Role.ADMIN: frozenset({"read", "lead", "measure", "administer"}),
}
"""An administrator runs the desk and neither approves nor rules: who sets the rules should not be who applies them."""


class Person(Value):
    """Somebody with an account.

    Attributes:
        name: what is typed at sign-in.
        shown_as: what colleagues and the journal's readers see.
        lang: of the pages.
    """

    id: str
    name: PersonName
    shown_as: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
    role: Role
    lang: Language
    created_at: datetime
    disabled: bool = False

    @property
    def rights(self) -> frozenset[Right]:
        return frozenset() if self.disabled else RIGHTS[self.role]


def at_provider(issuer: str, subject: str) -> str:
    """Return by what a person of an identity provider is known here: another provider may use the same subject.

    Args:
        issuer: the provider's address, without a slash at the end; it holds no blank.
        subject: by which that provider knows them.

    Raises:
        InputError: it is none, or longer than what can be kept.
    """
    known_as = f"{issuer} {subject}"
    if not subject.strip() or not subject.isprintable() or len(known_as) > _MOST_CHARS:
        raise InputError(
            "A subject of an identity provider is one line, and with the provider's address of {most} characters at "
            "most; this one cannot be used.",
            most=_MOST_CHARS,
        )
    return known_as


class Session(Value):
    """A signed-in browser; the cookie holds a token whose hash is the id.

    Attributes:
        csrf: what a form must bring along.
    """

    id: str
    person_id: str
    csrf: str
    created_at: datetime
    seen_at: datetime


class ApiKey(Value):
    """A machine's way in; the key itself is shown once and kept as a hash only.

    Attributes:
        rights: what the machine may do; never "approve", which only a person does.
    """

    id: str
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
    rights: frozenset[Right] = Field(default_factory=frozenset)
    created_by: str
    created_at: datetime
    revoked_at: datetime | None = None

"""Where a case stands as its page tells it: with whom it is, and who put it before a lead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from drafter.desk.veiling import Veil
from drafter.domain import Evidence
from drafter.errors import NotFoundError
from drafter.web.callers import Caller
from drafter.web.services import Services

_QUOTES: Final = 4


@dataclass(frozen=True)
class Escalated:
    """Who put a case before a lead, when and why; the name is empty where a program did."""

    name: str
    at: datetime | None
    because: str


@dataclass(frozen=True)
class Heard:
    """A signal with the words that show it: the first of them, and those that are told when asked for."""

    signal: str
    quotes: Sequence[str]
    more: Sequence[str]


def standing(services: Services, caller: Caller, case_id: str, veil: Veil) -> Mapping[str, Any]:
    """Return what the page of a case tells of where it stands."""
    stands = services.store.queue.status(case_id)
    return {
        "case_status": stands.status,
        "message_at": stands.message_at,
        "escalated": _escalated(services, case_id, veil.text(stands.escalated_because or ""))
        if stands.status == "escalated"
        else None,
        "assignee": _name(services, stands.assignee) if stands.assignee else "",
        "is_mine": stands.assignee == caller.id,
        "may_lead": "lead" in caller.rights,
    }


def heard(evidence: Sequence[Evidence]) -> list[Heard]:
    """Return the signals of a message in the order in which they appear, each with its quotes, none of them twice."""
    quotes: dict[str, dict[str, None]] = {}
    for item in evidence:
        quotes.setdefault(item.signal, {})[item.quote] = None
    return [Heard(signal, tuple(said)[:_QUOTES], tuple(said)[_QUOTES:]) for signal, said in quotes.items()]


def _escalated(services: Services, case_id: str, because: str) -> Escalated:
    acts = [one for one in services.store.journal.entries(subject=case_id) if one.action == "case.escalate"]
    return Escalated(_name(services, acts[-1].actor) if acts else "", acts[-1].at if acts else None, because)


def _name(services: Services, person_id: str) -> str:
    try:
        return services.store.people.person(person_id).shown_as
    except NotFoundError:
        return ""

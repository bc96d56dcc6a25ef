"""Who reads a debtor's names and numbers: whoever answers the debtor, and whoever asked and was noted."""

from __future__ import annotations

from collections.abc import Iterable

from fastapi import Request

from drafter.desk.veiling import NoVeil, Veil
from drafter.domain import Act, Case, Draft
from drafter.web.callers import Caller
from drafter.web.services import services_of
from guardrails import Facts


def veil_for(caller: Caller, case: Case, drafts: Iterable[Draft] = (), *, lifted: bool = False) -> Veil:
    """Return what lies over a case for a caller.

    Args:
        caller: who looks.
        case: at what.
        drafts: of the case.
        lifted: the caller asked for names and numbers, and the journal has it.
    """
    return NoVeil() if lifted or "draft" in caller.rights else Veil.of(case, drafts)


def veil_for_writers(caller: Caller, case: Case) -> Veil:
    """Return what lies over a kept case for a caller who adds to it: without the right to read, it hides everybody."""
    return NoVeil() if {"draft", "read"} <= caller.rights else Veil.of(case)


def veil_of_lists(caller: Caller) -> Veil:
    """Return what lies over a list of cases for a caller."""
    return NoVeil() if "draft" in caller.rights else Veil((), lang="zh", facts=Facts())


def lift(request: Request, caller: Caller, case_id: str) -> None:
    """Note in the journal that somebody asked for the names and numbers of a case.

    Raises:
        NotFoundError: there is no such case.
        StorageError: it could not be noted; nothing must be shown.
    """
    services = services_of(request)
    services.store.case(case_id)
    act = Act(at=services.clock.now(), actor=caller.id, action="case.reveal", subject=case_id)
    services.store.journal.add(act)

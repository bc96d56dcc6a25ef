"""The queue, and the form that opens a case."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Final
from urllib.parse import urlencode
from uuid import uuid4

from fastapi import APIRouter, Depends, Form, Request, Response
from pydantic import Field

from drafter.desk.intake import new_case, read_facts, read_message, read_tier
from drafter.domain import QueueFilter, Tier
from drafter.errors import DrafterError
from drafter.web.callers import Agent, Caller, Reader
from drafter.web.language import _, translator
from drafter.web.pages.forms import go
from drafter.web.pages.review import names_of
from drafter.web.pages.tabs import tabs
from drafter.web.problems import status_of
from drafter.web.rendering import page
from drafter.web.services import services_of
from drafter.web.veils import veil_of_lists
from guardrails import Facts
from guardrails.model import Jurisdiction, Value
from guardrails.policy import jurisdictions

router = APIRouter(include_in_schema=False)


_TABS: Final[Mapping[str, tuple[str, QueueFilter]]] = {
    "open": (_("Open"), QueueFilter(status="open")),
    "human": (_("A person must answer"), QueueFilter(status="open", human=True)),
    "high_risk": (_("High risk"), QueueFilter(status="open", tier=Tier.HIGH_RISK)),
    "mine": (_("Mine"), QueueFilter(status="open")),
    "answered": (_("Answered"), QueueFilter(status="answered")),
    "escalated": (_("Escalated"), QueueFilter(status="escalated")),
}


class Asked(Value):
    """What the address of the queue asks for."""

    tab: str = "open"
    search: str = ""
    tier: str = ""
    cursor: str | None = None


class CaseForm(Value):
    """The form as it was filled in."""

    csrf: str = ""
    message: Annotated[str, Field(max_length=100_000)] = ""
    tier: str = "general"
    institution: str = ""
    debtor_name: str = ""
    amount_due: str = ""
    currency: str = ""
    due_date: str = ""
    jurisdiction: str = ""
    authorised_offers: str = ""


@router.get("/queue")
def queue(request: Request, caller: Reader, asked: Annotated[Asked, Depends()]) -> Response:
    return _shown(request, caller, asked, "queue.html")


@router.get("/queue/rows")
def rows(request: Request, caller: Reader, asked: Annotated[Asked, Depends()]) -> Response:
    """Return tabs and rows alone, for a page that is open already."""
    return _shown(request, caller, asked, "queue_live.html")


@router.get("/cases/new")
def new_case_page(request: Request, caller: Agent) -> Response:
    del caller
    return _new_case(request, CaseForm())


@router.post("/cases/new")
def add_case(request: Request, caller: Agent, form: Annotated[CaseForm, Form()]) -> Response:
    """Keep a case that an agent typed in."""
    services = services_of(request)
    try:
        case = new_case(
            read_message(form.message),
            tier=read_tier(form.tier),
            facts=_facts(form, caller),
            jurisdiction=_jurisdiction(form.jurisdiction),
            id=uuid4().hex,
            at=services.clock.now(),
        )
        services.casework.open(case)
    except DrafterError as error:
        return _new_case(request, form, error)
    return go(f"/cases/{case.id}")


def _new_case(request: Request, given: CaseForm, error: DrafterError | None = None) -> Response:
    return page(
        request,
        "new_case.html",
        status_code=status_of(error) if error else 200,
        told=error.told(translator(request)) if error else "",
        given=given,
        jurisdictions=jurisdictions(),
    )


def _shown(request: Request, caller: Caller, asked: Asked, template: str) -> Response:
    services = services_of(request)
    store = services.store
    chosen = asked.tab if asked.tab in _TABS else "open"
    wanted = _TABS[chosen][1].model_copy(update={"search": asked.search.strip()[:200]})
    if asked.tier in tuple(Tier):
        wanted = wanted.model_copy(update={"tier": Tier(asked.tier)})
    if chosen == "mine":
        wanted = wanted.model_copy(update={"assignee": caller.id})
    veil = veil_of_lists(caller)
    found = store.queue.page(wanted, cursor=asked.cursor, names=not veil.hides)
    return page(
        request,
        template,
        tabs=tabs(request, _TABS, store.queue.counts(caller.id)),
        chosen=chosen,
        tab_status=_TABS[chosen][1].status,
        page=found.model_copy(update={"rows": tuple(map(veil.row, found.rows))}),
        names=names_of(services),
        names_searched=not veil.hides,
        human_signals={name for name, one in services.desk.triager.signals.items() if one.route == "human"},
        search=asked.search,
        tier=asked.tier,
        cursor=asked.cursor,
        query=urlencode({"tab": chosen, "search": asked.search, "tier": asked.tier}),
        now=services.clock.now(),
    )


def _facts(form: CaseForm, caller: Caller) -> Facts:
    given: dict[str, object] = {
        name: value.strip()
        for name, value in form.model_dump(
            include={"institution", "debtor_name", "amount_due", "currency", "due_date"}
        ).items()
        if value.strip()
    }
    offers = [line.strip() for line in form.authorised_offers.splitlines() if line.strip()]
    if offers:
        given["authorised_offers"] = offers
    if caller.person is not None:
        given["agent_name"] = caller.person.shown_as
    return read_facts(json.dumps(given))


def _jurisdiction(name: str) -> Jurisdiction | None:
    return name if name in ("CN", "US", "UK") else None  # type: ignore[return-value] # narrowed by the test

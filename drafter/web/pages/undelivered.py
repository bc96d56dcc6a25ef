"""Every approved text that did not leave, over all cases."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from drafter.desk.retrying import retry_all
from drafter.errors import DrafterError, NotFoundError
from drafter.web.callers import Approver, Caller, Dispatcher, person_of
from drafter.web.failures import failure_told
from drafter.web.language import _, translator
from drafter.web.pages.forms import go
from drafter.web.problems import status_of
from drafter.web.rendering import page
from drafter.web.services import services_of
from drafter.web.veils import veil_of_lists
from guardrails.model import Value

router = APIRouter(prefix="/undelivered", include_in_schema=False)
AT_ONCE: Final = 500
_SENTENCES: Final = {
    "again": _("{number} will be tried again."),
    "stopped": _("Stopped: {number}, which the guardrails of today do not let pass; edit them in their case."),
    "left": _("Not tried: {number}, since the debtor has written again, or another reply is on its way."),
}
Number = Annotated[int, Field(ge=0, le=AT_ONCE)]


class Asked(Value):
    """What the address of the list asks for, and what it tells of the last click."""

    cursor: Annotated[str, Field(max_length=200)] | None = None
    again: Number = 0
    stopped: Number = 0
    left: Number = 0


@router.get("")
def show(request: Request, caller: Dispatcher, asked: Annotated[Asked, Depends()]) -> Response:
    say, counted = translator(request), asked.model_dump(exclude={"cursor"})
    told = " ".join(say(_SENTENCES[key]).format(number=number) for key, number in counted.items() if number)
    return _page(request, caller, cursor=asked.cursor, told=told)


@router.post("/retry")
def retry_everything(request: Request, caller: Approver) -> Response:
    """Let everything be tried again that may be."""
    services = services_of(request)
    rows = services.store.undelivered.page(most=AT_ONCE).rows
    done = retry_all(services.deliveries, [row.draft_id for row in rows], by=person_of(caller))
    return go(f"/undelivered?again={done.again}&stopped={done.stopped}&left={done.left}")


@router.post("/{draft_id}/retry")
def retry(draft_id: str, request: Request, caller: Approver) -> Response:
    """Let one be tried again."""
    try:
        draft = services_of(request).deliveries.retry(draft_id, by=person_of(caller))
    except NotFoundError:
        raise
    except DrafterError as error:
        return _page(request, caller, error=error)
    return go(f"/undelivered?{'again' if draft.status == 'approved' else 'stopped'}=1")


def _page(
    request: Request,
    caller: Caller,
    *,
    cursor: str | None = None,
    told: str = "",
    error: DrafterError | None = None,
) -> Response:
    services, say = services_of(request), translator(request)
    found, veil = services.store.undelivered.page(cursor=cursor), veil_of_lists(caller)
    return page(
        request,
        "undelivered.html",
        status_code=status_of(error) if error else 200,
        page=found.model_copy(update={"rows": tuple(map(veil.undelivered, found.rows))}),
        failures={row.draft_id: failure_told(row.failure, say) for row in found.rows},
        may_retry="approve" in caller.rights,
        total=services.store.undelivered.count(),
        now=services.clock.now(),
        told=error.told(say) if error else told,
        told_bad=error is not None,
    )

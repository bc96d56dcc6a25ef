"""Whether the process is up, whether what it needs answers, and what an operator measures."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from drafter.domain import QueueFilter
from drafter.errors import DrafterError
from drafter.web.metrics import exposition
from drafter.web.problems import problem
from drafter.web.services import Services, services_of
from guardrails.errors import GuardrailsError
from guardrails.model import Value

router = APIRouter(tags=["health"])
_NOT_READY: Final[dict[int | str, dict[str, Any]]] = {
    503: {"description": "Something that the desk needs does not answer."}
}


class Alive(Value):
    status: str = "ok"


class Ready(Value):
    """What was asked and answered."""

    status: str
    checks: dict[str, str]


@router.get("/healthz")
@router.get("/api/v1/healthz", include_in_schema=False)
def healthz() -> Alive:
    """Tell that the process is up."""
    return Alive()


@router.get("/readyz", response_model=Ready, responses=_NOT_READY)
@router.get("/api/v1/readyz", response_model=Ready, include_in_schema=False)
async def readyz(request: Request) -> Ready | Response:
    """Tell whether database, policy and model answer."""
    services = services_of(request)
    checks: dict[str, str] = {}
    faults = 0
    for name, ask in (("database", _database), ("policy", _policy), ("model", _model)):
        try:
            checks[name] = await ask(services)
        except (DrafterError, GuardrailsError) as error:
            checks[name] = getattr(error, "code", "unusable")
            faults += 1
    if faults:
        return problem(503, "not-ready", "; ".join(f"{name}: {told}" for name, told in checks.items()))
    return Ready(status="ok", checks=checks)


async def _database(services: Services) -> str:
    await run_in_threadpool(services.store.queue.page, QueueFilter(), most=1)
    return "ok"


async def _policy(services: Services) -> str:
    return (await run_in_threadpool(services.desk.guard, "CN")).policy.name


async def _model(services: Services) -> str:
    return (await services.desk.model()).name


@router.get("/metrics", include_in_schema=False)
@router.get("/api/v1/metrics", include_in_schema=False)
def metrics() -> Response:
    """Return the metrics in the text format of Prometheus."""
    return Response(exposition(), media_type="text/plain; version=0.0.4; charset=utf-8")

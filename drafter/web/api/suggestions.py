"""Suggestions: asked for, watched while they are written, taken up again after a lost connection, stopped."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, StreamingResponse
from fastapi.sse import format_sse_event

from drafter.domain import Suggestion, Wish
from drafter.errors import NotFoundError
from drafter.web.api.idempotency import Repeatable
from drafter.web.callers import MayDraft, Needs
from drafter.web.jobs import Job
from drafter.web.services import services_of

router = APIRouter(prefix="/api/v1", tags=["suggestions"], route_class=Repeatable)
_STREAM = "text/event-stream"
_EVENTS: Final[dict[int | str, dict[str, Any]]] = {
    201: {
        "model": Suggestion,
        "description": "The suggestion; or, for `Accept: text/event-stream`, the events triage, token, finding, "
        "verdict, done, error and stopped, the first with the job's id.",
        "content": {_STREAM: {"schema": {"type": "string"}}},
    }
}


@router.post(
    "/cases/{case_id}/suggestions",
    status_code=201,
    response_model=None,
    responses=_EVENTS,
)
async def suggest(case_id: str, request: Request, caller: MayDraft, wish: Wish | None = None) -> Response:
    """Ask for a draft; while one is being written for the case, this joins it."""
    services = services_of(request)
    case = await run_in_threadpool(services.store.case, case_id)
    job = services.jobs.start(case, wish, by=caller.id)
    if _STREAM in request.headers.get("accept", ""):
        return _stream(job, after=0, status=201)
    suggestion = await services.jobs.result(job)
    return JSONResponse(suggestion.model_dump(mode="json"), status_code=201)


@router.get("/suggestions/{job_id}/events", response_model=None, dependencies=[Depends(Needs("draft"))])
async def events(job_id: str, request: Request, last_event_id: Annotated[int, Header(ge=0)] = 0) -> StreamingResponse:
    """Go on reading a draft's events behind `Last-Event-ID`."""
    job = services_of(request).jobs.job(job_id)
    if job is None:
        raise NotFoundError("This draft is no longer being written; look at the case.")
    return _stream(job, after=last_event_id, status=200)


@router.delete("/cases/{case_id}/suggestions", status_code=204, dependencies=[Depends(Needs("draft"))])
async def stop(case_id: str, request: Request) -> Response:
    """Stop writing the draft of a case."""
    await services_of(request).jobs.stop(case_id)
    return Response(status_code=204)


def _stream(job: Job, *, after: int, status: int) -> StreamingResponse:
    return StreamingResponse(
        _told(job, after), status_code=status, media_type=_STREAM, headers={"x-job": job.id, "x-accel-buffering": "no"}
    )


async def _told(job: Job, after: int) -> AsyncIterator[bytes]:
    async for event in job.watch(after=after):
        if event is None:
            yield format_sse_event(comment="still writing")
        else:
            yield format_sse_event(data_str=event.data, event=event.kind, id=str(event.number))

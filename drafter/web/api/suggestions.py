"""Suggestions: asked for, watched while they are written, taken up again after a lost connection, stopped."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, StreamingResponse
from fastapi.sse import format_sse_event

from drafter.domain import Suggestion, Wish
from drafter.errors import NotFoundError
from drafter.web.api.idempotency import Repeatable
from drafter.web.callers import MayDraft, Needs
from drafter.web.jobs import Event, Job
from drafter.web.language import translator
from drafter.web.services import services_of
from drafter.web.texts import Keepable

router = APIRouter(prefix="/api/v1", tags=["suggestions"], route_class=Repeatable)
_STREAM = "text/event-stream"
_EVENTS: Final[dict[int | str, dict[str, Any]]] = {
    201: {
        "model": Suggestion,
        "description": "The suggestion; or, for `Accept: text/event-stream`, the events triage, token, finding, "
        "verdict, done, error and stopped, the first with the job's id.",
        "content": {_STREAM: {"schema": {"type": "string"}}},
        "headers": {"X-Job": {"description": "Of the events: the job's id.", "schema": {"type": "string"}}},
    },
    502: {"description": "The model gave no usable answer; the case is kept."},
}
_STREAMED: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "The events behind that number.", "content": {_STREAM: {"schema": {"type": "string"}}}}
}
_BEHIND: Final = "The number of the last event that was read; the events behind it are sent."


@router.post(
    "/cases/{case_id}/suggestions",
    status_code=201,
    response_model=None,
    responses=_EVENTS,
)
async def suggest_reply(
    case_id: str, request: Request, caller: MayDraft, wish: Annotated[Wish | None, Keepable] = None
) -> Response:
    """Ask for a draft; while one is being written for the case, this joins it."""
    services = services_of(request)
    case = await run_in_threadpool(services.store.case, case_id)
    # What triage quotes and the model writes is seen even if nothing comes of it, and by whoever joins.
    await run_in_threadpool(services.looks.at_case, case.id, by=caller.id)
    job = services.jobs.start(case, wish, by=caller.id)
    if _STREAM in request.headers.get("accept", ""):
        return _stream(job, translator(request), after=0, status=201)
    suggestion = await services.jobs.result(job)
    return JSONResponse(suggestion.model_dump(mode="json"), status_code=201)


@router.get("/suggestions/{job_id}/events", response_class=StreamingResponse, responses=_STREAMED)
async def follow_suggestion(
    job_id: str,
    request: Request,
    caller: MayDraft,
    last_event_id: Annotated[int, Header(ge=0, description=_BEHIND)] = 0,
) -> StreamingResponse:
    """Go on reading a draft's events behind `Last-Event-ID`."""
    services = services_of(request)
    job = services.jobs.job(job_id)
    if job is None:
        raise NotFoundError("This draft is no longer being written; look at the case.")
    # What is remembered here may have been erased since.
    await run_in_threadpool(services.store.case, job.case_id)
    await run_in_threadpool(services.looks.at_case, job.case_id, by=caller.id)
    return _stream(job, translator(request), after=last_event_id, status=200)


@router.delete("/cases/{case_id}/suggestions", status_code=204, dependencies=[Depends(Needs("draft"))])
async def stop_suggestion(case_id: str, request: Request) -> Response:
    """Stop writing the draft of a case."""
    await services_of(request).jobs.stop(case_id)
    return Response(status_code=204)


def _stream(job: Job, say: Callable[[str], str], *, after: int, status: int) -> StreamingResponse:
    headers = {"x-job": job.id, "x-accel-buffering": "no"}
    return StreamingResponse(_told(job, say, after), status_code=status, media_type=_STREAM, headers=headers)


async def _told(job: Job, say: Callable[[str], str], after: int) -> AsyncIterator[bytes]:
    async for event in job.watch(after=after):
        if event is None:
            yield format_sse_event(comment="still writing")
        else:
            yield format_sse_event(data_str=_data(event, job, say), event=event.kind, id=str(event.number))


def _data(event: Event, job: Job, say: Callable[[str], str]) -> str:
    """Return what an event tells; why there is no draft is told in the reader's language."""
    if event.kind != "error" or job.error is None:
        return event.data
    told = {**json.loads(event.data), "detail": job.error.told(say)}
    return json.dumps(told, ensure_ascii=False)

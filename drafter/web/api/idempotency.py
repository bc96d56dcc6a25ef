"""`Idempotency-Key`: the same request again gets the same answer and changes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Coroutine
from typing import Any, Final

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute

from drafter.errors import InputError
from drafter.store.requests import Answered
from drafter.web.callers import Caller, conditions
from drafter.web.services import services_of
from guardrails import Verdict

HEADER: Final = "idempotency-key"
LONGEST: Final = 200
_REPEATED: Final = {"idempotency-replayed": "true"}

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class Repeatable(APIRoute):
    """A route that answers a repeated request as it did the first time."""

    @property
    def keeps(self) -> bool:
        """Tell whether answers are kept.

        A check changes nothing, and its verdict quotes a debtor's texts. Names asked for again are noted again.
        """
        return self.response_model is not Verdict and not self.path.endswith("/reveal")

    def get_route_handler(self) -> Handler:
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            key = request.headers.get(HEADER)
            streams = "text/event-stream" in request.headers.get("accept", "")
            asked = tuple(conditions(self.dependant))
            if key is None or request.method == "GET" or not self.keeps or streams or not asked:
                return await handler(request)
            if not 0 < len(key) <= LONGEST:
                raise InputError("An Idempotency-Key has 1 to {most} characters.", most=LONGEST)
            # Before an answer is given again: whoever asks may have signed out since, or lost their right.
            callers = [await needs(request) for needs in asked]
            return await _once(request, key, handler, actor=_actor(request, callers[0]))

        return handle


async def _once(request: Request, key: str, handler: Handler, *, actor: str) -> Response:
    services = services_of(request)
    requests = services.store.requests
    asked = hashlib.sha256(f"{request.method} {request.url.path}\n".encode() + await request.body()).hexdigest()
    answered = await run_in_threadpool(requests.begin, actor, key, request=asked, at=services.clock.now())
    if answered is not None:
        return Response(answered.body, answered.status, media_type="application/json", headers=_REPEATED)
    try:
        response = await handler(request)
    except BaseException:
        # What was refused, or failed, has changed nothing and may be asked again.
        await run_in_threadpool(requests.forget, actor, key)
        raise
    body = bytes(response.body).decode()
    await run_in_threadpool(requests.answer, actor, key, Answered(response.status_code, body))
    return response


def _actor(request: Request, caller: Caller) -> str:
    """Return a name for the session or key that let the caller in, so that nobody is given another's answer."""
    session = request.state.session.id if caller.person else ""
    return hashlib.sha256(f"{caller.id}\n{session}".encode()).hexdigest()

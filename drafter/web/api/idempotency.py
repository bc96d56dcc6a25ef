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
from drafter.web.callers import conditions
from drafter.web.cookies import SESSION_COOKIE
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
        """Tell whether answers are kept; a check changes nothing, and its verdict quotes a debtor's texts."""
        return self.response_model is not Verdict

    def get_route_handler(self) -> Handler:
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            key = request.headers.get(HEADER)
            streams = "text/event-stream" in request.headers.get("accept", "")
            if key is None or request.method == "GET" or not self.keeps or streams:
                return await handler(request)
            if not 0 < len(key) <= LONGEST:
                raise InputError("An Idempotency-Key has 1 to {most} characters.", most=LONGEST)
            # Before an answer is given again: whoever asks may have signed out since, or lost their right.
            for needs in conditions(self.dependant):
                await needs(request)
            return await _once(request, key, handler)

        return handle


async def _once(request: Request, key: str, handler: Handler) -> Response:
    services = services_of(request)
    requests, actor = services.store.requests, _actor(request)
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


def _actor(request: Request) -> str:
    """Return a name for the credential, so that nobody is given another's answer."""
    given = request.headers.get("authorization") or request.cookies.get(SESSION_COOKIE) or ""
    return hashlib.sha256(given.encode()).hexdigest()

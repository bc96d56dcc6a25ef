"""What every answer tells the browser about what it may run, frame and send; and how much one caller may ask."""

from __future__ import annotations

from typing import Final

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from drafter.errors import StorageError
from drafter.web.callers import address_of, key_of
from drafter.web.headers import SAFE
from drafter.web.problems import problem, refusal
from drafter.web.services import services_of

_MOST_DIGITS: Final = 18
_UNLIMITED: Final = ("/static/", "/healthz", "/readyz", "/metrics")


class SafeHeaders:
    """Adds the security headers; a page is never kept by a shared cache.

    Args:
        app: what answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SAFE.items():
                    headers.setdefault(name, value)
                if not scope["path"].startswith("/static/"):
                    headers.setdefault("cache-control", "no-store")
                if scope["scheme"] == "https":
                    headers.setdefault("strict-transport-security", "max-age=31536000")
            await send(message)

        await self._app(scope, receive, with_headers)


class Bounds:
    """Refuses what no route can take: a body that is too large, an address that no database can look up.

    Args:
        app: what answers.
        most_bytes: of a body.
    """

    def __init__(self, app: ASGIApp, most_bytes: int) -> None:
        self._app = app
        self._most = most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        told = request.headers.get("content-length", "")
        if told.isdecimal() and (len(told) > _MOST_DIGITS or int(told) > self._most):
            await refusal(request, 413)(scope, receive, send)
        elif "\0" in scope["path"] or b"%00" in scope["query_string"]:
            await refusal(request, 404)(scope, receive, send)
        else:
            await self._app(scope, receive, send)


class RateLimit:
    """Refuses what one caller asks beyond a number of requests a minute; counts in this process.

    Args:
        app: what answers.
        a_minute: requests of one session, key or address.
    """

    def __init__(self, app: ASGIApp, a_minute: int) -> None:
        self._app = app
        self._limit = RateLimitItemPerMinute(a_minute)
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(_UNLIMITED):
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        if not self._limiter.hit(self._limit, await _caller(request)):
            answer = problem(
                429, "throttled", "Too many requests in a minute; wait a moment, then go on.", retry_after="10"
            )
            await answer(scope, receive, send)
            return
        await self._app(scope, receive, send)


async def _caller(request: Request) -> str:
    """Return whom a request is counted for: whoever could make up a name of their own would have no limit."""
    try:
        key = await key_of(request)
    except StorageError:  # the route tells it
        key = None
    if key is not None:
        return f"key:{key.id}"
    token = services_of(request).cookies.token(request)
    if token is not None:
        return f"session:{token}"
    return f"address:{address_of(request)}"

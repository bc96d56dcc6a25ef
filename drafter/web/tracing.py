"""A request as a trace tells it: its route and its status; not the address, which may hold ids, links and searches."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from drafter.telemetry import step
from drafter.web.metrics import METHODS

_SERVER_ERROR: Final = 500


class Traced:
    """Traces requests, and goes on with the trace that a caller names.

    Args:
        app: what answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        method = scope["method"] if scope["method"] in METHODS else "_OTHER"
        known = {"http.request.method": method, "url.scheme": scope["scheme"]}
        with step(method, known, kind="server", headers=Headers(scope=scope)) as answering:

            async def watched(message: Message) -> None:
                if message["type"] == "http.response.start":
                    status = message["status"]
                    answering.tell({"http.response.status_code": status})
                    if status >= _SERVER_ERROR:
                        answering.failed(str(status))
                await send(message)

            try:
                await self._app(scope, receive, watched)
            finally:
                route = getattr(scope.get("route"), "path", None)
                if route is not None:
                    answering.name(f"{method} {route}")
                    answering.tell({"http.route": route})

"""An OpenAI-compatible endpoint on loopback that fails on command: for tests of faults only, since what a real model
answers is recorded in cassettes.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

USAGE = {"prompt_tokens": 90, "completion_tokens": 7, "prompt_tokens_details": {"cached_tokens": 64}}
MODEL = "fake-1"


@dataclass
class FakeUpstream:
    """What the endpoint was asked and what it does about it.

    Attributes:
        replies: one a request, in order; the last one again for all that follow.
        asked: the JSON bodies, in order.
        headers: their headers.
        hung_up: set when a client leaves before its answer is whole.
        waiting: set when a reply has sent all that it will.
    """

    replies: list[Reply] = field(default_factory=list)
    base_url: str = ""
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    hung_up: asyncio.Event = field(default_factory=asyncio.Event)
    waiting: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(await request.json())
        self.headers.append(request.headers)
        reply = self.replies[min(len(self.asked), len(self.replies)) - 1]
        try:
            return await reply(self, request)
        except (asyncio.CancelledError, ConnectionError):
            self.hung_up.set()
            raise


Reply = Callable[[FakeUpstream, web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def fake_upstream(*replies: Reply) -> AsyncIterator[FakeUpstream]:
    """Serve until the block ends."""
    upstream = FakeUpstream(list(replies))
    app = web.Application()
    app.router.add_post("/v1/chat/completions", upstream.answer)
    runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
    upstream.base_url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    try:
        yield upstream
    finally:
        await runner.cleanup()


def chunk(content: str | None = None, *, finish: str | None = None, **delta: Any) -> dict[str, Any]:
    """Return a chunk of a streamed answer."""
    told = delta if content is None else {"content": content, **delta}
    return {"id": "1", "model": MODEL, "choices": [{"index": 0, "delta": told, "finish_reason": finish}]}


def whole(*pieces: str, finish: str = "stop", usage: object = USAGE) -> list[dict[str, Any]]:
    """Return all chunks of an answer."""
    return [*map(chunk, pieces), chunk(finish=finish), {"id": "1", "model": MODEL, "choices": [], "usage": usage}]


def events(chunks: Iterable[object], *, done: bool = True) -> bytes:
    """Return server-sent events."""
    lines = [f"data: {json.dumps(each, ensure_ascii=False)}\n\n" for each in chunks]
    return "".join([*lines, "data: [DONE]\n\n" if done else ""]).encode()


def says(*pieces: str, finish: str = "stop", usage: object = USAGE) -> Reply:
    """Answer as a model does."""
    return sends(events(whole(*pieces, finish=finish, usage=usage)))


def sends(body: bytes, *, kind: str = "text/event-stream", bytes_at_once: int | None = None) -> Reply:
    """Answer HTTP 200 with these bytes, in one piece or in many."""

    async def reply(_: FakeUpstream, request: web.Request) -> web.StreamResponse:
        response = await _started(request, kind)
        step = bytes_at_once or len(body) or 1
        for start in range(0, len(body), step):
            await response.write(body[start : start + step])
            await asyncio.sleep(0)
        await response.write_eof()
        return response

    return reply


def fails(status: int, *, headers: Mapping[str, str] | None = None, body: object = None) -> Reply:
    """Answer with an error status; a JSON body unless it is text."""

    async def reply(_: FakeUpstream, __: web.Request) -> web.StreamResponse:
        told = {"error": {"message": "no"}} if body is None else body
        if isinstance(told, str):
            return web.Response(status=status, headers=headers, text=told, content_type="text/html")
        return web.json_response(told, status=status, headers=headers)

    return reply


def cuts(*pieces: str) -> Reply:
    """Send these pieces, then drop the connection."""

    async def reply(_: FakeUpstream, request: web.Request) -> web.StreamResponse:
        response = await _started(request)
        await response.write(events(map(chunk, pieces), done=False))
        _drop(request)
        return response

    return reply


def drops() -> Reply:
    """Drop the connection without an HTTP status."""

    async def reply(_: FakeUpstream, request: web.Request) -> web.StreamResponse:
        _drop(request)
        return web.Response()

    return reply


def hangs(*pieces: str) -> Reply:
    """Send these pieces, then nothing more for ever."""

    async def reply(upstream: FakeUpstream, request: web.Request) -> web.StreamResponse:
        response = await _started(request)
        if pieces:
            await response.write(events(map(chunk, pieces), done=False))
        upstream.waiting.set()
        await asyncio.Event().wait()
        return response

    return reply


def talks_for_ever(piece: str) -> Reply:
    """Send the same piece until the client leaves."""

    async def reply(_: FakeUpstream, request: web.Request) -> web.StreamResponse:
        response = await _started(request)
        while True:
            await response.write(events([chunk(piece)], done=False))
            await asyncio.sleep(0)

    return reply


def echoes() -> Reply:
    """Answer with the last thing that was asked, word by word."""

    async def reply(upstream: FakeUpstream, request: web.Request) -> web.StreamResponse:
        asked = (await request.json())["messages"][-1]["content"]
        return await says(*asked.partition(" "))(upstream, request)

    return reply


def rejects_unless(allowed: Callable[[dict[str, Any]], bool], complaint: object, *, status: int, then: Reply) -> Reply:
    """Answer with a complaint while the request is not allowed; all that come together are kept for one turn."""

    async def reply(upstream: FakeUpstream, request: web.Request) -> web.StreamResponse:
        if allowed(await request.json()):
            return await then(upstream, request)
        await asyncio.sleep(0)
        return web.json_response(complaint, status=status)

    return reply


async def _started(request: web.Request, kind: str = "text/event-stream") -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": kind})
    await response.prepare(request)
    return response


def _drop(request: web.Request) -> None:
    assert request.transport is not None
    request.transport.close()

"""A real server on loopback that takes approved texts, and remembers what it was sent and what it took."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SECRET = "a-secret-of-two-parties"


@dataclass(frozen=True)
class Request:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def told(self) -> dict[str, Any]:
        told = json.loads(self.body)
        assert isinstance(told, dict)
        return told


@dataclass
class Receiver:
    """Answers 200 once `answers` are used up; takes a text once for each idempotency key.

    Attributes:
        arrived: set as soon as a request has been read.
        answering: cleared by a test that wants the sender to wait.
    """

    url: str
    answers: list[int] = field(default_factory=list)
    location: str | None = None
    requests: list[Request] = field(default_factory=list)
    taken: dict[str, list[str]] = field(default_factory=dict)
    arrived: threading.Event = field(default_factory=threading.Event)
    answering: threading.Event = field(default_factory=threading.Event)

    def receive(self, request: Request) -> int:
        self.requests.append(request)
        status = self.answers.pop(0) if self.answers else HTTPStatus.OK
        key = request.headers["Idempotency-Key"]
        if status == HTTPStatus.OK and key not in self.taken:
            self.taken[key] = [request.told["text"]]
        self.arrived.set()
        self.answering.wait(20)
        return int(status)


@contextmanager
def receiving() -> Iterator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            body = self.rfile.read(length)
            if len(body) < length:
                return  # the sender was killed before all of it was sent
            status = receiver.receive(Request(self.path, dict(self.headers.items()), body))
            try:
                self.send_response(status)
                if receiver.location is not None:
                    self.send_header("Location", receiver.location)
                self.send_header("Content-Length", "0")
                self.end_headers()
            except ConnectionError:
                pass  # the sender was killed meanwhile

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its shape
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver = Receiver(url=f"http://127.0.0.1:{server.server_port}/texts")
        receiver.answering.set()
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield receiver
        finally:
            receiver.answering.set()
            server.shutdown()
            thread.join()

"""The API tried from without: requests made from its own description, sound and broken ones, and what they show."""

from __future__ import annotations

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from zoneinfo import available_timezones

import schemathesis
import uvicorn
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import strategies as st
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema

from drafter.domain import Role
from drafter.web.cookies import SESSION_COOKIE
from guardrails.normalise import normalise
from tests.web.served import Served, application

schemathesis.openapi.format("time-zone", st.sampled_from(sorted(available_timezones())))

# A sound request of these is refused with 422 for what it means, which no schema can say: a text that does not pass,
# a ruling without what its outcome asks for.
_REFUSED_FOR_WHAT_IT_MEANS: Final = ("approve_draft", "rule_on_draft")


@dataclass
class Tried:
    """What came of one run.

    Attributes:
        operations: those that were called.
        cases: how many requests were judged.
        statuses: how often each status was the answer.
        failures: what a check had against an answer, with the request to repeat it.
    """

    operations: set[str] = field(default_factory=set)
    cases: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)


CALLERS: Final[Mapping[str, Callable[[Served], TestClient]]] = {
    "agent": lambda served: served.signed_in(),
    "qa": lambda served: served.signed_in(Role.QA),
    "key": lambda served: served.with_key("read", "draft", "review"),
}


@contextmanager
def open_to_tries(data_dir: Path, database_url: str | None) -> Iterator[tuple[Served, str]]:
    """Run the application, with no limit of requests, and give it with the address where it listens.

    Args:
        data_dir: where its SQLite file is.
        database_url: of another database; None for that file.
    """
    made = application(data_dir, database_url=database_url, requests_a_minute=10**9)
    with TestClient(made.app, follow_redirects=False) as client, listening(made.app) as address:
        yield Served(client, made.services, made.upstream), address


@contextmanager
def listening(app: FastAPI) -> Iterator[str]:
    """Serve an application that has been started already on a free port of this machine; give its address."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, lifespan="off", log_level="critical", access_log=False, http="h11", ws="none")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([bound],), daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{bound.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(10)


def tried(
    served: Served, address: str, caller: str, *, most: int, systematic: bool = True, spare: Collection[str] = ()
) -> Tried:
    """Run schemathesis with all of its checks.

    Args:
        served: as it runs.
        address: where it listens.
        caller: one of `CALLERS`.
        most: requests an operation in each phase that makes them up.
        systematic: break every single constraint of every operation in turn too.
        spare: operations that are not tried systematically.
    """
    config = SchemathesisConfig.from_dict(
        {
            "base-url": address,
            "seed": 1,
            "auth": {"openapi": _credentials(CALLERS[caller](served))},
            "output": {"sanitization": {"enabled": False}, "truncation": {"enabled": False}},
            # Credentials are not made up beside the caller's own: a browser may well send another along.
            "generation": {
                "max-examples": most,
                "deterministic": True,
                "database": "none",
                "with-security-parameters": False,
                # No text holds a NUL, which is no shape that a schema tells: tests of their own send them.
                "allow-x00": False,
            },
            "operations": [
                {"include-operation-id": name, "checks": {"positive_data_acceptance": {"enabled": False}}}
                for name in _REFUSED_FOR_WHAT_IT_MEANS
            ]
            + [{"include-operation-id": name, "phases": {"coverage": {"enabled": False}}} for name in spare],
            "phases": {"coverage": {"enabled": systematic}},
            "continue-on-failure": True,
            # A busy machine is slow, which is no fault of an answer.
            "request-timeout": 60,
        }
    )
    schema = schemathesis.openapi.from_dict(served.client.get("/openapi.json").json(), config=config)
    found = Tried()
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            _note(event, found)
        elif isinstance(event, events.NonFatalError):
            found.failures.append(f"{event.label}: {event.value!r}")
        elif isinstance(event, events.FatalError):
            raise event.exception
    return found


def _credentials(caller: TestClient) -> dict[str, dict[str, str]]:
    _, _, key = caller.headers.get("authorization", "").partition(" ")
    if key:
        return {"key": {"bearer": key}}
    session, page = caller.cookies[SESSION_COOKIE], caller.headers["x-csrf-token"]
    return {"session": {"api_key": session}, "page": {"api_key": page}}


@schemathesis.hook("before_call")
def _made_fit(context: object, case: Any, kwargs: object) -> None:
    """Let a sound request bring what only the desk, or chance, can give."""
    del context, kwargs
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    case.query.pop("cursor", None)
    if isinstance(case.body, dict) and not normalise(str(case.body.get("message", "."))).text.strip():
        # Of characters that do not show, which no pattern lists.
        case.body["message"] = "您好"
    if "Idempotency-Key" in case.headers:
        # Made-up ones are alike again and again, and one key is for one request.
        case.headers["Idempotency-Key"] = case.id


def _note(event: events.ScenarioFinished, found: Tried) -> None:
    for node in event.recorder.cases.values():
        found.operations.add(node.value.operation.label)
        found.cases += 1
    for one in event.recorder.interactions.values():
        found.statuses[one.response.status_code if one.response else 0] += 1
    for checks in event.recorder.checks.values():
        for check in checks:
            told = check.failure_info
            if told is not None:
                where = f"{event.phase.value} {event.recorder.label} [{check.name}]"
                found.failures.append(f"{where} {told.failure.message}\n{told.code_sample}")

"""Drafts being written: they live on the server, so that a colleague or another device sees the same one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Final
from uuid import uuid4

from drafter.desk.drafting import Desk, suggest
from drafter.domain import Attempt, Case, Suggestion, Triage, Wish
from drafter.errors import ConflictError, DrafterError
from drafter.web.metrics import DRAFTING, count

HEARTBEAT_S: Final = 15.0
_KEPT: Final = 200
_ENDED: Final = frozenset({"done", "error", "stopped"})


@dataclass(frozen=True)
class Event:
    """Something that happened while a draft was written.

    Attributes:
        number: 1 for the first; a reader that lost the connection goes on behind the last one it saw.
        kind: triage, token, finding, verdict, done, error or stopped.
        data: JSON.
    """

    number: int
    kind: str
    data: str


@dataclass
class Job:
    """One draft being written: a watcher of the desk that remembers what it was told."""

    id: str
    case_id: str
    events: list[Event] = field(default_factory=list)
    suggestion: Suggestion | None = None
    error: DrafterError | None = None
    task: asyncio.Task[None] | None = None
    _more: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def ended(self) -> bool:
        return bool(self.events) and self.events[-1].kind in _ENDED

    def tell(self, kind: str, data: object) -> None:
        self.events.append(Event(len(self.events) + 1, kind, json.dumps(data, ensure_ascii=False)))
        self._more.set()
        self._more = asyncio.Event()

    def triaged(self, triage: Triage) -> None:
        self.tell("triage", triage.model_dump(mode="json"))

    def token(self, piece: str) -> None:
        if piece:
            self.tell("token", {"text": piece})

    def judged(self, attempt: Attempt) -> None:
        for finding in attempt.verdict.findings:
            self.tell("finding", finding.model_dump(mode="json"))
        told = attempt.verdict.model_dump(mode="json")
        self.tell("verdict", {**told, "text": attempt.text, "model": attempt.model})

    async def watch(self, *, after: int = 0) -> AsyncIterator[Event | None]:
        """Yield the events behind a number as they come, and None where nothing came for a while."""
        seen = after
        while True:
            more = self._more
            for event in self.events[seen:]:
                seen = event.number
                yield event
            if self.ended and seen >= len(self.events):
                return
            try:
                await asyncio.wait_for(more.wait(), HEARTBEAT_S)
            except TimeoutError:
                yield None


class Jobs:
    """Every draft being written in this process, at most one a case.

    Args:
        desk: writes them.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._jobs: dict[str, Job] = {}
        self._running: dict[str, Job] = {}

    def use(self, desk: Desk) -> None:
        """Let another desk write from the next draft on; those under way end as they began."""
        self._desk = desk

    def start(self, case: Case, wish: Wish | None = None, *, by: str) -> Job:
        """Begin to write a draft for a case; where one is being written already, return that one."""
        running = self._running.get(case.id)
        if running is not None:
            return running
        job = Job(id=uuid4().hex, case_id=case.id)
        self._jobs[job.id] = self._running[case.id] = job
        job.task = asyncio.create_task(self._run(job, case, wish, by))
        DRAFTING.set(len(self._running))
        while len(self._jobs) > _KEPT:
            self._jobs.pop(next(iter(self._jobs)))
        return job

    def running(self, case_id: str) -> Job | None:
        """Return the draft that is being written for a case; None where none is."""
        return self._running.get(case_id)

    def job(self, job_id: str) -> Job | None:
        return self._jobs.get(job_id)

    async def stop(self, case_id: str) -> None:
        """Stop writing; the model's answer is broken off and nothing of it is offered.

        Raises:
            ConflictError: no draft is being written for the case.
        """
        job = self._running.get(case_id)
        if job is None or job.task is None:
            raise ConflictError("No draft is being written for this case; it may just have been finished.")
        job.task.cancel()
        await asyncio.gather(job.task, return_exceptions=True)
        if not job.ended:  # a task that never began does not tell of its end
            job.tell("stopped", {})
            self._forget(job)

    async def result(self, job: Job) -> Suggestion:
        """Wait for a draft.

        Raises:
            DrafterError: it could not be written.
            ConflictError: it was stopped.
        """
        async for _ in job.watch():
            pass
        if job.error is not None:
            raise job.error
        if job.suggestion is None:
            raise ConflictError("The draft was stopped; ask again when you want one.")
        return job.suggestion

    async def close(self) -> None:
        """Stop everything that is being written."""
        for case_id in tuple(self._running):
            await self.stop(case_id)

    async def _run(self, job: Job, case: Case, wish: Wish | None, by: str) -> None:
        try:
            job.suggestion = await suggest(self._desk, case, job, wish=wish, by=by)
            count(job.suggestion)
            job.tell("done", job.suggestion.model_dump(mode="json"))
        except asyncio.CancelledError:
            job.tell("stopped", {})
        except DrafterError as error:
            job.error = error
            job.tell("error", {"code": error.code, "template": error.template, "detail": error.message})
        except Exception as error:
            job.error = DrafterError(
                "Something went wrong while the draft was written ({kind}); nothing was offered. Try again.",
                kind=type(error).__name__,
            )
            job.tell("error", {"code": "internal", "template": job.error.template, "detail": job.error.message})
            raise
        finally:
            self._forget(job)

    def _forget(self, job: Job) -> None:
        self._running.pop(job.case_id, None)
        DRAFTING.set(len(self._running))

"""Kill the desk at random moments while people work, look at what is left each time, and settle accounts at the end."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import socket
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import aiohttp
from aiohttp import web
from sqlalchemy import func, select, text

from drafter.store.repository import SqlStore
from drafter.store.tables import draft_states
from tests.channels.receiver import SECRET, Receiver, receiving
from tests.daytime import where_it_is_noon
from tests.killing.agents import Agent
from tests.killing.browser import Browser
from tests.killing.settling import Settled, settle
from tests.llm.fake_upstream import FakeUpstream, Reply, fake_upstream, says
from tests.signed import signed_in
from tests.web.served import KIND

ROOT: Final = Path(__file__).parents[2]
COOKIES: Final = "a-secret-that-signs-the-cookies"
MODEL_S: Final = 0.1
UNDO_S: Final = 0.3
# So many are killed at a moment counted from their very beginning; the others from their first answer on.
EARLY: Final = 0.2


@dataclass(frozen=True)
class Plan:
    """What is tried.

    Attributes:
        database: an SQLAlchemy URL of a database that is new and empty.
        folder: for whatever else the desk writes.
        seed: of the moments, and of what the agents decide.
        longest_s: a desk lives no longer than this behind its first answer.
    """

    database: str
    folder: Path
    kills: int
    seed: int
    agents: int = 8
    longest_s: float = 2.5


@dataclass
class Outcome:
    """What came of it.

    Attributes:
        early: kills before the desk had answered anything.
        under_way: what the agents were waiting for at the kills, and the texts that had been given to the channel.
        whole: kills behind which the journal's chain was valid.
    """

    plan: Plan
    seconds: float = 0
    kills: int = 0
    early: int = 0
    whole: int = 0
    under_way: Counter[str] = field(default_factory=Counter)
    answered: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    entries: int = 0
    settled: Settled = field(default_factory=Settled)

    @property
    def kept(self) -> bool:
        """Tell whether every promise was kept."""
        never = (settled := self.settled).lost + settled.twice + settled.changed + settled.unapproved
        return not never + settled.taken_back + len(self.faults) and self.whole == self.kills

    def table(self) -> list[tuple[str, object]]:
        settled = self.settled
        return [
            ("approvals that agents were told of", settled.approved),
            ("  of which lost", settled.lost),
            ("texts that the receiver took", settled.delivered),
            ("  for a case that had one already", settled.twice),
            ("  without an approval of exactly these bytes", settled.unapproved),
            ("  although the approval had been taken back", settled.taken_back),
            ("requests that repeated one, by their key", settled.repeated),
            ("  with other bytes", settled.changed),
            ("answers that nobody should get", len(self.faults)),
            ("entries of the journal", self.entries),
            ("kills behind which its chain was valid", f"{self.whole}/{self.kills}"),
        ]


class Desk:
    """The application's process, which can be killed and begun anew."""

    def __init__(self, keeper: asyncio.subprocess.Process) -> None:
        self._keeper = keeper
        self._running: int | None = None

    async def begin(self) -> None:
        assert self._keeper.stdin is not None
        self._keeper.stdin.write(b"\n")
        self._running = int(await self._told())

    async def end(self, how: signal.Signals) -> str:
        """Send a signal to the process and all that it started; return what became of it."""
        if self._running is None:
            return ""
        os.killpg(self._running, how)
        ended = await self._told()
        self._running = None
        return ended

    async def _told(self) -> str:
        assert self._keeper.stdout is not None
        line = await asyncio.wait_for(self._keeper.stdout.readline(), 60)
        return line.decode().strip()


async def kill_again_and_again(plan: Plan) -> Outcome:
    """Run the plan."""
    began, outcome = time.monotonic(), Outcome(plan)
    moments = random.Random(plan.seed)  # noqa: S311 - when to kill is no secret
    store = SqlStore.open(plan.database)
    headers = signed_in(store, plan.agents, COOKIES)
    async with AsyncExitStack() as stack:
        stack.callback(store.close)
        receiver = stack.enter_context(receiving())
        upstream = await stack.enter_async_context(fake_upstream(_speaks(MODEL_S)))
        port = _free_port()
        desk = await stack.enter_async_context(_desk(plan, port, upstream.base_url, receiver))
        http = await stack.enter_async_context(aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)))
        agents = [
            _agent(plan, number, http, f"http://127.0.0.1:{port}/api/v1", given) for number, given in enumerate(headers)
        ]
        stop = asyncio.Event()
        working = [asyncio.create_task(agent.work(stop)) for agent in agents]
        for _ in range(plan.kills):
            before = _answers(agents)
            await desk.begin()
            if moments.random() > EARLY:
                await _until(lambda: _answers(agents) > before)  # noqa: B023 - awaited at once
            await asyncio.sleep(moments.uniform(0, plan.longest_s))
            outcome.under_way.update(agent.browser.doing for agent in agents if agent.browser.doing)
            assert await desk.end(signal.SIGKILL) == f"ended {-signal.SIGKILL}"
            outcome.kills += 1
            outcome.early += _answers(agents) == before
            await asyncio.to_thread(_look, store, outcome)
        await desk.begin()
        stop.set()
        await asyncio.gather(*working)
        await _all_left(store)
        ended = await desk.end(signal.SIGTERM)
        # A server that has closed all in good order hands the signal on to itself.
        if ended != f"ended {-signal.SIGTERM}":
            outcome.faults.append(f"the last desk {ended}")
        for agent in agents:
            outcome.answered.update(agent.browser.answered)
            outcome.faults.extend(agent.browser.faults)
        trips = [trip for agent in agents for trip in agent.trips]
        outcome.settled = settle(store, trips, receiver)
        outcome.entries = store.journal.end()[0]
    outcome.seconds = time.monotonic() - began
    return outcome


def _look(store: SqlStore, outcome: Outcome) -> None:
    """Look at what a killed desk has left."""
    outcome.whole += store.journal.first_fault() is None
    queued = select(func.count()).where(draft_states.c.status == "queued")
    with store._engine.connect() as connection:
        outcome.under_way["deliver"] += connection.execute(queued).scalar_one()
        if connection.dialect.name == "sqlite":
            assert connection.execute(text("PRAGMA foreign_key_check")).first() is None


async def _all_left(store: SqlStore, within_s: float = 300) -> None:
    """Wait until nothing waits any more, or no more comes of waiting."""
    with suppress(TimeoutError):
        async with asyncio.timeout(within_s):
            # Another process tells by the database alone.
            while await asyncio.to_thread(store.drafts.deliveries, "waiting", most=1):  # noqa: ASYNC110
                await asyncio.sleep(0.1)


async def _until(true: Callable[[], bool], within_s: float = 60) -> None:
    async with asyncio.timeout(within_s):
        while not true():  # noqa: ASYNC110 - as above, of many agents
            await asyncio.sleep(0.01)


def _agent(plan: Plan, number: int, http: aiohttp.ClientSession, url: str, headers: dict[str, str]) -> Agent:
    chance = random.Random(f"{plan.seed}-{number}")  # noqa: S311 - what an agent does is no secret
    browser = Browser(http, url, headers, chance)
    return Agent(f"agent-{number}", browser, chance, where_it_is_noon())


def _answers(agents: list[Agent]) -> int:
    return sum(agent.browser.answered.total() for agent in agents)


@asynccontextmanager
async def _desk(plan: Plan, port: int, model: str, receiver: Receiver) -> AsyncIterator[Desk]:
    settings = {
        "DRAFTER_DATABASE_URL": plan.database,
        "DRAFTER_DATA_DIR": str(plan.folder),
        "DRAFTER_SECRET": COOKIES,
        "DRAFTER_UNDO_S": str(UNDO_S),
        "DRAFTER_REQUESTS_A_MINUTE": "1000000",
        "DRAFTER_WEBHOOK_URL": receiver.url,
        "DRAFTER_WEBHOOK_SECRET": SECRET,
        "DRAFTER_MODEL": "fake-upstream",
        "OPENAI_BASE_URL": model,
        "OMP_NUM_THREADS": "1",
    }
    with (plan.folder / "desk.log").open("wb") as log:
        keeper = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.killing.desk", str(port)),
            cwd=ROOT,
            env={**os.environ, **settings},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
        )
        desk = Desk(keeper)
        try:
            assert await desk._told() == "ready"
            yield desk
        finally:
            await desk.end(signal.SIGKILL)
            await keeper.communicate(b"")  # it ends where its standard input does


def _speaks(after_s: float) -> Reply:
    says_it = says(KIND)

    async def reply(upstream: FakeUpstream, request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(after_s)
        return await says_it(upstream, request)

    return reply


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])

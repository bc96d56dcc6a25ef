"""200 agents at once through suggest, edit and approve on one process, beside a bare application in the same run.

The desk is `drafter serve` on a SQLite file (or any --database that is new and empty); the model is a stand-in on
loopback that takes 500 ms for an answer and streams it to whoever asks for that. The bare application is FastAPI with
openai's default client: it asks the model and gives back the text, and keeps and checks nothing. Overhead is what a
step takes beyond the model's 500 ms; the steps without a model have no such allowance. The cases are opened before
the clock starts. All four processes share the machine, the agents too.

    python bench/load.py [--agents 200] [--rounds 1] [--turns 1] [--pause 0] [--database URL]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import socket
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles

import aiohttp
import fastapi
import openai
import uvicorn
from aiohttp import web

from drafter.domain import text_sha256
from drafter.store.repository import SqlStore
from tests.llm.fake_upstream import events, whole
from tests.signed import signed_in
from tests.web.served import CASE, KIND

MODEL_S = 0.5
PIECES = 20
ENDING = "您慢慢说，我会认真听。"
SIGNS = "a-secret-that-signs-the-cookies"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--agents", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=1, help="cases that each agent answers in a turn")
    parser.add_argument("--turns", type=int, default=1, help="of the desk and the bare application")
    parser.add_argument("--pause", type=float, default=0, help="mean seconds that an agent reads before each step")
    parser.add_argument("--database", help="SQLAlchemy URL of a database that is new and empty")
    parser.add_argument("--serve", choices=("model", "bare"), help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.serve:
        if given.serve == "model":
            web.run_app(model_app(), host="127.0.0.1", port=given.port, print=None, access_log=None, backlog=2048)
        else:
            uvicorn.run(bare_app(), host="127.0.0.1", port=given.port, log_level="warning", access_log=False)
        return 0
    return asyncio.run(compare(given))


def model_app() -> web.Application:
    size = -(-len(KIND) // PIECES)
    pieces = [KIND[start : start + size] for start in range(0, len(KIND), size)]
    sent = [events([chunk], done=False) for chunk in whole(*pieces)]
    message = {"index": 0, "message": {"role": "assistant", "content": KIND}, "finish_reason": "stop"}
    plain = {"id": "1", "object": "chat.completion", "created": 0, "model": "stand-in", "choices": [message]}

    async def answer(request: web.Request) -> web.StreamResponse:
        if not (await request.json()).get("stream"):
            await asyncio.sleep(MODEL_S)
            return web.json_response(plain)
        response = web.StreamResponse(headers={"content-type": "text/event-stream"})
        began = asyncio.get_running_loop().time()
        await response.prepare(request)
        for number, part in enumerate(sent, 1):
            due = began + MODEL_S * min(1, number / len(pieces))
            await asyncio.sleep(max(0, due - asyncio.get_running_loop().time()))
            await response.write(part)
        await response.write(events([]))
        return response

    app = web.Application()
    app.router.add_post("/v1/chat/completions", answer)
    return app


def bare_app() -> fastapi.FastAPI:
    client = openai.AsyncOpenAI()
    app = fastapi.FastAPI()

    @app.post("/suggest")
    async def suggest(asked: dict[str, str]) -> dict[str, str | None]:
        answered = await client.chat.completions.create(
            model="stand-in", messages=[{"role": "user", "content": asked["message"]}]
        )
        return {"text": answered.choices[0].message.content}

    return app


@dataclass
class Measured:
    """What one application did in all of its turns."""

    times: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    seconds: float = 0
    cpu_s: float = 0
    peak_mib: float = 0
    errors: Counter[str] = field(default_factory=Counter)

    @property
    def rate(self) -> float:
        """Return suggestions a second."""
        return len(self.times["suggest"]) / self.seconds

    def show(self, name: str) -> None:
        requests = sum(map(len, self.times.values()))
        print(
            f"{name}: {requests / self.seconds:.1f} requests/s, {self.rate:.1f} suggestions/s, "
            f"{1000 * self.cpu_s / max(1, len(self.times['suggest'])):.0f} ms of CPU a suggestion, "
            f"peak {self.peak_mib:.0f} MiB, errors {self.errors.total()}"
        )
        for step, taken in self.times.items():
            allowed = MODEL_S if step == "suggest" else 0
            cuts = quantiles(taken, n=100) if len(taken) > 1 else taken * 99
            print(
                f"  {step:<8} p50 {1000 * median(taken):6.0f} ms, p99 {1000 * cuts[98]:6.0f} ms;"
                f"  overhead p50 {1000 * (median(taken) - allowed):6.0f} ms, p99 {1000 * (cuts[98] - allowed):6.0f} ms"
            )
        for error, count in self.errors.most_common(5):
            print(f"  {count} x {error}")


@dataclass
class Person:
    """One agent's browser."""

    http: aiohttp.ClientSession
    base: str
    measured: Measured
    pause_s: float
    headers: dict[str, str] = field(default_factory=dict)

    async def ask(self, step: str, method: str, path: str, body: object = None) -> dict[str, object]:
        if self.pause_s:
            await asyncio.sleep(random.expovariate(1 / self.pause_s))
        began = time.perf_counter()
        async with self.http.request(method, f"{self.base}{path}", json=body, headers=self.headers) as answer:
            told = await answer.json(content_type=None)
            if not answer.ok:
                raise RuntimeError(f"{step}: {answer.status} {told.get('detail')}")
        self.measured.times[step].append(time.perf_counter() - began)
        return dict(told)

    async def answer_cases(self, ids: list[str]) -> None:
        for case_id in ids:
            try:
                await self._answer(case_id)
            except (aiohttp.ClientError, TimeoutError, RuntimeError, KeyError) as error:
                self.measured.errors[str(error) or type(error).__name__] += 1

    async def _answer(self, case_id: str) -> None:
        suggestion = await self.ask("suggest", "POST", f"/cases/{case_id}/suggestions")
        path, text = f"/drafts/{suggestion['draft_id']}", f"{suggestion['text']}{ENDING}"
        await self.ask("edit", "PATCH", path, {"text": text, "version": 1})
        await self.ask("approve", "POST", f"{path}/approval", {"version": 2, "text_sha256": text_sha256(text)})

    async def only_ask(self, rounds: int) -> None:
        for _ in range(rounds):
            try:
                await self.ask("suggest", "POST", "/suggest", {"message": CASE["message"]})
            except (aiohttp.ClientError, TimeoutError, RuntimeError) as error:
                self.measured.errors[str(error) or type(error).__name__] += 1


async def compare(given: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory() as folder:
        database = given.database or f"sqlite:///{Path(folder) / 'drafter.sqlite3'}"
        store = SqlStore.open(database)
        headers = signed_in(store, given.agents, SIGNS)
        store.close()
        model, desk, bare = (_free_port() for _ in range(3))
        settings = {
            "DRAFTER_DATABASE_URL": database,
            "DRAFTER_DATA_DIR": folder,
            "DRAFTER_SECRET": SIGNS,
            "DRAFTER_REQUESTS_A_MINUTE": "1000000",
            "DRAFTER_MODEL": "stand-in",
            "OPENAI_BASE_URL": f"http://127.0.0.1:{model}/v1",
            "OPENAI_API_KEY": "none",
        }
        ours, theirs = Measured(), Measured()
        # The bare application closes what was idle for 5 s, and would do so under a request.
        connections = aiohttp.TCPConnector(limit=0, keepalive_timeout=2)
        patience = aiohttp.ClientTimeout(total=600)
        async with (
            _process(__file__, "--serve", "model", "--port", model),
            _process("-m", "drafter", "serve", "--port", desk, **settings) as desk_id,
            _process(__file__, "--serve", "bare", "--port", bare, **settings) as bare_id,
            aiohttp.ClientSession(connector=connections, timeout=patience) as http,
        ):
            await _up(http, f"http://127.0.0.1:{desk}/healthz", f"http://127.0.0.1:{bare}/openapi.json")
            api, plain = f"http://127.0.0.1:{desk}/api/v1", f"http://127.0.0.1:{bare}"
            people = [Person(http, api, ours, given.pause, each) for each in headers]
            others = [Person(http, plain, theirs, given.pause) for _ in headers]
            print(
                f"{given.agents} agents at once, {given.rounds} cases each in a turn, {given.turns} turns", flush=True
            )
            await asyncio.gather(_warmed(people[0]), Person(http, plain, Measured(), 0).only_ask(1))
            for _ in range(given.turns):
                cases = await asyncio.gather(*(_opened(person, given.rounds) for person in people))
                await _timed(ours, desk_id, [one.answer_cases(ids) for one, ids in zip(people, cases, strict=True)])
                await _timed(theirs, bare_id, [one.only_ask(given.rounds) for one in others])
    ours.show("drafter")
    theirs.show("bare FastAPI with openai's default client")
    print(f"drafter to bare: suggestions/s {ours.rate / theirs.rate:.2f}, peak {ours.peak_mib / theirs.peak_mib:.1f}")
    wanted = given.agents * given.rounds * given.turns
    whole_way = all(len(ours.times[step]) == wanted for step in ("suggest", "edit", "approve"))
    return 0 if whole_way and not ours.errors and not theirs.errors else 1


async def _opened(person: Person, count: int) -> list[str]:
    quiet = Person(person.http, person.base, Measured(), 0, person.headers)
    told = [await quiet.ask("open", "POST", "/cases", CASE) for _ in range(count)]
    return [str(one["case"]["id"]) for one in told]  # type: ignore[index] # a case is a mapping


async def _warmed(person: Person) -> None:
    quiet = Person(person.http, person.base, Measured(), 0, person.headers)
    await quiet.answer_cases(await _opened(quiet, 1))
    if quiet.measured.errors:
        raise SystemExit(f"The desk does not answer: {quiet.measured.errors}")


async def _timed(measured: Measured, process: int, work: list[object]) -> None:
    cpu, began = _cpu_s(process), time.perf_counter()
    await asyncio.gather(*work)  # type: ignore[call-overload] # coroutines
    measured.seconds += time.perf_counter() - began
    measured.cpu_s += _cpu_s(process) - cpu
    measured.peak_mib = max(measured.peak_mib, _peak_mib(process))


def _cpu_s(process: int) -> float:
    user, system = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _peak_mib(process: int) -> float:
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


@asynccontextmanager
async def _process(*words: object, **settings: str) -> AsyncIterator[int]:
    made = await asyncio.create_subprocess_exec(
        sys.executable, *map(str, words), env={**os.environ, **settings}, stdout=asyncio.subprocess.DEVNULL
    )
    try:
        yield made.pid
    finally:
        made.terminate()
        await made.wait()


async def _up(http: aiohttp.ClientSession, *urls: str, within_s: float = 60) -> None:
    async with asyncio.timeout(within_s):
        for url in urls:
            while True:
                try:
                    async with http.get(url):
                        break
                except aiohttp.ClientError:
                    await asyncio.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())

"""The model client at 200 questions at once against a stand-in on loopback: aiohttp transport and openai's default."""

from __future__ import annotations

import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import httpx2
import openai

from drafter.domain import ChatMessage, Prompt
from drafter.llm.chat import ChatClient, open_chat
from drafter.llm.retrying import Timing
from tests.llm.fake_upstream import fake_upstream, says

AT_ONCE = 200
REQUESTS = 400
ROUNDS = 3
PIECES = 40
DEADLINE_S = 120.0
PROMPT = Prompt(messages=(ChatMessage(role="user", content="您好，" * 400),), version="bench")
CLIENTS: dict[str, Callable[[], httpx2.AsyncClient]] = {
    "aiohttp": openai.DefaultAioHttpClient,
    "default": openai.DefaultAsyncHttpxClient,
}


def main() -> None:
    if "--serve" in sys.argv:
        asyncio.run(_serve())
        return
    with subprocess.Popen([sys.executable, __file__, "--serve"], stdout=subprocess.PIPE, text=True) as server:
        try:
            base_url = next(iter(server.stdout or ()))
            asyncio.run(_compare(base_url.strip()))
        finally:
            server.terminate()


async def _serve() -> None:
    async with fake_upstream(says(*["还款计划"] * PIECES)) as upstream:
        print(upstream.base_url, flush=True)
        await asyncio.Event().wait()


async def _compare(base_url: str) -> None:
    print(f"{REQUESTS} streamed answers of {PIECES} pieces, {AT_ONCE} at once, {ROUNDS} rounds by turns")
    rates: dict[str, list[float]] = {name: [] for name in CLIENTS}
    for _ in range(ROUNDS):
        for name, transport in CLIENTS.items():
            rates[name].append(await _rate(base_url, transport))
    middle = {name: statistics.median(each) for name, each in rates.items()}
    for name, each in rates.items():
        print(f"{name}: {middle[name]:.0f} requests/s (from {min(each):.0f} to {max(each):.0f})")
    print(f"aiohttp to default: {middle['aiohttp'] / middle['default']:.2f}")
    async with open_chat(base_url, api_key=None, model="m", deadline_s=DEADLINE_S) as chat:
        await chat.complete(PROMPT)
        alone = [(await chat.complete(PROMPT)).latency_ms for _ in range(50)]
    print(f"one at a time: {statistics.median(alone):.0f} ms an answer")


async def _rate(base_url: str, transport: Callable[[], httpx2.AsyncClient]) -> float:
    """Return answers a second; the client differs from the desk's in nothing but its transport."""
    async with transport() as http:
        client = openai.AsyncOpenAI(api_key="none", base_url=base_url, max_retries=0, http_client=http)
        chat = ChatClient(client, model="m", where="loopback", deadline_s=DEADLINE_S, timing=Timing())
        turns = asyncio.Semaphore(AT_ONCE)

        async def ask() -> None:
            async with turns:
                await chat.complete(PROMPT)

        await ask()
        began = time.perf_counter()
        await asyncio.gather(*(ask() for _ in range(REQUESTS)))
        return REQUESTS / (time.perf_counter() - began)


if __name__ == "__main__":
    main()

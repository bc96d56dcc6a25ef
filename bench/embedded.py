"""The embedded model as the desk uses it: load, first token and whole reply, cold and warm, memory and disk."""

from __future__ import annotations

import asyncio
import json
import time
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from drafter.bootstrap import embedded_model_path
from drafter.desk.prompting import PromptBook
from drafter.domain import Prompt, Tier
from drafter.llm.embedded import EmbeddedServer
from drafter.settings import load_settings
from guardrails.model import Language

MESSAGES: dict[Language, tuple[str, str]] = {
    "zh": ("我上个月失业了，这个月真的还不上，能不能缓一缓？", "家里老人住院，工资也停了，我想先还一部分行吗？"),
    "en": (
        "I lost my job last month and cannot pay now. Can I have more time?",
        "My hours were cut; can I pay a part?",
    ),
}
LABELS: dict[Language, str] = {"zh": "手紧", "en": "tight"}


def main() -> None:
    path = embedded_model_path(load_settings())
    print(f"disk: {path.stat().st_size / 1e9:.2f} GB in {path.name}")
    book = PromptBook.installed()
    for lang in MESSAGES:
        print(f"-- {lang}, cold: a server just started, then a second debtor at once")
        asyncio.run(_measure(path, book, lang, warm=False))
    print("-- zh, warm: the prompt's static part was read at start")
    asyncio.run(_measure(path, book, "zh", warm=True))


async def _measure(path: Path, book: PromptBook, lang: Language, *, warm: bool) -> None:
    turns: list[float] = []
    ticking = asyncio.create_task(_tick(turns))
    began = time.perf_counter()
    async with EmbeddedServer(path) as server:
        loaded = time.perf_counter() - began
        print(f"load {loaded:.1f} s, longest stop of the event loop meanwhile {max(turns) * 1000:.0f} ms")
        if warm:
            began = time.perf_counter()
            read = await asyncio.to_thread(server.warm_up, book.static(lang, woven=True))
            print(f"warm-up: {read} tokens in {time.perf_counter() - began:.1f} s")
        for message in MESSAGES[lang]:
            prompt = book.woven(lang=lang, tier=Tier.GENERAL, message=message, label=LABELS[lang])
            await asyncio.to_thread(_ask, server, prompt)
        print(f"memory of the server: {_memory(server)}")
        began = time.perf_counter()
    print(f"stopped in {time.perf_counter() - began:.2f} s")
    ticking.cancel()


async def _tick(turns: list[float]) -> None:
    while True:
        began = time.perf_counter()
        await asyncio.sleep(0)
        turns.append(time.perf_counter() - began)
        await asyncio.sleep(0.005)


def _ask(server: EmbeddedServer, prompt: Prompt) -> None:
    asked = {
        "messages": [message.model_dump() for message in prompt.messages],
        "max_tokens": prompt.max_tokens,
        "temperature": 0,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    connection = HTTPConnection(urlsplit(server.base_url).netloc)
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {server.api_key}"}
    began = time.perf_counter()
    connection.request("POST", "/v1/chat/completions", json.dumps(asked), headers)
    first = 0.0
    usage: dict[str, Any] = {}
    for line in connection.getresponse():
        if not line.startswith(b"data: {"):
            continue
        event = json.loads(line.removeprefix(b"data: "))
        usage = event.get("usage") or usage
        if not first and event["choices"] and event["choices"][0]["delta"].get("content"):
            first = time.perf_counter() - began
    whole = time.perf_counter() - began
    connection.close()
    print(
        f"first token {first:.1f} s, whole reply {whole:.1f} s: prompt {usage['prompt_tokens']} tokens of which "
        f"{usage['prompt_tokens_details']['cached_tokens']} cached, reply {usage['completion_tokens']} tokens "
        f"({usage['completion_tokens'] / (whole - first):.1f} a second)"
    )


def _memory(server: EmbeddedServer) -> str:
    status = Path(f"/proc/{server.pid}/status")
    if not status.exists():
        return "not told by this system"
    sizes = dict(line.split(":", 1) for line in status.read_text(encoding="utf-8").splitlines())
    anonymous, mapped = (int(sizes[name].split()[0]) / 1024 for name in ("RssAnon", "RssFile"))
    return f"{anonymous:.0f} MiB of its own, {mapped:.0f} MiB of the mapped model file"


if __name__ == "__main__":
    main()

"""What a trace tells whoever runs the desk, and that it never tells what was said."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from drafter import telemetry
from drafter.llm.calls import provider
from drafter.settings import Settings
from drafter.store.upgrading import upgrade
from drafter.web.app import create_app
from drafter.web.services import open_services
from tests.llm.fake_upstream import Reply, fails, fake_upstream, hangs, says
from tests.web.served import CASE, KIND, by_hand

# Stand in the message, the facts, the wish, the reply, the search and the upstream's error.
MARKS = ("marmalade", "rhubarb", "tangerine", "persimmon", "quince", "gooseberry")
MESSAGE, FACT, WISH, REPLY, SEARCH, ERROR = MARKS
TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"

Ask = Callable[..., Any]


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    """Let the spans be kept, as an operator's SDK would."""
    kept, sdk = InMemorySpanExporter(), TracerProvider()
    sdk.add_span_processor(SimpleSpanProcessor(kept))
    monkeypatch.setattr(trace, "_TRACER_PROVIDER", sdk)
    monkeypatch.setattr(telemetry, "_TRACER", sdk.get_tracer("drafter"))
    return kept


@asynccontextmanager
async def asking(folder: Path, *replies: Reply) -> AsyncIterator[tuple[httpx2.AsyncClient, Any]]:
    """Give a program with a key at the whole application, whose model is a real client of a made-up endpoint."""
    upgrade(f"sqlite:///{folder / 'drafter.sqlite3'}")
    async with AsyncExitStack() as stack:
        upstream = await stack.enter_async_context(fake_upstream(*replies))
        settings = Settings(
            data_dir=folder, OPENAI_BASE_URL=upstream.base_url, OPENAI_API_KEY=None, model="fake-1", model_deadline_s=5
        )
        app = create_app(settings, opener=lambda given, **more: open_services(given, deliver=by_hand, **more))
        await stack.enter_async_context(app.router.lifespan_context(app))
        _, secret = app.state.services.accounts.new_key("program", frozenset({"read", "draft"}), by="test")
        transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
        headers = {"authorization": f"Bearer {secret}"}
        yield (
            await stack.enter_async_context(
                httpx2.AsyncClient(transport=transport, base_url="http://desk.example", headers=headers)
            ),
            upstream,
        )


async def a_case(client: httpx2.AsyncClient) -> str:
    facts = {**CASE["facts"], "institution": f"{FACT}银行"}  # type: ignore[dict-item] # it is an object
    answer = await client.post("/api/v1/cases", json={**CASE, "message": f"{CASE['message']}{MESSAGE}", "facts": facts})
    return str(answer.json()["case"]["id"])


def named(spans: InMemorySpanExporter, name: str) -> list[ReadableSpan]:
    return [span for span in spans.get_finished_spans() if span.name == name]


def tree(spans: InMemorySpanExporter, root: ReadableSpan) -> list[str]:
    """Return the names of what was done below a span, in the order in which it was begun."""
    below = [
        span
        for span in spans.get_finished_spans()
        if span.parent is not None and root.context is not None and span.parent.span_id == root.context.span_id
    ]
    return [span.name for span in sorted(below, key=lambda span: span.start_time or 0)]


def assert_silent(spans: InMemorySpanExporter) -> None:
    """Hold that nothing that anybody said, and no text of an error, is in any span."""
    for span in spans.get_finished_spans():
        told = span.to_json()
        assert not [mark for mark in MARKS if mark in told], told
        assert span.events == ()
        assert span.status.description is None


async def test_one_suggestion_is_one_tree_and_the_model_call_follows_the_conventions(
    spans: InMemorySpanExporter, tmp_path: Path
) -> None:
    async with asking(tmp_path, says(f"{KIND[:-1]}{REPLY}。")) as (client, upstream):
        case = await a_case(client)
        spans.clear()
        answer = await client.post(f"/api/v1/cases/{case}/suggestions", json={"sentence": WISH})
        assert answer.status_code == 201, answer.text
        port = int(upstream.base_url.rpartition(":")[2].partition("/")[0])
    (request,) = named(spans, "POST /api/v1/cases/{case_id}/suggestions")
    assert request.kind is SpanKind.SERVER
    assert request.attributes == {
        "http.request.method": "POST",
        "url.scheme": "http",
        "http.response.status_code": 201,
        "http.route": "/api/v1/cases/{case_id}/suggestions",
    }
    assert tree(spans, request) == ["suggest"]
    (suggest,) = named(spans, "suggest")
    made = answer.json()
    assert suggest.attributes == {
        "drafter.tier": "general",
        "drafter.lang": "zh",
        "drafter.jurisdiction": "CN",
        "drafter.route": "draft",
        "drafter.status": made["status"],
        "drafter.source": made["source"],
        "drafter.attempts": len(made["attempts"]),
        "drafter.draft_id": made["draft_id"],
    }
    steps = tree(spans, suggest)
    assert steps[:4] == ["triage", "store", "store", "prompt"]
    assert steps[4:6] == ["chat fake-1", "guardrails"]
    assert steps[-1] == "store"
    call = named(spans, "chat fake-1")[0]
    assert call.kind is SpanKind.CLIENT
    assert call.attributes is not None
    first_chunk = call.attributes["gen_ai.response.time_to_first_chunk"]
    assert isinstance(first_chunk, float)
    assert dict(call.attributes) == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "openai",
        "gen_ai.request.model": "fake-1",
        "gen_ai.request.max_tokens": call.attributes["gen_ai.request.max_tokens"],
        "gen_ai.request.temperature": 0.3,
        "gen_ai.request.stream": True,
        "gen_ai.output.type": "text",
        "server.address": "127.0.0.1",
        "server.port": port,
        "drafter.prompt_version": made["attempts"][0]["prompt_version"],
        "gen_ai.response.model": "fake-1",
        "gen_ai.response.finish_reasons": ("stop",),
        "gen_ai.response.time_to_first_chunk": first_chunk,
        "gen_ai.usage.input_tokens": 90,
        "gen_ai.usage.output_tokens": 7,
        "gen_ai.usage.cache_read.input_tokens": 64,
    }
    judged = named(spans, "guardrails")[0].attributes
    assert judged is not None
    assert judged["drafter.policy"] == made["attempts"][0]["verdict"]["policy"]
    assert judged["drafter.verdict"] == made["attempts"][0]["verdict"]["verdict"]
    assert_silent(spans)


async def test_a_model_that_fails_is_told_by_the_kind_of_error_and_not_by_its_words(
    spans: InMemorySpanExporter, tmp_path: Path
) -> None:
    async with asking(tmp_path, fails(400, body={"error": {"message": ERROR, "code": "bad"}})) as (client, _):
        case = await a_case(client)
        answer = await client.post(f"/api/v1/cases/{case}/suggestions")
        assert answer.status_code == 502
    (call,) = named(spans, "chat fake-1")
    (suggest,) = named(spans, "suggest")
    (request,) = named(spans, "POST /api/v1/cases/{case_id}/suggestions")
    for span, kind in ((call, "ModelRequestError"), (suggest, "ModelRequestError"), (request, "502")):
        assert span.status.status_code is StatusCode.ERROR
        assert span.attributes is not None
        assert span.attributes["error.type"] == kind
    assert_silent(spans)


async def test_stopping_a_draft_is_no_error(spans: InMemorySpanExporter, tmp_path: Path) -> None:
    async with asking(tmp_path, hangs("您好")) as (client, upstream):
        case = await a_case(client)
        jobs = client._transport.app.state.services.jobs  # type: ignore[attr-defined] # of this transport
        store = client._transport.app.state.services.store  # type: ignore[attr-defined]
        jobs.start(store.case(case), by="test")
        await upstream.waiting.wait()
        await jobs.stop(case)
    (call,) = named(spans, "chat fake-1")
    assert call.status.status_code is StatusCode.UNSET
    assert call.attributes is not None
    assert call.attributes["drafter.stopped"] is True
    assert_silent(spans)


async def test_a_request_goes_on_with_its_senders_trace_and_tells_neither_path_nor_query(
    spans: InMemorySpanExporter, tmp_path: Path
) -> None:
    async with asking(tmp_path, says(KIND)) as (client, _):
        await client.get("/api/v1/cases", params={"search": SEARCH}, headers={"traceparent": f"00-{TRACE}-{PARENT}-01"})
        await client.post(f"/sign-in/link/{SEARCH}")
        await client.get(f"/nowhere/{SEARCH}")
    (asked,) = named(spans, "GET /api/v1/cases")
    assert asked.context is not None
    assert asked.parent is not None
    assert (f"{asked.context.trace_id:032x}", f"{asked.parent.span_id:016x}") == (TRACE, PARENT)
    # One a request: the framework traces nothing of its own, whose spans hold whole addresses.
    kinds = [span.kind for span in spans.get_finished_spans()]
    assert kinds == [SpanKind.SERVER] * 3
    assert_silent(spans)


def test_whatever_is_no_plain_word_is_not_told(spans: InMemorySpanExporter) -> None:
    told = {"sentence": "I lost my job", "chinese": "失业", "list": ["ok", "not ok"], "model": "qwen2.5:7b", "count": 3}
    with telemetry.step("test", told):
        pass
    assert spans.get_finished_spans()[0].attributes == {"list": ("ok",), "model": "qwen2.5:7b", "count": 3}


def test_without_an_sdk_nothing_is_recorded_and_errors_pass() -> None:
    def fail() -> None:
        with telemetry.step("test", {"a": 1}) as doing:
            assert not doing._span.is_recording()
            doing.tell({"b": 2})
            raise ValueError("mine")

    with pytest.raises(ValueError, match="mine"):
        fail()


@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("api.openai.com", "openai"),
        ("api.deepseek.com", "deepseek"),
        ("desk.openai.azure.com", "azure.ai.openai"),
        ("127.0.0.1", "openai"),
        ("notdeepseek.com", "openai"),
    ],
)
def test_a_provider_is_called_by_its_well_known_name(host: str, name: str) -> None:
    assert provider(host) == name

"""What an operator watches: requests, drafts, verdicts, deliveries; no text and no name."""

from __future__ import annotations

import time
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from drafter.domain import Suggestion

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
REGISTRY: Final = CollectorRegistry()
_REQUESTS: Final = Counter(
    "drafter_http_requests_total", "Requests answered.", ("method", "route", "status"), registry=REGISTRY
)
_SECONDS: Final = Histogram(
    "drafter_http_request_seconds",
    "Seconds from a request to the end of its answer.",
    ("method", "route"),
    registry=REGISTRY,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120),
)
_SUGGESTIONS: Final = Counter("drafter_suggestions_total", "Suggestions made.", ("status", "source"), registry=REGISTRY)
_ATTEMPTS: Final = Counter(
    "drafter_attempts_total", "Texts that the guardrails judged.", ("verdict", "model"), registry=REGISTRY
)
_FINDINGS: Final = Counter(
    "drafter_findings_total", "Findings in drafts of the model.", ("rule", "severity"), registry=REGISTRY
)
_TOKENS: Final = Counter("drafter_tokens_total", "Tokens of the model.", ("kind",), registry=REGISTRY)
DRAFTING: Final = Gauge("drafter_drafting", "Drafts being written now.", registry=REGISTRY)


def exposition() -> bytes:
    """Return the metrics in the text format of Prometheus."""
    return generate_latest(REGISTRY)


def count(suggestion: Suggestion) -> None:
    """Count a suggestion with its attempts."""
    _SUGGESTIONS.labels(suggestion.status, suggestion.source).inc()
    for attempt in suggestion.attempts:
        _ATTEMPTS.labels(attempt.verdict.verdict, attempt.model).inc()
        _TOKENS.labels("prompt").inc(attempt.usage.prompt_tokens)
        _TOKENS.labels("cached").inc(attempt.usage.cached_tokens)
        _TOKENS.labels("completion").inc(attempt.usage.completion_tokens)
        for finding in attempt.verdict.findings:
            _FINDINGS.labels(finding.rule, finding.severity.value).inc()


class Measured:
    """Counts requests by the route's pattern, so that no id becomes a label.

    Args:
        app: what answers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.monotonic(), 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            route = getattr(scope.get("route"), "path", "none")
            # Whoever calls could make up methods without end, and each would be kept.
            method = scope["method"] if scope["method"] in METHODS else "other"
            _REQUESTS.labels(method, route, str(status)).inc()
            _SECONDS.labels(method, route).observe(time.monotonic() - began)

"""A call of a model as a trace tells it, by the GenAI conventions of OpenTelemetry; what was said stays out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from drafter.domain import Completion, Prompt
from drafter.telemetry import Step, Told, step

# The well-known names; whatever else speaks this protocol is told by the protocol's own.
_PROVIDERS: Final = {
    "deepseek.com": "deepseek",
    "mistral.ai": "mistral_ai",
    "groq.com": "groq",
    "x.ai": "x_ai",
    "perplexity.ai": "perplexity",
    "anthropic.com": "anthropic",
    "cohere.ai": "cohere",
    "openai.azure.com": "azure.ai.openai",
    "generativelanguage.googleapis.com": "gcp.gemini",
}


@dataclass(frozen=True)
class Call:
    """A call that is under way."""

    step: Step

    def answered(self, completion: Completion, *, finish: str | None) -> None:
        """Tell what the answer was like.

        Args:
            completion: the answer.
            finish: why the model stopped, in the endpoint's word.
        """
        usage, first = completion.usage, completion.first_token_ms
        self.step.tell(
            {
                "gen_ai.response.model": completion.model,
                "gen_ai.response.finish_reasons": [finish] if finish else None,
                "gen_ai.response.time_to_first_chunk": None if first is None else first / 1000,
                "gen_ai.usage.input_tokens": usage.prompt_tokens,
                "gen_ai.usage.output_tokens": usage.completion_tokens,
                "gen_ai.usage.cache_read.input_tokens": usage.cached_tokens,
            }
        )


@contextmanager
def model_call(model: str, prompt: Prompt, *, host: str, port: int | None, as_json: bool) -> Iterator[Call]:
    """Trace the call in the block, its retries included.

    Args:
        model: the name that is asked for.
        prompt: whose limits are told, and nothing else of it.
        host: of the endpoint.
        port: of the endpoint; None for the usual one.
        as_json: no text is asked for, but a value.
    """
    told: dict[str, Told] = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": provider(host),
        "gen_ai.request.model": model,
        "gen_ai.request.max_tokens": prompt.max_tokens,
        "gen_ai.request.temperature": prompt.temperature,
        "gen_ai.request.stream": True,
        "gen_ai.output.type": "json" if as_json else "text",
        "server.address": host,
        "server.port": port,
        "drafter.prompt_version": prompt.version,
    }
    with step(f"chat {model}", told, kind="client") as asked:
        yield Call(asked)


def provider(host: str) -> str:
    """Return the well-known name of whoever answers at a host."""
    return next((name for end, name in _PROVIDERS.items() if f".{host}".endswith(f".{end}")), "openai")

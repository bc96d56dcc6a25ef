"""Any OpenAI-compatible endpoint as a chat model: streamed, retried within one deadline, every way to fail typed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlsplit

import aiohttp
import httpx2
import openai
from openai.types.chat import ChatCompletionChunk
from openai.types.chat.chat_completion_chunk import ChoiceDelta
from pydantic import BaseModel, ValidationError

from drafter.domain import MAX_REPLY_CHARS, ChatMessage, Completion, Prompt, Usage
from drafter.errors import (
    BadJsonError,
    CutOffAnswerError,
    EmptyAnswerError,
    ModelRefusedError,
    OverlongAnswerError,
    SettingsError,
)
from drafter.llm.retrying import Failure, Timing, lost, rejected, retry_after_seconds, unreached, with_retries
from drafter.ports import OnToken

MAX_ATTEMPTS = 5
# What an endpoint may not know; where it complains by name, it is asked again without.
_OPTIONAL = ("max_completion_tokens", "max_tokens", "stream_options", "temperature", "response_format")
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}

ModelT = TypeVar("ModelT", bound=BaseModel)


@asynccontextmanager
async def open_chat(
    base_url: str, *, api_key: str | None, model: str, deadline_s: float, timing: Timing | None = None
) -> AsyncIterator[ChatClient]:
    """Give a client of an endpoint, and close its connections at the end.

    Args:
        base_url: up to and with `/v1`.
        api_key: None for an endpoint that asks for none.
        model: the model's name there.
        deadline_s: seconds one answer may take, retries and waits included.
        timing: clock and chance, for tests.

    Raises:
        SettingsError: the URL is none.
    """
    place = urlsplit(base_url)
    if place.scheme not in {"http", "https"} or not place.hostname:
        raise SettingsError("OPENAI_BASE_URL is not a web address; write it like https://host.example/v1.")
    http = openai.DefaultAioHttpClient(timeout=deadline_s, trust_env=place.hostname not in _LOOPBACK)
    client = openai.AsyncOpenAI(api_key=api_key or "none", base_url=base_url, max_retries=0, http_client=http)
    try:
        where = f"{place.hostname}:{place.port}" if place.port else place.hostname
        yield ChatClient(client, model=model, where=where, deadline_s=deadline_s, timing=timing or Timing())
    finally:
        await client.close()


class ChatClient:
    """A model behind an OpenAI-compatible endpoint.

    Args:
        client: made by `open_chat`.
        model: the model's name.
        where: the endpoint's host and port, for messages.
        deadline_s: seconds one answer may take.
        timing: clock and chance.
    """

    def __init__(
        self, client: openai.AsyncOpenAI, *, model: str, where: str, deadline_s: float, timing: Timing
    ) -> None:
        self.name = model
        self._client = client
        self._where = where
        self._deadline_s = deadline_s
        self._timing = timing
        self._unknown: set[str] = {"max_completion_tokens"}

    async def complete(self, prompt: Prompt, *, on_token: OnToken | None = None) -> Completion:
        """Return the model's answer; give every piece of it to `on_token` as it arrives.

        Once a piece was given away, a lost connection is not retried: the reader would see two beginnings.

        Raises:
            ModelUnavailableError: no answer within the deadline, whatever was tried.
            ModelRejectedKeyError: the endpoint does not accept the key.
            ModelRequestError: the endpoint does not accept the request.
            ModelRefusedError: the model declined.
            EmptyAnswerError: the answer has no text.
            CutOffAnswerError: the answer stopped at the token limit.
            OverlongAnswerError: the answer is longer than a reply may be.
        """
        return await self._answered(prompt, on_token, limit=MAX_REPLY_CHARS)

    async def structured(self, prompt: Prompt, schema: type[ModelT]) -> tuple[ModelT, Completion]:
        """Return the answer as a value of `schema`, asked for through the endpoint's JSON schema where it knows it.

        Raises:
            BadJsonError: the answer does not fit the schema.
            ModelError: as for `complete`.
        """
        shape = schema.model_json_schema()
        asked = {"response_format": {"type": "json_schema", "json_schema": {"name": "answer", "schema": shape}}}
        told = ChatMessage(role="user", content=f"JSON Schema: {json.dumps(shape, ensure_ascii=False)}")
        plain = prompt.model_copy(update={"messages": (*prompt.messages, told)})
        completion = await self._answered(plain, None, limit=10 * MAX_REPLY_CHARS, extra=asked)
        try:
            return schema.model_validate(_first_object(completion.text)), completion
        except (ValueError, ValidationError) as error:
            raise BadJsonError(
                "The model at {where} did not answer in the form that was asked for; try again or use another model.",
                where=self._where,
            ) from error

    async def _answered(
        self, prompt: Prompt, on_token: OnToken | None, *, limit: int, extra: Mapping[str, Any] | None = None
    ) -> Completion:
        began = self._timing.monotonic()
        answer = _Answer(on_token=on_token, limit=limit, began=began, timing=self._timing)
        deadline = began + self._deadline_s

        async def attempt() -> _Answer | Failure:
            return await self._attempt(prompt, answer, deadline, extra or {})

        outcome = await with_retries(attempt, timing=self._timing, deadline=deadline, max_attempts=MAX_ATTEMPTS)
        if isinstance(outcome, Failure):
            raise outcome.error(self._where)
        return outcome.completion(self.name)

    async def _attempt(
        self, prompt: Prompt, answer: _Answer, deadline: float, extra: Mapping[str, Any]
    ) -> _Answer | Failure:
        try:
            async with asyncio.timeout(max(0.0, deadline - self._timing.monotonic())):
                while True:
                    try:
                        return await self._streamed(prompt, answer, extra)
                    except openai.BadRequestError as error:
                        if not self._learn(str(error).lower()):
                            raise
        except openai.APIStatusError as error:
            code = error.body.get("code") if isinstance(error.body, dict) else error.code
            wait = retry_after_seconds(error.response.headers.get("retry-after"), self._timing.now())
            return rejected(error.status_code, code=code, complaint=str(error), retry_after=wait)
        except (openai.APIConnectionError, httpx2.HTTPError, aiohttp.ClientError, OSError) as error:
            failure = unreached(error)
        except openai.APIError:
            failure = lost("broke off with an error of its own")
        except ValueError:
            failure = lost("answered with something that is no chat answer", again=False)
        # Nothing given away yet: the same question may be asked again.
        return lost(failure.reason, again=failure.again and not answer.begun)

    async def _streamed(self, prompt: Prompt, answer: _Answer, extra: Mapping[str, Any]) -> _Answer | Failure:
        wanted: dict[str, Any] = {
            "temperature": prompt.temperature,
            "stream_options": {"include_usage": True},
            "max_tokens": prompt.max_tokens,
            "max_completion_tokens": prompt.max_tokens,
            **extra,
        }
        known = {name: value for name, value in wanted.items() if name not in self._unknown}
        messages: Any = [message.model_dump() for message in prompt.messages]
        stream = await self._client.chat.completions.create(model=self.name, messages=messages, stream=True, **known)
        async with stream:
            async for chunk in stream:
                answer.add(chunk)
                if answer.overlong:
                    break
        return answer.judged()

    def _learn(self, complaint: str) -> bool:
        """Note which optional parameter the endpoint complains about; tell whether asking again makes sense."""
        named = [name for name in _OPTIONAL if name in complaint and name not in self._unknown]
        if "max_tokens" in named and "max_completion_tokens" in complaint:
            self._unknown.discard("max_completion_tokens")
            named = ["max_tokens"]
        self._unknown.update(named[:1])
        return bool(named)


@dataclass
class _Answer:
    """An answer while it arrives."""

    on_token: OnToken | None
    limit: int
    began: float
    timing: Timing
    pieces: list[str] = field(default_factory=list)
    finish: str | None = None
    refused: bool = False
    usage: Usage = field(default_factory=Usage)
    model: str | None = None
    first: float | None = None

    @property
    def begun(self) -> bool:
        return bool(self.pieces)

    @property
    def overlong(self) -> bool:
        return sum(map(len, self.pieces)) > self.limit

    def add(self, chunk: ChatCompletionChunk) -> None:
        self.model = chunk.model or self.model
        if chunk.usage is not None:
            details = chunk.usage.prompt_tokens_details
            self.usage = Usage(
                prompt_tokens=chunk.usage.prompt_tokens or 0,
                completion_tokens=chunk.usage.completion_tokens or 0,
                cached_tokens=(details.cached_tokens if details else 0) or 0,
            )
        for choice in chunk.choices or ():
            self.finish = choice.finish_reason or self.finish
            delta: ChoiceDelta | None = choice.delta  # some servers end with a choice that has none
            if delta is None:
                continue
            self.refused = self.refused or bool(delta.refusal)
            piece = delta.content
            if piece:
                self.first = self.timing.monotonic() if self.first is None else self.first
                self.pieces.append(piece)
                if self.on_token is not None:
                    self.on_token(piece)

    def judged(self) -> _Answer | Failure:
        if self.refused or self.finish == "content_filter":
            return Failure(ModelRefusedError, "declined to answer")
        if self.overlong:
            return Failure(OverlongAnswerError, "wrote more than a reply may hold")
        if self.finish == "length":
            return Failure(CutOffAnswerError, "was cut off at the token limit")
        if self.finish is None:
            return lost("broke off before it had answered", again=not self.begun)
        if not "".join(self.pieces).strip():
            return Failure(EmptyAnswerError, "answered with no text")
        return self

    def completion(self, model: str) -> Completion:
        now = self.timing.monotonic()
        return Completion(
            text="".join(self.pieces),
            model=self.model or model,
            usage=self.usage,
            latency_ms=round(1000 * (now - self.began)),
            first_token_ms=None if self.first is None else round(1000 * (self.first - self.began)),
        )


def _first_object(text: str) -> object:
    """Return the first JSON object in a text, which may stand in a fence or between words."""
    start = text.find("{")
    while start >= 0:
        try:
            return json.JSONDecoder().raw_decode(text, start)[0]
        except ValueError:
            start = text.find("{", start + 1)
    raise ValueError("no object")

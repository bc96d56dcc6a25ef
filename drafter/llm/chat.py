"""Any OpenAI-compatible endpoint as a chat model: streamed, retried within one deadline, every way to fail typed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Collection, Mapping
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from http import HTTPStatus
from typing import Any, TypeVar
from urllib.parse import urlsplit

import aiohttp
import httpx2
import openai
from openai.types.chat import ChatCompletionChunk
from pydantic import BaseModel

from drafter.domain import MAX_REPLY_CHARS, ChatMessage, Completion, Prompt
from drafter.errors import BadJsonError, ModelRequestError, SettingsError
from drafter.llm.answer import Answer, first_object
from drafter.llm.calls import model_call
from drafter.llm.retrying import Failure, Timing, lost, rejected, retry_after_seconds, unreached, with_retries
from drafter.ports import OnToken

MAX_ATTEMPTS = 5
CONNECT_S = 10.0
MAX_JSON_CHARS = 10 * MAX_REPLY_CHARS
# What an endpoint may not know; where it complains by name, it is asked again without.
_LIMITS = ("max_tokens", "max_completion_tokens")
_OPTIONAL = (*_LIMITS, "stream_options", "temperature", "response_format")
# Names of limits also stand in complaints about a prompt that is too long, where nothing is unknown.
_TOO_LONG = ("context", "too large", "too long")
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}

ModelT = TypeVar("ModelT", bound=BaseModel)


@asynccontextmanager
async def open_chat(
    base_url: str,
    *,
    api_key: str | None,
    model: str,
    deadline_s: float,
    attempts: int = MAX_ATTEMPTS,
    timing: Timing | None = None,
) -> AsyncIterator[ChatClient]:
    """Give a client of an endpoint, and close its connections at the end; a redirect is never followed.

    Args:
        base_url: up to and with `/v1`.
        api_key: None for an endpoint that asks for none.
        model: the model's name there.
        deadline_s: seconds one answer may take, retries and waits included.
        attempts: how often it is asked at most where it fails in a way that may pass.
        timing: clock and chance, for tests.

    Raises:
        SettingsError: the URL is none, or the key cannot be sent.
    """
    host, where = _place(base_url)
    key = (api_key or "").strip()
    if not (key.isascii() and key.isprintable()):
        raise SettingsError(
            "{variable} is not usable: {why}; set it right or unset it.",
            variable="OPENAI_API_KEY",
            why="it holds characters that no key has",
        )
    timeout = httpx2.Timeout(deadline_s, connect=min(CONNECT_S, deadline_s))
    # Prompt and key are for the place that was named, not for wherever it sends them on.
    http = openai.DefaultAioHttpClient(timeout=timeout, trust_env=host not in _LOOPBACK, follow_redirects=False)
    client = openai.AsyncOpenAI(api_key=key or "none", base_url=base_url, max_retries=0, http_client=http)
    try:
        yield ChatClient(
            client, model=model, where=where, deadline_s=deadline_s, attempts=attempts, timing=timing or Timing()
        )
    finally:
        await client.close()


class ChatClient:
    """A model behind an OpenAI-compatible endpoint.

    Args:
        client: made by `open_chat`.
        model: the model's name.
        where: the endpoint's host and port, for messages.
        deadline_s: seconds one answer may take.
        attempts: how often it is asked at most.
        timing: clock and chance.
    """

    def __init__(
        self, client: openai.AsyncOpenAI, *, model: str, where: str, deadline_s: float, attempts: int, timing: Timing
    ) -> None:
        self.name = model
        self._client = client
        self._where = where
        self._deadline_s = deadline_s
        self._attempts = attempts
        self._timing = timing
        self._unknown: set[str] = set()

    async def complete(self, prompt: Prompt, *, on_token: OnToken | None = None) -> Completion:
        """Return the model's answer; give every piece of it to `on_token` as it arrives.

        Once a piece has come, a lost connection is not retried: the reader would see two beginnings. What `on_token`
        raises comes out unchanged.

        Raises:
            ModelUnavailableError: no answer within the deadline, whatever was tried.
            ModelRejectedKeyError: the endpoint does not accept the key.
            ModelRequestError: the endpoint does not accept the request, or is no chat endpoint.
            ModelRefusedError: the model declined.
            EmptyAnswerError: the answer has no text.
            CutOffAnswerError: the answer stopped at the token limit.
            OverlongAnswerError: the answer is longer than a reply may be.
        """
        return await self._answered(prompt, on_token, limit=MAX_REPLY_CHARS)

    async def structured(self, prompt: Prompt, schema: type[ModelT]) -> tuple[ModelT, Completion]:
        """Return the answer as a value of `schema`.

        The schema goes along in words too; an endpoint that rejects `response_format` is asked with the words alone.

        Raises:
            BadJsonError: the answer does not fit the schema.
            ModelError: as for `complete`.
        """
        shape = schema.model_json_schema()
        asked = {"response_format": {"type": "json_schema", "json_schema": {"name": "answer", "schema": shape}}}
        words = f"JSON Schema: {json.dumps(shape, ensure_ascii=False)}"
        told = prompt.model_copy(update={"messages": (*prompt.messages, ChatMessage(role="user", content=words))})
        completion = await self._answered(told, None, limit=MAX_JSON_CHARS, extra=asked)
        try:
            return first_object(completion.text, schema), completion
        except ValueError:
            # Without its cause, which quotes the answer.
            raise BadJsonError(
                "The model at {where} did not answer in the form that was asked for; try again or use another model.",
                where=self._where,
            ) from None

    async def _answered(
        self, prompt: Prompt, on_token: OnToken | None, *, limit: int, extra: Mapping[str, Any] | None = None
    ) -> Completion:
        began = self._timing.monotonic()
        deadline = began + self._deadline_s

        async def attempt() -> Answer | Failure:
            answer = Answer(limit=limit, began=began, timing=self._timing)
            return await self._attempt(self._chunks(prompt, extra or {}), answer, on_token, deadline)

        at = self._client.base_url
        with model_call(self.name, prompt, host=at.host, port=at.port, as_json=extra is not None) as call:
            outcome = await with_retries(attempt, timing=self._timing, deadline=deadline, max_attempts=self._attempts)
            if isinstance(outcome, Failure):
                raise outcome.error(self._where)
            completion = outcome.completion(self.name)
            call.answered(completion, finish=outcome.finish)
            return completion

    async def _attempt(
        self,
        arriving: AsyncGenerator[ChatCompletionChunk | Failure],
        answer: Answer,
        on_token: OnToken | None,
        deadline: float,
    ) -> Answer | Failure:
        alarm = asyncio.timeout(max(0.0, deadline - self._timing.monotonic()))
        failure: Failure | None = None
        try:
            async with alarm, aclosing(arriving) as chunks:
                async for chunk in chunks:
                    piece = chunk if isinstance(chunk, Failure) else _added(answer, chunk)
                    if isinstance(piece, Failure):
                        failure = piece
                        break
                    if piece and on_token is not None:
                        answer.enough = bool(on_token(piece))
                    if answer.overlong or answer.enough:
                        break
        except TimeoutError:
            if not alarm.expired():
                raise  # `on_token`'s own
            failure = lost("did not answer in time")
        if failure is None:
            return answer.judged()
        return replace(failure, again=failure.again and not answer.begun)

    async def _chunks(self, prompt: Prompt, extra: Mapping[str, Any]) -> AsyncGenerator[ChatCompletionChunk | Failure]:
        """Give the chunks of one answer as they come; where they stop for a fault, the last one is that fault."""
        try:
            stream = await self._opened(prompt, extra)
            async with stream:
                none = True
                async for chunk in stream:
                    none = False
                    yield chunk
                kind = stream.response.headers.get("content-type", "").partition(";")[0].strip().lower()
                if none and kind != "text/event-stream":
                    yield Failure(ModelRequestError, "answered with something that is no chat answer")
        except openai.APIStatusError as error:
            wait = retry_after_seconds(error.response.headers.get("retry-after"), self._timing.now())
            yield rejected(error.status_code, code=_code(error), retry_after=wait)
        except (openai.APIConnectionError, httpx2.HTTPError, aiohttp.ClientError, OSError) as error:
            yield unreached(error)
        except openai.APIError as error:
            yield _complaint_in_stream(error)
        except (ValueError, RecursionError):
            yield _no_chat_answer()

    async def _opened(self, prompt: Prompt, extra: Mapping[str, Any]) -> openai.AsyncStream[ChatCompletionChunk]:
        messages: Any = [message.model_dump() for message in prompt.messages]
        without: set[str] = set()
        while True:
            asked = self._parameters(prompt, extra, without | self._unknown)
            try:
                stream: openai.AsyncStream[ChatCompletionChunk] = await self._client.chat.completions.create(
                    model=self.name, messages=messages, stream=True, **asked
                )
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                complaint = str(error).lower()
                if any(words in complaint for words in _TOO_LONG):
                    raise
                named = next((name for name in _OPTIONAL if name in asked and name in complaint), None)
                if named is not None:
                    self._unknown.add(named)
                elif "response_format" in asked:
                    without.add("response_format")
                else:
                    raise
            else:
                return stream

    def _parameters(self, prompt: Prompt, extra: Mapping[str, Any], without: Collection[str]) -> dict[str, Any]:
        limit = next((name for name in _LIMITS if name not in without), None)
        wanted: dict[str, Any] = {"temperature": prompt.temperature, "stream_options": {"include_usage": True}, **extra}
        if limit is not None:
            wanted[limit] = prompt.max_tokens
        return {name: value for name, value in wanted.items() if name not in without}


def _place(base_url: str) -> tuple[str, str]:
    """Return the URL's host, and its host and port for messages: a URL may also hold a password."""
    try:
        place = urlsplit(base_url)
        host, port = place.hostname, place.port
    except ValueError:
        host, port, place = None, None, urlsplit("")
    if place.scheme not in {"http", "https"} or not host:
        raise SettingsError("OPENAI_BASE_URL is not a web address; write it like https://host.example/v1.")
    return host, f"{host}:{port}" if port else host


def _added(answer: Answer, chunk: ChatCompletionChunk) -> str | Failure:
    try:
        return answer.add(chunk)
    except ValueError:
        return _no_chat_answer()


def _no_chat_answer() -> Failure:
    return lost("answered with something that is no chat answer", again=False)


def _code(error: openai.APIError) -> object:
    return error.body.get("code") if isinstance(error.body, dict) else error.code


def _complaint_in_stream(error: openai.APIError) -> Failure:
    """Return what an error means that came where a chunk should be, after HTTP 200."""
    code = _code(error)
    if isinstance(code, int) and code >= HTTPStatus.BAD_REQUEST:
        return rejected(code)
    meant = rejected(HTTPStatus.INTERNAL_SERVER_ERROR, code=code)
    return meant if not meant.again else lost("broke off with an error of its own")

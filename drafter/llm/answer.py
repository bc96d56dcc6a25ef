"""A model's answer while it arrives, and what it is worth once it has."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TypeVar

from openai.types.chat import ChatCompletionChunk
from openai.types.chat.chat_completion_chunk import ChoiceDelta
from pydantic import BaseModel

from drafter.domain import Completion, Usage
from drafter.errors import CutOffAnswerError, EmptyAnswerError, ModelRefusedError, OverlongAnswerError
from drafter.llm.retrying import Failure, Timing, lost

ModelT = TypeVar("ModelT", bound=BaseModel)


@dataclass
class Answer:
    """One streamed answer.

    Attributes:
        limit: characters it may have.
        began: when the question was first asked, a moment of `timing.monotonic`.
        timing: the clock.
        enough: the reader wants no more of it.
    """

    limit: int
    began: float
    timing: Timing
    pieces: list[str] = field(default_factory=list)
    length: int = 0
    model: str | None = None
    usage: Usage = field(default_factory=Usage)
    first: float | None = None
    finish: str | None = None
    refused: bool = False
    enough: bool = False
    any_choice: bool = False
    any_chunk: bool = False

    @property
    def begun(self) -> bool:
        return bool(self.pieces)

    @property
    def overlong(self) -> bool:
        return self.length > self.limit

    def add(self, chunk: ChatCompletionChunk) -> str:
        """Take in the next chunk; return the text it brought.

        Raises:
            ValueError: it is not shaped like a chunk; the client hands over whatever JSON came.
        """
        try:
            return self._add(chunk)
        except (AttributeError, TypeError) as error:
            raise ValueError("no chunk") from error

    def _add(self, chunk: ChatCompletionChunk) -> str:
        self.any_chunk = True
        self.model = chunk.model or self.model
        if chunk.usage is not None:
            details = chunk.usage.prompt_tokens_details
            self.usage = Usage(
                prompt_tokens=chunk.usage.prompt_tokens or 0,
                completion_tokens=chunk.usage.completion_tokens or 0,
                cached_tokens=(details.cached_tokens if details else 0) or 0,
            )
        came = ""
        for choice in chunk.choices or ():
            self.any_choice = True
            self.finish = choice.finish_reason or self.finish
            delta: ChoiceDelta | None = choice.delta  # some servers end with a choice that has none
            if delta is not None:
                self.refused = self.refused or bool(delta.refusal)
                came += delta.content or ""
        if came:
            self.first = self.timing.monotonic() if self.first is None else self.first
            self.pieces.append(came)
            self.length += len(came)
        return came

    def judged(self) -> Answer | Failure:
        """Return the answer itself where it is a usable one, otherwise what is wrong with it."""
        if self.refused or self.finish == "content_filter":
            return Failure(ModelRefusedError, "declined to answer")
        if self.overlong:
            return Failure(OverlongAnswerError, "wrote more than a reply may hold")
        if self.finish == "length":
            return Failure(CutOffAnswerError, "was cut off at the token limit")
        if not self.enough and self.finish is None and (self.any_choice or not self.any_chunk):
            return lost("broke off before it had answered", again=not self.begun)
        if not "".join(self.pieces).strip():
            return Failure(EmptyAnswerError, "answered with no text")
        return self

    def completion(self, model: str) -> Completion:
        """Return the whole answer.

        Args:
            model: the name to note where the endpoint told none.
        """
        return Completion(
            text="".join(self.pieces),
            model=self.model or model,
            usage=self.usage,
            latency_ms=round(1000 * (self.timing.monotonic() - self.began)),
            first_token_ms=None if self.first is None else round(1000 * (self.first - self.began)),
        )


def first_object(text: str, schema: type[ModelT]) -> ModelT:
    """Read the first JSON object in a text, which may stand in a fence or between words.

    Raises:
        ValueError: there is none, or it does not fit the schema.
    """
    start = text.find("{")
    while start >= 0:
        try:
            end = json.JSONDecoder().raw_decode(text, start)[1]
        except ValueError:
            start = text.find("{", start + 1)
        except RecursionError as error:
            raise ValueError("nested too deep") from error
        else:
            return schema.model_validate_json(text[start:end])
    raise ValueError("no object")

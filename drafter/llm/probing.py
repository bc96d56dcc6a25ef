"""Whether an endpoint and its model answer: one short question that holds nothing of any case."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Final

from drafter.domain import ChatMessage, Prompt
from drafter.errors import CutOffAnswerError, EmptyAnswerError
from drafter.llm.chat import open_chat
from drafter.ports import ChatModel
from guardrails.model import Value

_QUESTION: Final = Prompt(
    messages=(ChatMessage(role="user", content="Answer with the one word: ready"),),
    version="connection-test",
    max_tokens=16,
    temperature=0,
)


class Answered(Value):
    """A model that answered.

    Attributes:
        model: as the endpoint calls it.
        ms: from the question to the first word of the answer.
    """

    model: str
    ms: int


async def probe(base_url: str, *, api_key: str | None, model: str, deadline_s: float) -> Answered:
    """Ask an endpoint once; `open_chat` explains the arguments.

    Raises:
        SettingsError: the URL is none, or the key cannot be sent.
        ModelError: no usable answer; the subclass says why.
    """
    async with open_chat(base_url, api_key=api_key, model=model, deadline_s=deadline_s, attempts=1) as chat:
        return await ask(chat)


async def ask(model: ChatModel) -> Answered:
    """Ask a model that is open already.

    Raises:
        ModelError: no usable answer; the subclass says why.
    """
    began, called = time.monotonic(), model.name
    # Whoever thinks at length before the first word is there all the same.
    with suppress(CutOffAnswerError, EmptyAnswerError):
        called = (await model.complete(_QUESTION, on_token=lambda _piece: True)).model
    return Answered(model=called, ms=round(1000 * (time.monotonic() - began)))

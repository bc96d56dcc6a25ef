"""The desk's language model as the guardrails' judge."""

from __future__ import annotations

import asyncio

from drafter.domain import ChatMessage, Prompt
from drafter.ports import ChatModel

_LONGEST_RULING = 120


class ModelJudge:
    """Asks a model from a thread other than the one its event loop runs in.

    Args:
        model: the model.
        loop: where the model's connections live.
        deadline_s: seconds after which no answer rejects the text.
    """

    def __init__(self, model: ChatModel, loop: asyncio.AbstractEventLoop, *, deadline_s: float) -> None:
        self._model = model
        self._loop = loop
        self._deadline_s = deadline_s

    def ask(self, static: str, asked: str) -> str:
        """Return the model's answer.

        Raises:
            ModelError: the model gave no usable answer.
            TimeoutError: none came in time.
        """
        messages = (ChatMessage(role="system", content=static), ChatMessage(role="user", content=asked))
        prompt = Prompt(messages=messages, version="judge", max_tokens=_LONGEST_RULING, temperature=0)
        answer = asyncio.run_coroutine_threadsafe(self._model.complete(prompt), self._loop)
        try:
            return answer.result(self._deadline_s).text
        finally:
            answer.cancel()

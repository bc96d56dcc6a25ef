"""An answer of the model, read while it is written and judged when it is whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

from drafter.desk.briefing import Brief
from drafter.desk.checking import check_reply
from drafter.domain import Attempt, Completion, Prompt
from drafter.errors import CutOffAnswerError, EmptyAnswerError, ModelError
from drafter.telemetry import step
from guardrails import Guard, Stream, Verdict


@dataclass(frozen=True)
class Judge:
    """Turns answers into attempts: filled in, and judged by the guard."""

    guard: Guard
    brief: Brief

    def completion(self, completion: Completion, prompt: Prompt, *, whole: bool) -> Attempt:
        """Return the attempt of an answer; one that was stopped half-way never passes."""
        text = self.brief.reply(completion.text, prompt)
        verdict = self._check(text) if text else self._unusable(EmptyAnswerError.code)
        if verdict.passed and not whole:
            verdict = verdict.model_copy(update={"verdict": "reject", "failed": (CutOffAnswerError.code,)})
        return Attempt(
            text=text,
            verdict=verdict,
            model=completion.model,
            prompt_version=prompt.version,
            usage=completion.usage,
            latency_ms=completion.latency_ms,
            first_token_ms=completion.first_token_ms,
            draft_id=uuid4().hex if text else None,
        )

    def stream(self) -> Stream:
        """Return what watches the next answer grow."""
        message = self.brief.case.message
        return self.guard.stream(lang=self.brief.lang, facts=self.brief.facts, inbound=message.text)

    def unusable(self, error: ModelError, model: str, prompt: Prompt) -> Attempt:
        """Return the attempt of an answer that is no reply; "could not be checked" is never "passed"."""
        return Attempt(text="", verdict=self._unusable(error.code), model=model, prompt_version=prompt.version)

    def fallback(self) -> Attempt:
        text = self.brief.fallback()
        version = self.brief.prompts.version(self.brief.lang)
        return Attempt(
            text=text, verdict=self._check(text), model="house", prompt_version=version, draft_id=uuid4().hex
        )

    def _unusable(self, why: str) -> Verdict:
        return Verdict(verdict="reject", policy=self.guard.policy.name, failed=(why,))

    def _check(self, text: str) -> Verdict:
        lang, facts = self.brief.lang, self.brief.facts
        with step("guardrails", {"drafter.policy": self.guard.policy.name}) as judging:
            verdict = check_reply(self.guard, text, lang=lang, facts=facts, inbound=self.brief.case.message.text)
            judging.tell(
                {
                    "drafter.verdict": verdict.verdict,
                    "drafter.findings": len(verdict.findings),
                    "drafter.failed": verdict.failed,
                }
            )
        return verdict


class Reading:
    """Reads one answer while it is written, and wants no more of it once it is certain to be rejected."""

    def __init__(self, judge: Judge, show: Callable[[str], None]) -> None:
        self._judge = judge
        self._show = show
        self._stream = judge.stream()
        self._written = ""
        self._shown = ""
        self.enough = False

    def token(self, piece: str) -> bool:
        self._written += piece
        so_far = self._judge.brief.so_far(self._written)
        # A token whose brackets the model dropped becomes another text late; what is shown is not taken back.
        if so_far.startswith(self._shown):
            self._show(so_far[len(self._shown) :])
            self._shown = so_far
        self.enough = bool(self._stream.see(so_far))
        return self.enough

"""The trip: triage, mask, prompt, ask the model, fill in the facts, guard, repair at most twice, fall back, keep."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import uuid4

from drafter.desk.masking import Masked, mask
from drafter.desk.moves import moves
from drafter.desk.prompting import PromptBook
from drafter.desk.slots import fill, slots
from drafter.desk.tiers import follow_up_date
from drafter.desk.triage import Triager
from drafter.domain import Attempt, Case, Completion, NextStep, Prompt, Suggestion, Triage
from drafter.errors import (
    BadJsonError,
    CutOffAnswerError,
    EmptyAnswerError,
    ModelError,
    ModelRefusedError,
    OverlongAnswerError,
)
from drafter.ports import ChatModel, Clock, Store
from guardrails import Facts, Guard, Verdict

REPAIRS = 2
# An answer that is no reply is a failed attempt; an endpoint that does not answer is not.
_UNUSABLE = (ModelRefusedError, EmptyAnswerError, CutOffAnswerError, OverlongAnswerError, BadJsonError)


class Watcher(Protocol):
    """Told what happens while a suggestion is made."""

    def triaged(self, triage: Triage) -> None: ...
    def token(self, piece: str) -> None: ...
    def judged(self, attempt: Attempt) -> None: ...


class Silent:
    """A watcher that does not look."""

    def triaged(self, triage: Triage) -> None: ...
    def token(self, piece: str) -> None: ...
    def judged(self, attempt: Attempt) -> None: ...


@dataclass(frozen=True)
class Desk:
    """Everything a suggestion needs.

    Attributes:
        model: opened lazily, since a routed case never asks it.
        guard: the guard of a jurisdiction.
    """

    triager: Triager
    prompts: PromptBook
    model: Callable[[], ChatModel]
    guard: Callable[[str], Guard]
    store: Store
    clock: Clock


async def suggest(desk: Desk, case: Case, watcher: Watcher | None = None) -> Suggestion:
    """Answer one click on "suggest reply": a draft that passed the guardrails, or the reason why there is none.

    Args:
        desk: the parts to work with.
        case: the debtor's message and what is known of the account.
        watcher: told of triage, tokens and verdicts as they come.

    Raises:
        ModelError: the model could not be asked; the case is kept, no draft was made.
        PromptError: a template cannot be used.
        StorageError: nothing of the suggestion was kept.
    """
    watcher = watcher or Silent()
    triage = desk.triager.triage(case.message)
    watcher.triaged(triage)
    case = desk.store.add_case(case, triage)
    if triage.route == "human":
        suggestion = _routed(desk, case, triage)
    else:
        suggestion = await _drafted(desk, case, triage, watcher)
    desk.store.add_suggestion(suggestion, at=desk.clock.now())
    return suggestion


def _routed(desk: Desk, case: Case, triage: Triage) -> Suggestion:
    return Suggestion(
        case_id=case.id,
        draft_id=None,
        status="routed_to_human",
        text=None,
        source="model",
        attempts=(),
        triage=triage,
        moves=(),
        next_step=NextStep(action="hand_over", date=_facts(desk, case).today),
    )


async def _drafted(desk: Desk, case: Case, triage: Triage, watcher: Watcher) -> Suggestion:
    bench = _Bench.laid(desk, case, triage)
    attempts = await _ask_until_it_passes(desk, bench, watcher)
    source, text = "model", attempts[-1].text
    if not attempts[-1].verdict.passed:
        fallback = bench.fallback()
        watcher.judged(fallback)
        attempts = (*attempts, fallback)
        source, text = "fallback", fallback.text
    passed = attempts[-1].verdict.passed
    return Suggestion(
        case_id=case.id,
        draft_id=uuid4().hex if passed else None,
        status="awaiting_approval" if passed else "rejected",
        text=text if passed else None,
        source=source,
        attempts=attempts,
        triage=triage,
        moves=moves(text, lang=case.message.lang, facts=bench.facts) if passed else (),
        next_step=NextStep(action="follow_up", date=bench.facts.follow_up_date),
    )


async def _ask_until_it_passes(desk: Desk, bench: _Bench, watcher: Watcher) -> tuple[Attempt, ...]:
    model = desk.model()
    first = prompt = bench.prompt()
    attempts: list[Attempt] = []
    for _ in range(1 + REPAIRS):
        try:
            completion = await model.complete(prompt, on_token=watcher.token)
        except _UNUSABLE as error:
            attempts.append(bench.unusable(error, model.name, prompt))
            watcher.judged(attempts[-1])
            continue
        attempt = bench.judge(completion, prompt)
        attempts.append(attempt)
        watcher.judged(attempt)
        if attempt.verdict.passed:
            break
        prompt = desk.prompts.repair(first, completion.text, attempt.verdict.findings, lang=bench.case.message.lang)
    return tuple(attempts)


def _facts(desk: Desk, case: Case) -> Facts:
    """Return the facts with today's date and the planned follow-up, which the reply may then name."""
    today = case.facts.today or desk.clock.now().date()
    planned = case.facts.follow_up_date or follow_up_date(case.tier, today)
    return case.facts.model_copy(update={"today": today, "follow_up_date": planned})


@dataclass(frozen=True)
class _Bench:
    """One case laid out for drafting."""

    case: Case
    facts: Facts
    masked: Masked
    signals: Sequence[str]
    slots: dict[str, str]
    prompts: PromptBook
    guard: Guard

    @classmethod
    def laid(cls, desk: Desk, case: Case, triage: Triage) -> _Bench:
        facts = _facts(desk, case)
        lang = case.message.lang
        return cls(
            case=case,
            facts=facts,
            masked=mask(case.message.text, lang=lang, facts=facts),
            signals=triage.signals,
            slots=slots(facts, lang=lang, jurisdiction=case.jurisdiction),
            prompts=desk.prompts,
            guard=desk.guard(case.jurisdiction),
        )

    def prompt(self) -> Prompt:
        return self.prompts.reply(
            lang=self.case.message.lang,
            tier=self.case.tier,
            slots=tuple(self.slots),
            message=self.masked.text,
            signals=self.signals,
        )

    def judge(self, completion: Completion, prompt: Prompt) -> Attempt:
        text = self.masked.restore(fill(completion.text.strip(), self.slots))
        return Attempt(
            text=text,
            verdict=self._check(text),
            model=completion.model,
            prompt_version=prompt.version,
            usage=completion.usage,
            latency_ms=completion.latency_ms,
            first_token_ms=completion.first_token_ms,
        )

    def unusable(self, error: ModelError, model: str, prompt: Prompt) -> Attempt:
        """Return the attempt of an answer that is no reply; "could not be checked" is never "passed"."""
        verdict = Verdict(verdict="reject", policy=self.guard.policy.name, failed=(error.code,))
        return Attempt(text="", verdict=verdict, model=model, prompt_version=prompt.version)

    def fallback(self) -> Attempt:
        lang = self.case.message.lang
        written = self.prompts.fallback(lang=lang, tier=self.case.tier, slots=tuple(self.slots), signals=self.signals)
        text = fill(written, self.slots)
        return Attempt(text=text, verdict=self._check(text), model="house", prompt_version=self.prompts.version(lang))

    def _check(self, text: str) -> Verdict:
        return self.guard.check(text, lang=self.case.message.lang, facts=self.facts, inbound=self.case.message.text)

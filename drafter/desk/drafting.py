"""The trip: triage, mask, prompt, ask the model, fill in the facts, guard, repair at most twice, fall back, keep."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal, ParamSpec, Protocol, TypeVar

from drafter.desk.attempts import Judge, Reading
from drafter.desk.briefing import Brief
from drafter.desk.contact import may_go_out_at
from drafter.desk.handover import handover_cards
from drafter.desk.house import House
from drafter.desk.moves import moves
from drafter.desk.prompting import PromptBook
from drafter.desk.style import mendable
from drafter.desk.triage import Triager
from drafter.domain import SYSTEM, Attempt, Case, NextStep, Suggestion, Triage, Wish, Writing
from drafter.errors import (
    BadJsonError,
    CutOffAnswerError,
    EmptyAnswerError,
    ModelRefusedError,
    OverlongAnswerError,
)
from drafter.ports import ChatModel, Clock, Store
from drafter.telemetry import step
from guardrails import Facts, Guard
from guardrails.model import Language

P = ParamSpec("P")
T = TypeVar("T")
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
        house: the house's phrases in a language.
        writing: how much of a reply the model writes.
    """

    triager: Triager
    prompts: PromptBook
    model: Callable[[], Awaitable[ChatModel]]
    guard: Callable[[str], Guard]
    house: Callable[[Language], House]
    writing: Writing
    store: Store
    clock: Clock


async def suggest(
    desk: Desk, case: Case, watcher: Watcher | None = None, *, wish: Wish | None = None, by: str = SYSTEM
) -> Suggestion:
    """Answer one click on "suggest reply": a draft that passed the guardrails, or the reason why there is none.

    Args:
        desk: the parts to work with.
        case: the debtor's message and what is known of the account.
        watcher: told of triage, tokens and verdicts as they come.
        wish: what the agent wants otherwise than before.
        by: who asks, as the journal names them.

    Raises:
        ModelError: the model could not be asked; the case is kept, no draft was made.
        PromptError: a template cannot be used.
        StorageError: nothing of the suggestion was kept.
    """
    known = {"drafter.tier": case.tier, "drafter.lang": case.message.lang, "drafter.jurisdiction": case.jurisdiction}
    with step("suggest", known) as doing:
        suggestion = await _suggested(desk, case, watcher or Silent(), wish or Wish(), by)
        doing.tell(
            {
                "drafter.route": suggestion.triage.route,
                "drafter.status": suggestion.status,
                "drafter.source": suggestion.source,
                "drafter.attempts": len(suggestion.attempts),
                "drafter.draft_id": suggestion.draft_id,
            }
        )
    return suggestion


async def _suggested(desk: Desk, case: Case, watcher: Watcher, wish: Wish, by: str) -> Suggestion:
    triage = await _aside("triage", desk.triager.triage, case.message)
    watcher.triaged(triage)
    case = await _aside("store", desk.store.add_case, case, triage)
    if triage.route == "human":
        suggestion, facts = _routed(desk, case, triage), None
    else:
        suggestion, facts = await _drafted(desk, case, triage, watcher, wish)
    await _aside(
        "store",
        desk.store.add_suggestion,
        suggestion,
        facts=facts,
        added=wish.added,
        answers=case.message_number,
        at=desk.clock.now(),
        by=by,
    )
    return suggestion


async def _aside(name: str, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Do what reads, or writes to the database, in a thread: it would hold up everybody else's drafts."""
    with step(name):
        return await to_thread(work, *args, **kwargs)


async def alternatives(version: Callable[[], Awaitable[Suggestion]], most: int) -> tuple[Suggestion, ...]:
    """Return several suggestions for one case, each worded unlike those before it; one where a human must answer.

    Args:
        version: suggests for the case; its errors are raised, and what was suggested before is kept.
        most: how many are wanted.
    """
    made: list[Suggestion] = []
    while len(made) < most and not any(one.status == "routed_to_human" for one in made):
        made.append(await version())
    return tuple(made)


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
        next_step=NextStep(action="hand_over", date=desk.clock.now().date()),
        handover=handover_cards(
            triage,
            desk.triager.signals,
            desk.guard(case.jurisdiction).policy.file,
            reader=case.message.lang,
            debtor=case.message.lang,
        ),
    )


async def _drafted(desk: Desk, case: Case, triage: Triage, watcher: Watcher, wish: Wish) -> tuple[Suggestion, Facts]:
    guard = desk.guard(case.jurisdiction)
    now = desk.clock.now()
    case = case.model_copy(update={"facts": wish.added.to(case.facts)})
    brief = await _aside(
        "prompt",
        Brief.of,
        case,
        triage,
        prompts=desk.prompts,
        house=desk.house(wish.lang or case.message.lang),
        guard=guard,
        today=now.date(),
        writing=desk.writing,
        history=await _aside("store", desk.store.history, case.id),
        wish=wish,
    )
    judge = Judge(guard, brief)
    attempts = await _ask_until_it_will_do(desk, brief, judge, watcher)
    source: Literal["model", "fallback"] = "model"
    chosen = _best(attempts)
    if chosen is None or (brief.writing == "woven" and mendable(chosen.verdict.findings)):
        attempts = (*attempts, await to_thread(judge.fallback))
        watcher.judged(attempts[-1])
        chosen, source = _best(attempts[-1:]), "fallback"
    text = chosen.text if chosen else None
    suggestion = Suggestion(
        case_id=case.id,
        draft_id=(chosen or _last_text(attempts)).draft_id,
        status="rejected" if text is None else "awaiting_approval",
        text=text,
        source=source,
        attempts=attempts,
        triage=triage,
        moves=() if text is None else moves(text, lang=brief.lang, facts=brief.facts),
        next_step=NextStep(action="follow_up", date=brief.facts.follow_up_date),
        promises=brief.promises,
        may_go_out_at=may_go_out_at(case, guard.policy.file, now),
    )
    return suggestion, brief.facts


async def _ask_until_it_will_do(desk: Desk, brief: Brief, judge: Judge, watcher: Watcher) -> tuple[Attempt, ...]:
    """Ask until a draft passes and leaves nothing to mend in its style, at most `1 + REPAIRS` times."""
    model = await desk.model()
    first = prompt = await to_thread(brief.prompt)
    attempts: list[Attempt] = []
    for _ in range(1 + REPAIRS):
        reading = Reading(judge, watcher.token)
        try:
            completion = await model.complete(prompt, on_token=reading.token)
        except _UNUSABLE as error:
            attempts.append(judge.unusable(error, model.name, prompt))
            watcher.judged(attempts[-1])
            continue
        attempts.append(await to_thread(judge.completion, completion, prompt, whole=not reading.enough))
        watcher.judged(attempts[-1])
        verdict = attempts[-1].verdict
        wanting = mendable(verdict.findings) if verdict.passed else verdict.findings
        if (verdict.passed and not wanting) or (verdict.failed and attempts[-1].text):
            break  # a check that could not run gives the model nothing to mend
        prompt = brief.repair(first, wanting)
    return tuple(attempts)


def _best(attempts: tuple[Attempt, ...]) -> Attempt | None:
    """Return the attempt that passed with the least to mend, the latest of equals; None where none passed."""
    passed = [attempt for attempt in reversed(attempts) if attempt.verdict.passed]
    return min(passed, key=lambda attempt: len(mendable(attempt.verdict.findings)), default=None)


def _last_text(attempts: tuple[Attempt, ...]) -> Attempt:
    return next((attempt for attempt in reversed(attempts) if attempt.text), attempts[-1])

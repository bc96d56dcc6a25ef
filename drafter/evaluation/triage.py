"""Labelled messages in, how well triage does out: who is routed to a human, by signal, language and style."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated

from pydantic import Field

from drafter.domain import Rate, Triage
from guardrails.model import Language, Value

INJECTION = "prompt_injection"


class LabelledMessage(Value, extra="ignore"):
    """One labelled message; further keys (route, notes, source) are not used: the signals decide the route."""

    id: str | int | None = None
    text: str
    lang: Language
    signals: tuple[str, ...]
    style: Annotated[str, Field(max_length=100)] = "none given"


class Seen(Value):
    """A labelled message with what triage saw."""

    labelled: LabelledMessage
    triage: Triage


class Found(Value):
    """How something was found: of the messages that hold it, and of those it was seen in."""

    recall: Rate
    precision: Rate


class TriageEvaluation(Value):
    """The whole outcome.

    Attributes:
        routed: messages that a human must answer, whatever the signal.
        held_back: messages that a draft could answer but that were routed to a human.
        injection: messages that give orders to the model.
        by_signal: each signal by itself.
        routed_by_signal: of the messages that hold a signal, those that were routed to a human, for whatever reason.
        missed: messages that a human should have answered.
        false_alarms: messages that were held back in vain.
    """

    routed: Found
    held_back: Rate
    injection: Found
    by_language: Mapping[str, Found]
    by_style: Mapping[str, Found]
    by_signal: Mapping[str, Found]
    routed_by_signal: Mapping[str, Rate]
    missed: tuple[Seen, ...]
    false_alarms: tuple[Seen, ...]


def evaluate_triage(
    messages: Iterable[LabelledMessage], triage: Callable[[LabelledMessage], Triage], *, human: frozenset[str]
) -> TriageEvaluation:
    """Triage every labelled message and count.

    Args:
        messages: what to triage.
        triage: what triage sees in a message.
        human: the signals that route to a human.
    """
    seen = [Seen(labelled=message, triage=triage(message)) for message in messages]

    def must(one: Seen) -> bool:
        return not human.isdisjoint(one.labelled.signals)

    def held(one: Seen) -> bool:
        return one.triage.route == "human"

    def shows(signal: str) -> Found:
        return _found(
            seen,
            lambda one: signal in one.labelled.signals,
            lambda one: signal in one.triage.signals,
        )

    signals = sorted({signal for one in seen for signal in (*one.labelled.signals, *one.triage.signals)})
    return TriageEvaluation(
        routed=_found(seen, must, held),
        held_back=Rate.of(held(one) for one in seen if not must(one)),
        injection=shows(INJECTION),
        by_language=_grouped(seen, lambda one: one.labelled.lang, must, held),
        by_style=_grouped(seen, lambda one: one.labelled.style, must, held),
        by_signal={signal: shows(signal) for signal in signals},
        routed_by_signal={
            signal: Rate.of(held(one) for one in seen if signal in one.labelled.signals)
            for signal in signals
            if signal in human
        },
        missed=tuple(one for one in seen if must(one) and not held(one)),
        false_alarms=tuple(one for one in seen if held(one) and not must(one)),
    )


def _grouped(
    seen: Sequence[Seen], key: Callable[[Seen], str], must: Callable[[Seen], bool], held: Callable[[Seen], bool]
) -> dict[str, Found]:
    names = sorted({key(one) for one in seen})
    return {name: _found([one for one in seen if key(one) == name], must, held) for name in names}


def _found(seen: Sequence[Seen], there: Callable[[Seen], bool], told: Callable[[Seen], bool]) -> Found:
    return Found(
        recall=Rate.of(told(one) for one in seen if there(one)),
        precision=Rate.of(there(one) for one in seen if told(one)),
    )

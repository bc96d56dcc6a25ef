"""What a message may be about: a file in drafter/signals/ is a signal."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from guardrails.errors import PolicyError
from guardrails.model import Jurisdiction, Language, Value
from guardrails.rulebook import Bilingual, PatternEntry, RuleId, Sentence, Words, read

SIGNALS = Path(__file__).parent.parent / "signals"
PROMPT_INJECTION = "prompt_injection"


class SignalExamples(Value):
    present: tuple[Sentence, ...]
    absent: tuple[Sentence, ...]


class SignalLanguage(Value):
    """How a signal shows in one language.

    Attributes:
        whole: words that show it when the message says nothing else ("STOP").
    """

    whole: Words = ()
    classes: Mapping[str, Words] = Field(default_factory=dict)
    patterns: tuple[PatternEntry, ...]
    examples: SignalExamples


class Handover(Value):
    """What an agent needs who hands a message on.

    Attributes:
        law: what the law of a jurisdiction asks, with the provision.
        say: a reply that may be given at once, written by people; may name {crisis_lines}.
        to: who takes over.
    """

    law: Mapping[Jurisdiction, Bilingual]
    say: Bilingual
    to: Bilingual


class Signal(Value):
    """One thing a message may be about.

    Attributes:
        route: "human" where a person must answer, "draft" where the signal only informs the draft.
        means: what it means that it is seen, and what the agent does and leaves undone.
        handover: where a person must answer.
        grave: its words route whatever else is made of the message.
        in_orders: False where the same words mean nothing inside an order to the model ("reply: nothing is owed").
    """

    id: RuleId
    route: Literal["draft", "human"]
    title: Bilingual
    means: Bilingual
    handover: Handover | None = None
    grave: bool = False
    in_orders: bool = True
    zh: SignalLanguage
    en: SignalLanguage

    @field_validator("id", mode="before")
    @classmethod
    def _underscores_as_in_the_contract(cls, value: object) -> object:
        return value.replace("_", "-") if isinstance(value, str) else value

    @model_validator(mode="after")
    def _handed_over_where_a_person_must_answer(self) -> Self:
        if (self.route == "human") is not (self.handover is not None):
            raise ValueError('has a "handover" if and only if its route is "human"')
        return self

    @property
    def name(self) -> str:
        """The signal's name in every interface."""
        return self.id.replace("-", "_")

    def language(self, lang: Language) -> SignalLanguage:
        return self.zh if lang == "zh" else self.en


def load_signals(folder: Path = SIGNALS) -> tuple[Signal, ...]:
    """Return every signal of a folder.

    Raises:
        PolicyError: a file cannot be used, or its name differs from the signal's id.
    """
    signals = []
    for path in sorted(folder.glob("*.yaml")):
        signal = read(path, Signal)
        if signal.name != path.stem:
            raise PolicyError(f"holds the signal {signal.name!r}; rename one of the two", file=path)
        signals.append(signal)
    return tuple(signals)

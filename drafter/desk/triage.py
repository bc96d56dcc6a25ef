"""What a debtor's message is about, and whether a person must answer it instead of a model."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from drafter.domain import DebtorMessage, Evidence, Triage
from guardrails.book import Book, Chapter
from guardrails.clauses import Reader, Stance
from guardrails.errors import PatternError, PolicyError
from guardrails.model import Language, Value
from guardrails.normalise import normalise
from guardrails.policy import LANGUAGES, load_words
from guardrails.rulebook import Bilingual, PatternEntry, RuleId, Sentence, Words, read

SIGNALS = Path(__file__).parent.parent / "signals"
# Unlike a reply, a message means what it quotes and asks: "you said you would sue me", "will you call my boss?".
_EXCUSING = frozenset({Stance.DENIED})
_INJECTION = "prompt_injection"


class SignalExamples(Value):
    present: tuple[Sentence, ...]
    absent: tuple[Sentence, ...]


class SignalLanguage(Value):
    classes: Mapping[str, Words] = Field(default_factory=dict)
    patterns: tuple[PatternEntry, ...]
    examples: SignalExamples


class Signal(Value):
    """One thing a message may be about.

    Attributes:
        route: "human" where a person must answer, "draft" where the signal only informs the draft.
        handover: what the agent should know and do when it is seen.
    """

    id: RuleId
    route: Literal["draft", "human"]
    title: Bilingual
    handover: Bilingual
    zh: SignalLanguage
    en: SignalLanguage

    @field_validator("id", mode="before")
    @classmethod
    def _underscores_as_in_the_contract(cls, value: object) -> object:
        return value.replace("_", "-") if isinstance(value, str) else value

    @property
    def name(self) -> str:
        """The signal's name in every interface."""
        return self.id.replace("-", "_")

    def language(self, lang: Language) -> SignalLanguage:
        return self.zh if lang == "zh" else self.en


class Triager:
    """Reads messages for signals.

    Args:
        signals: the signals to look for.

    Raises:
        PolicyError: a pattern of a signal cannot be read; names the file.
    """

    def __init__(self, signals: tuple[Signal, ...]) -> None:
        self.signals: Mapping[str, Signal] = {signal.name: signal for signal in signals}
        self._books = {lang: self._book(lang, signals) for lang in LANGUAGES}

    @classmethod
    def load(cls, folder: Path = SIGNALS) -> Triager:
        """Return a triager for every signal file of a folder.

        Raises:
            PolicyError: a file cannot be used, or its name differs from the signal's id.
        """
        signals = []
        for path in sorted(folder.glob("*.yaml")):
            signal = read(path, Signal)
            if signal.name != path.stem:
                raise PolicyError(f"holds the signal {signal.name!r}; rename one of the two", file=path)
            signals.append(signal)
        return cls(tuple(signals))

    def triage(self, message: DebtorMessage) -> Triage:
        """Return the signals of a message, each with the words that show it."""
        canonical = normalise(message.text)
        reader = Reader(canonical.folded, message.lang)
        evidence = []
        for match in self._books[message.lang].matches(canonical, reader):
            start, end = canonical.span(match.start, match.end)
            evidence.append(Evidence(signal=match.id, start=start, end=end, quote=message.text[start:end]))
        evidence.sort(key=lambda item: (item.start, item.end, item.signal))
        signals = tuple(dict.fromkeys(item.signal for item in evidence))
        routed = any(self.signals[signal].route == "human" for signal in signals)
        return Triage(
            signals=signals,
            injection=_INJECTION in signals,
            route="human" if routed else "draft",
            evidence=tuple(evidence),
        )

    @staticmethod
    def _book(lang: Language, signals: tuple[Signal, ...]) -> Book:
        chapters = [Chapter(s.name, s.language(lang).classes, s.language(lang).patterns) for s in signals]
        try:
            return Book(lang, load_words(lang), chapters, excusing=_EXCUSING)
        except PatternError as error:
            raise PolicyError(str(error), file=SIGNALS / f"{error.chapter}.yaml") from error

"""What a debtor's message is about, and whether a person must answer it instead of a model."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, Protocol

from drafter.desk.signals import PROMPT_INJECTION, SIGNALS, Signal, SignalLanguage, load_signals
from drafter.domain import DebtorMessage, Evidence, Triage
from guardrails.book import Book, Chapter
from guardrails.clauses import Reader, Stance
from guardrails.errors import PatternError, PolicyError
from guardrails.model import Language
from guardrails.normalise import normalise
from guardrails.policy import LANGUAGES, load_words

# Unlike a reply, a message means what it quotes and asks: "you said you would sue me", "will you call my boss?".
_EXCUSING = frozenset({Stance.DENIED})

# A worried person rarely stops between clauses ("can't pay I'm in hospital"), so only a negation right before the
# words denies them; a signal read in vain costs a glance, a signal missed may cost a life.
_BREAK: Final[Mapping[Language, re.Pattern[str]]] = {
    "zh": re.compile(r"[，,。.！!？?；;：:、…\n\s]"),
    "en": re.compile(r"[,.!?;:()\n\u2026\u2014]| - "),
}
_NO_DENIAL: Final[Mapping[Language, re.Pattern[str]]] = {
    "zh": re.compile(
        r"(.)[不没]\1|不得不|不能不|不仅|不但|不只|不光|不止|说不定|忍不住|不小心|不好意思|对不起|不然|受不了|来不及|差不多"
        r"|不知道|不知|不料|不幸|不行|不如|不过|不管|不论|没办法|没法|没钱|没想到|没人|没工作|没收入|没脸|是不是|要不是|要不"
    ),
    "en": re.compile(
        r"\b(?:no (?:money|job|work|income|idea|longer|more|way|choice|wonder|doubt|joke|one|savings)"
        r"|not (?:only|sure|well|able|just|joking|kidding)|(?:can't|cant|cannot) (?:pay|afford|work|cope|keep)"
        r"|(?:don't|dont|didn't|didnt) (?:know|realise|realize|care)|why (?:not|don't|cant|can't))\b"
    ),
}
_DENIAL: Final[Mapping[Language, re.Pattern[str]]] = {
    "zh": re.compile(
        r"(?:没有|没|未|非|不|别|无)(?P<between>[会是能要想再曾有打算在用该被去找跟和请得任何什么这那个过让把给因为说生病]{0,4})$"
    ),
    "en": re.compile(
        r"\b(?:not|never|no|nobody|none|neither|nor|without|cannot|\w+n't|dont|wont|cant|isnt|wasnt|didnt|havent|hasnt"
        r"|doesnt|arent|aint)\b(?P<between>(?:\s+[\w'-]+){0,4})\s*$"
    ),
}
_NEW_CLAUSE: Final = re.compile(
    r"\b(?:because|cause|cos|coz|since|as|and|but|so|if|when|while|due|after|until|before|i|i'm|im|i've|ive|he|she|he's|she's"
    r"|we|we're|they|it's|its|my|this|your)\b"
)
_APOSTROPHES: Final = str.maketrans("’`´", "'''")
_REACH: Final = 48
# So far above its limit, in log-odds, a signal that words show as well is no look-alike whatever the rest sounds like.
_SURE: Final = 1.0
_AROUND: Final = " \n\t.!?,;:'\"。！？，；：…~*"
_SPEAKING: Final = re.compile(r"\b(?:say|said|saying|think|claim|claimed|claiming|mean|suggesting)\b")


class Scores(Protocol):
    """What is made of a message, in log-odds: that a person must answer, and each signal."""

    @property
    def human(self) -> float: ...
    @property
    def signals(self) -> Mapping[str, float]: ...


class Limits(Protocol):
    """How scores are read; `drafter.desk.hearing.model.Card` says what each means."""

    @property
    def routes_from(self) -> float: ...
    @property
    def clears_below(self) -> float: ...
    @property
    def hears_from(self) -> Mapping[str, float]: ...


class Hears(Protocol):
    """Hears in messages of one language what words do not show."""

    @property
    def card(self) -> Limits: ...
    def heard(self, text: str, seen: Collection[str], /) -> Scores: ...
    def where(self, text: str, signals: Collection[str], /) -> Mapping[str, tuple[int, int]]: ...


Hear = Callable[[Language], Hears | None]


class MessageReader(Reader):
    """Reads a debtor's message, in which only a negation right before the words denies them.

    Args:
        folded: the canonical text in lower case.
        lang: the language of the patterns that are looked for.
    """

    def __init__(self, folded: str, lang: Language) -> None:
        super().__init__(folded, lang)
        self._folded = folded
        self._lang = lang

    def stances(self, words: Sequence[tuple[int, int]]) -> frozenset[Stance]:
        """Return `DENIED` when one of the words, given as canonical offsets in order, is negated; else nothing."""
        before = 0
        for start, end in words:
            if self._negated(self._folded[max(before, start - _REACH) : start], self._folded[start:end]):
                return _EXCUSING
            before = end
        return frozenset()

    def _negated(self, reach: str, word: str) -> bool:
        clause = _BREAK[self._lang].split(reach)[-1]
        denial = _DENIAL[self._lang].search(_NO_DENIAL[self._lang].sub("", clause))
        if denial is None:
            return False
        between = denial["between"]
        new_clause = _NEW_CLAUSE.search(between) or _NEW_CLAUSE.match(word)
        return new_clause is None or _SPEAKING.search(between) is not None


class Triager:
    """Reads messages for signals: by words, and by what a trained model hears in them.

    Args:
        signals: the signals to look for.
        hear: gives what hears in a language; None where words alone decide.

    Raises:
        PolicyError: a pattern of a signal cannot be read; names the file.
    """

    def __init__(self, signals: tuple[Signal, ...], hear: Hear | None = None) -> None:
        self.signals: Mapping[str, Signal] = {signal.name: signal for signal in signals}
        self._hear = hear
        self._books = {lang: self._book(lang, signals) for lang in LANGUAGES}

    @classmethod
    def load(cls, folder: Path = SIGNALS, hear: Hear | None = None) -> Triager:
        """Return a triager for every signal file of a folder; `hear` as for the class.

        Raises:
            PolicyError: a file cannot be used, or its name differs from the signal's id.
        """
        return cls(load_signals(folder), hear)

    def triage(self, message: DebtorMessage) -> Triage:
        """Return the signals of a message, each with the words that show it or the sentence in which it is heard.

        Raises:
            Exception: what hears could not run; then nothing may be drafted.
        """
        evidence = self._without_orders(message, self._heard(message, self._shown(message)))
        signals = tuple(dict.fromkeys(item.signal for item in evidence))
        routed = any(self.signals[signal].route == "human" for signal in signals)
        return Triage(
            signals=signals,
            injection=PROMPT_INJECTION in signals,
            route="human" if routed else "draft",
            evidence=tuple(evidence),
        )

    def shown(self, message: DebtorMessage) -> frozenset[str]:
        """Return the signals that words alone show."""
        return frozenset(item.signal for item in self._shown(message))

    def _shown(self, message: DebtorMessage) -> list[Evidence]:
        canonical = normalise(message.text)
        canonical = replace(canonical, folded=canonical.folded.translate(_APOSTROPHES))
        evidence = []
        # A message may change its language midway; words of one language never match those of the other.
        for lang, book in self._books.items():
            for match in book.matches(canonical, MessageReader(canonical.folded, lang)):
                start, end = canonical.span(match.start, match.end)
                evidence.append(Evidence(signal=match.id, start=start, end=end, quote=message.text[start:end]))
        evidence.extend(self._whole(message.text, canonical.folded))
        return self._without_orders(message, evidence)

    def _heard(self, message: DebtorMessage, shown: list[Evidence]) -> list[Evidence]:
        """Return the evidence without look-alikes, and with what is only heard."""
        hearing = self._hear(message.lang) if self._hear else None
        if hearing is None:
            return shown
        heard, card = hearing.heard(message.text, {item.signal for item in shown}), hearing.card
        sure = {name for name, score in heard.signals.items() if score >= card.hears_from[name] + _SURE}
        kept = [
            item
            for item in shown
            if heard.human >= card.clears_below or item.signal in sure or self._stays(item, message.text)
        ]
        told = {name for name, score in heard.signals.items() if score >= card.hears_from[name]}
        routed = {name for name, signal in self.signals.items() if signal.route == "human"}
        there = {item.signal for item in kept}
        if heard.human >= card.routes_from:
            if routed.isdisjoint(told | there):
                told.add(max(routed, key=lambda name: heard.signals[name]))
        else:
            told -= {name for name in routed if not self.signals[name].grave}
        for name, (start, end) in hearing.where(message.text, sorted(told - there)).items():
            kept.append(Evidence(signal=name, start=start, end=end, quote=message.text[start:end]))
        return kept

    def _stays(self, item: Evidence, text: str) -> bool:
        """Tell whether words stand whatever is heard: they only inform, are grave, or are the whole message."""
        signal = self.signals[item.signal]
        return signal.route == "draft" or signal.grave or item.quote == text

    def _without_orders(self, message: DebtorMessage, evidence: list[Evidence]) -> list[Evidence]:
        orders = [item for item in evidence if item.signal == PROMPT_INJECTION]
        evidence = [
            item
            for item in evidence
            if self.signals[item.signal].in_orders
            or not any(_in_one_sentence(message.text, order, item) for order in orders)
        ]
        return _outermost(evidence)

    def _whole(self, text: str, folded: str) -> list[Evidence]:
        """Return the signals that a message of one word or two shows only because it says nothing else."""
        said = folded.strip(_AROUND)
        end = len(text)
        return [
            Evidence(signal=name, start=0, end=end, quote=text)
            for name, signal in self.signals.items()
            if said and any(said == word.lower() for lang in LANGUAGES for word in signal.language(lang).whole)
        ]

    @staticmethod
    def _book(lang: Language, signals: tuple[Signal, ...]) -> Book:
        chapters = [_chapter(signal.name, signal.language(lang)) for signal in signals]
        try:
            return Book(lang, load_words(lang), chapters, excusing=_EXCUSING)
        except PatternError as error:
            raise PolicyError(str(error), file=SIGNALS / f"{error.chapter}.yaml") from error


def _outermost(evidence: list[Evidence]) -> list[Evidence]:
    """Return the evidence, sorted by place, without what lies inside other evidence of the same signal."""
    kept: list[Evidence] = []
    reached: dict[str, int] = {}
    for item in sorted(evidence, key=lambda item: (item.start, -item.end)):
        if item.end > reached.get(item.signal, 0):
            reached[item.signal] = item.end
            kept.append(item)
    return kept


def _in_one_sentence(text: str, one: Evidence, other: Evidence) -> bool:
    between = text[min(one.end, other.end) : max(one.start, other.start)]
    return not any(end in between for end in "。！？!?.\n")


def _chapter(name: str, language: SignalLanguage) -> Chapter:
    """Return what a signal looks for, also as thumbs write it: "cant" for "can't"."""
    classes = {key: _with_bare_spellings(words) for key, words in language.classes.items()}
    patterns = [entry.model_copy(update={"match": _with_bare_spellings(entry.match)}) for entry in language.patterns]
    return Chapter(name, classes, patterns)


def _with_bare_spellings(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*words, *(word.replace("'", "") for word in words if "'" in word))))

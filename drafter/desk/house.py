"""The house's own phrases, several a move, tier and situation: chosen for a case, never the same twice in it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import StringConstraints

from drafter.desk.likeness import Likeness
from drafter.desk.slots import used
from drafter.domain import Tier
from drafter.errors import PromptError
from guardrails.errors import PolicyError
from guardrails.model import Value
from guardrails.rulebook import Sentence, Word, read

MOVES = (
    "identify",
    "disclosure",
    "concern",
    "answer",
    "position",
    "reflection",
    "question",
    "next_step",
)
"""In the order in which a reply makes them; a file of this name holds the phrases of each."""


_SLOT = re.compile(r"\{\w+\}")


class Phrase(Value):
    """One way to make a move.

    Attributes:
        text: with slots; it is only chosen where the facts fill them all.
        label: a short name by which the prompt of a small model points at it.
        tiers: whose tone it has; every tier where none is named.
        when: signals of which one must be seen.
        without: signals of which none may be seen.
        lacking: slots for want of which it is said; it fits only where none of them can be filled.
        overdue: true where it says that the due date has passed.
        like: what the messages that it answers are about, in words to compare them with.
        about: what a question asks for; what the debtor has told already is not asked.
        requirement: id of the policy's requirement for a first contact that it meets.
    """

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
    label: Word | None = None
    tiers: tuple[Tier, ...] = ()
    when: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    lacking: tuple[str, ...] = ()
    overdue: bool = False
    like: Sentence | None = None
    about: str | None = None
    requirement: str | None = None


class _PhraseFile(Value):
    phrases: tuple[Phrase, ...]


@dataclass(frozen=True)
class Occasion:
    """What decides which phrases fit.

    Attributes:
        tier: in whose manner the reply is written.
        signals: what triage saw.
        slots: names of the slots that can be filled.
        overdue: the due date has passed.
        asked: what questions may not ask for, since the debtor has told it.
        said: phrases not to be used again where another fits, as they were said in this case before.
        barred: phrases that may not be used at all, as they do not pass here.
        message: the debtor's message, masked, to find the nearest phrase by.
        turn: how many replies were made before, so that the next one begins elsewhere.
        leave_out: moves that are not made this time.
        most_answers: how many of the requests are answered.
        sentence: what the agent wants said word for word.
    """

    tier: Tier
    signals: tuple[str, ...]
    slots: Collection[str]
    overdue: bool
    message: str = ""
    asked: Collection[str] = ()
    said: Collection[str] = ()
    barred: tuple[str, ...] = ()
    turn: int = 0
    leave_out: Collection[str] = ()
    most_answers: int = 3
    sentence: str = ""


@dataclass(frozen=True)
class House:
    """The phrases of one language.

    Attributes:
        phrases: move -> its phrases, in the order of the file.
        likeness: tells which of several situations is nearest to a message; without it only general ones are used.
    """

    phrases: Mapping[str, tuple[Phrase, ...]]
    likeness: Likeness | None = None

    @classmethod
    def of(cls, folder: Path, *, likeness: Likeness | None = None) -> House:
        """Read the phrases of a folder, one file a move.

        Raises:
            PromptError: a file is missing or cannot be used; names it.
        """
        return cls({move: phrases(folder, move) for move in MOVES}, likeness)

    def choose(self, move: str, on: Occasion) -> Phrase | None:
        """Return the phrase that fits an occasion best; None where none fits.

        What is more particular fits better: made for one of the signals, for the nearest situation, for the tier, and
        with more of the facts in it. Among equals one not yet said is taken, each in its turn.
        """
        fitting = [phrase for phrase in self.phrases[move] if _fits(phrase, on)]
        if move == "concern":
            fitting = self._nearest(fitting, on)
        ranks = sorted({_rank(phrase, on) for phrase in fitting}, reverse=True)
        for fresh in (True, False):
            for rank in ranks:
                equal = [p for p in fitting if _rank(p, on) == rank and (p.text not in on.said) is fresh]
                if equal:
                    return equal[on.turn % len(equal)]
        return None

    def answers(self, on: Occasion) -> Iterator[Phrase]:
        """Yield one answer to each of the signals that want one, in the order in which the file answers."""
        answered = 0
        wanting = dict.fromkeys(signal for phrase in self.phrases["answer"] for signal in phrase.when)
        for signal in (signal for signal in wanting if signal in on.signals):
            mine = [phrase for phrase in self.phrases["answer"] if signal in phrase.when]
            chosen = House({"answer": tuple(mine)}).choose("answer", on)
            if chosen is not None and answered < on.most_answers:
                answered += 1
                yield chosen

    def said_in(self, texts: Sequence[str]) -> frozenset[str]:
        """Return the phrases that stand in earlier replies, whatever their slots were filled with."""
        told = "\n".join(texts)
        if not told:
            return frozenset()
        every = (phrase.text for phrases in self.phrases.values() for phrase in phrases)
        return frozenset(text for text in every if _with_any_filling(text).search(told))

    def nearest(self, move: str, text: str, on: Occasion, *, most: int) -> list[Phrase]:
        """Return the phrases of a move that are nearest in meaning to a text, nearest first."""
        fitting = [phrase for phrase in self.phrases[move] if _fits(phrase, on)]
        if self.likeness is None:
            return fitting[:most]
        order = self.likeness.order(text, [phrase.text for phrase in fitting])
        return [fitting[place] for place in order[:most]]

    def _nearest(self, phrases: Sequence[Phrase], on: Occasion) -> list[Phrase]:
        """Keep of the phrases for particular situations the one nearest to the message, general ones as they are."""
        general = [phrase for phrase in phrases if phrase.like is None]
        particular = [phrase for phrase in phrases if phrase.like is not None and phrase.text not in on.said]
        if self.likeness is None or not particular or not on.message:
            return general
        order = self.likeness.order(on.message, [str(phrase.like) for phrase in particular])
        return [particular[order[0]], *general]


def phrases(folder: Path, move: str) -> tuple[Phrase, ...]:
    """Read the phrases of one move.

    Raises:
        PromptError: the file is missing or cannot be used; names it.
    """
    try:
        return read(folder / f"{move}.yaml", _PhraseFile).phrases
    except PolicyError as error:
        raise PromptError("The house's phrases cannot be used: {why}", why=str(error)) from error


@cache
def _with_any_filling(text: str) -> re.Pattern[str]:
    return re.compile("[^\n]+?".join(re.escape(part) for part in _SLOT.split(text)))


def _fits(phrase: Phrase, on: Occasion) -> bool:
    return (
        (not phrase.tiers or on.tier in phrase.tiers)
        and (not phrase.when or any(signal in phrase.when for signal in on.signals))
        and not any(signal in phrase.without for signal in on.signals)
        and not any(name in on.slots for name in phrase.lacking)
        and (on.overdue or not phrase.overdue)
        and (phrase.about is None or phrase.about not in on.asked)
        and phrase.text not in on.barred
        and all(name in on.slots for name in used(phrase.text))
    )


def _rank(phrase: Phrase, on: Occasion) -> tuple[int, bool, bool, int]:
    meant = sum(signal in phrase.when for signal in on.signals)
    return meant, phrase.like is not None, bool(phrase.tiers), len(used(phrase.text))

"""What a reply is going to say, move by move, before a word of it is written: chosen from the house's phrases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from zlib import crc32

from drafter.desk.house import MOVES, House, Occasion, Phrase
from drafter.desk.slots import fill
from guardrails.model import Facts, Language
from guardrails.policy import Policy

BY_MODEL = "concern"
"""The move that needs an ear for what was said; the others are the house's own words."""
BY_AGENT = "sentence"
"""What the agent wants said word for word: it follows what is said of the account."""


@dataclass(frozen=True)
class Piece:
    """One sentence or two of a reply, as it will be read, and the phrase it was made from."""

    move: str
    phrase: Phrase
    text: str


@dataclass(frozen=True)
class Plan:
    """The phrases of a reply in their order.

    Attributes:
        lang: decides how they are joined.
        phrases: move and phrase, in the order in which they are said.
        slots: what the phrases are filled with.
    """

    lang: Language
    occasion: Occasion
    phrases: tuple[tuple[str, Phrase], ...]
    slots: Mapping[str, str]

    def phrase(self, move: str) -> Phrase | None:
        return next((phrase for made, phrase in self.phrases if made == move), None)

    def pieces(self, heard: str = "") -> Iterator[Piece]:
        """Yield the pieces of the reply.

        Args:
            heard: what takes the place of the house's own concern for what was said.
        """
        for move, phrase in self.phrases:
            own = phrase.text if move == BY_AGENT else fill(phrase.text, self.slots)
            yield Piece(move, phrase, heard if heard and move == BY_MODEL else own)

    def text(self, heard: str = "") -> str:
        """Return the whole reply; `heard` as for `pieces`."""
        return self.join([piece.text for piece in self.pieces(heard)])

    def so_far(self, heard: str) -> str:
        """Return the reply up to and with the passage that is being written."""
        moves = [move for move, _ in self.phrases]
        before = [piece.text for piece in self.pieces()][: moves.index(BY_MODEL)]
        return self.join([*before, heard] if heard else before)

    def at(self, place: int) -> Phrase | None:
        """Return the house's phrase that stands at a place of its own reply; None where the agent's words stand."""
        reached = 0
        for piece in self.pieces():
            reached += len(piece.text) + len(self._between)
            if place < reached:
                return None if piece.move == BY_AGENT else piece.phrase
        return None

    def join(self, texts: list[str]) -> str:
        return self._between.join(texts)

    @property
    def _between(self) -> str:
        return "" if self.lang == "zh" else " "


def make_plan(
    occasion: Occasion, *, house: House, policy: Policy, facts: Facts, lang: Language, slots: Mapping[str, str]
) -> Plan:
    """Choose a phrase for every move that the occasion wants."""
    phrases: list[tuple[str, Phrase]] = []
    for move in MOVES:
        if move == "disclosure":
            phrases += [(move, phrase) for phrase in _disclosures(house, policy, facts)]
        elif move in occasion.leave_out:
            continue
        elif move == "answer":
            phrases += [(move, phrase) for phrase in house.answers(occasion)]
        elif (chosen := house.choose(move, occasion)) is not None:
            phrases.append((move, chosen))
        if move == "position" and occasion.sentence:
            phrases.append((BY_AGENT, Phrase(text=occasion.sentence)))
    return Plan(lang=lang, occasion=occasion, phrases=tuple(phrases), slots=slots)


def turn_of(case_id: str, earlier: int) -> int:
    """Return where the choice among equal phrases begins, another place for every case and every reply in it."""
    return crc32(case_id.encode()) + earlier


def _disclosures(house: House, policy: Policy, facts: Facts) -> Iterator[Phrase]:
    if not facts.initial_communication:
        return
    for disclosure in policy.file.first_contact:
        if not disclosure.if_fact or getattr(facts, disclosure.if_fact):
            yield from (phrase for phrase in house.phrases["disclosure"] if phrase.requirement == disclosure.id)

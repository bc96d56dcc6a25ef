"""The trained weights: a message in, a score for each signal and for "a person must answer" out."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from heapq import nlargest
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from drafter.desk.hearing.features import Floats, features, sentences
from drafter.desk.likeness import Embeddings
from guardrails.classifier.grams import Buckets
from guardrails.model import Language, Value
from guardrails.normalise import normalise

HOME: Final = Path(__file__).parent / "weights"
# Of a message's sentences; half a second of embedding.
_MOST_EMBEDDED: Final = 48


class Card(Value):
    """What the weights of one language were made of and how they are read; scores are log-odds.

    Attributes:
        signals: the heads after the first, which says whether a person must answer.
        routes_from: from here on a person must answer, whatever words show.
        clears_below: below it, a signal that words show and that routes to a human is taken for a look-alike.
        hears_from: from here on a signal is there.
        trained_on: family of messages -> how many of it.
    """

    signals: tuple[str, ...]
    routes_from: float
    clears_below: float
    hears_from: Mapping[str, float]
    trained_on: Mapping[str, int]


@dataclass(frozen=True)
class Heard:
    """What the model makes of a message.

    Attributes:
        human: that a person must answer.
        signals: each signal.
    """

    human: float
    signals: Mapping[str, float]


@dataclass(frozen=True)
class Weights:
    """The weights of one language.

    Attributes:
        card: how to read them.
        buckets: the letter sequences that have weights, ascending, shape (rows,).
        grams: shape (rows, heads), scaled to whole numbers.
        scale: what one of those is worth, by head, shape (heads,).
        dense: of embedding and signals, shape (384 + signals, heads).
        bias: shape (heads,).
    """

    card: Card
    buckets: Buckets
    grams: NDArray[np.int8]
    scale: Floats
    dense: Floats
    bias: Floats

    @classmethod
    @cache
    def load(cls, lang: Language, home: Path = HOME) -> Weights:
        """Read the weights of a language.

        Raises:
            OSError: a file is missing.
            ValueError: a file is damaged.
        """
        card = Card.model_validate_json((home / f"{lang}.json").read_bytes())
        with (home / f"{lang}.npz").open("rb") as file, np.load(file, allow_pickle=False) as kept:
            arrays: Any = {name: kept[name] for name in ("buckets", "grams", "scale", "dense", "bias")}
        arrays["dense"] = arrays["dense"].astype(np.float32)
        return cls(card, **arrays)

    def heard(self, buckets: Buckets, value: float, dense: Floats) -> Heard:
        """Return the scores of a message; the arguments are those that `features` returns."""
        rows = np.searchsorted(self.buckets, buckets).clip(max=len(self.buckets) - 1)
        known = rows[self.buckets[rows] == buckets]
        said = self.grams[known].sum(axis=0, dtype=np.float32) * self.scale * value
        human, *signals = (float(score) for score in said + dense @ self.dense + self.bias)
        return Heard(human, dict(zip(self.card.signals, signals, strict=True)))


class Hearing:
    """Hears in a message of one language what words do not show."""

    def __init__(self, lang: Language, near: Embeddings) -> None:
        self.lang = lang
        self._weights = Weights.load(lang)
        self._near = near

    @property
    def card(self) -> Card:
        return self._weights.card

    def heard(self, text: str, seen: Collection[str]) -> Heard:
        """Return what the model makes of a message.

        Args:
            text: the message as given, or a sentence of it.
            seen: the signals that words showed in it.
        """
        known = features(normalise(text).folded, self.lang, self._near.of(text), seen, self.card.signals)
        return self._weights.heard(*known)

    def where(self, text: str, signals: Collection[str]) -> dict[str, tuple[int, int]]:
        """Return the sentence in which each signal is heard most, in code points; the whole where there is one only."""
        spans = sentences(text, self.lang)
        if len(spans) < 2 or not signals:  # noqa: PLR2004 - one sentence is the whole
            return dict.fromkeys(signals, (0, len(text)))
        first: dict[str, tuple[int, int]] = {}
        for span in spans:
            first.setdefault(text[slice(*span)], span)
        said = self._likeliest(list(first), signals)
        heard = {one: self._scores(one, near) for one, near in zip(said, self._near.each(said), strict=True)}
        return {signal: first[max(said, key=lambda one: heard[one][signal])] for signal in signals}

    def _likeliest(self, said: list[str], signals: Collection[str]) -> list[str]:
        """Keep of many sentences those whose letter sequences say most of a signal, since embedding takes long."""
        if len(said) <= _MOST_EMBEDDED:
            return said
        unknown = np.zeros(len(self._weights.dense) - len(self.card.signals), dtype=np.float32)
        alone = {one: self._scores(one, unknown) for one in said}
        share = max(1, _MOST_EMBEDDED // len(signals))
        kept = {one for signal in signals for one in nlargest(share, said, key=lambda one: alone[one][signal])}
        return [one for one in said if one in kept]

    def _scores(self, sentence: str, embedding: Floats) -> Mapping[str, float]:
        known = features(normalise(sentence).folded, self.lang, embedding, (), self.card.signals)
        return self._weights.heard(*known).signals

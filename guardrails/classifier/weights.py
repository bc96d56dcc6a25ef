"""The trained weights: a reply's features in, probabilities out."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from guardrails.classifier.features import Values
from guardrails.classifier.grams import BUCKETS, Buckets
from guardrails.model import Language, Value

HOME = Path(__file__).parent / "weights"

Probability = Annotated[float, Field(ge=0, le=1)]


class Card(Value):
    """What the weights of one language were made of and how they are to be read.

    Attributes:
        rules: the heads after the first one, which says whether any rule is broken.
        slope, shift: of the logistic curve from the first head's score to a probability.
        blocks_at: from this probability on a reply is rejected.
        sentence_blocks_at: the same for one of its sentences by itself.
        clears_below: in a sentence below it, a pattern that nothing else confirms is advice and no rejection.
        doubts_from: from here up to `blocks_at` a judge is asked, if there is one.
        trained_on: family of texts -> how many of it.
        held_out: figures on families that were not trained on.
    """

    rules: tuple[str, ...]
    slope: float
    shift: float
    blocks_at: Probability
    sentence_blocks_at: Probability
    clears_below: Probability
    doubts_from: Probability
    trained_on: Mapping[str, int]
    held_out: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Scores:
    """What the classifier makes of one reply.

    Attributes:
        any: the calibrated probability that it breaks a rule.
        rules: rule -> a score that orders the rules; not a probability.
    """

    any: float
    rules: Mapping[str, float]


class Weights:
    """The weights of one language.

    Args:
        card: how to read them.
        buckets: the buckets that have weights, ascending, shape (rows,).
        weights: shape (rows, 1 + rules), scaled to whole numbers.
        scale: what one of those is worth, by head, shape (1 + rules,).
        bias: by head, shape (1 + rules,).
    """

    def __init__(
        self,
        card: Card,
        buckets: Buckets,
        weights: NDArray[np.int8],
        scale: NDArray[np.float32],
        bias: NDArray[np.float32],
    ) -> None:
        self.card = card
        self._row = np.full(BUCKETS, len(buckets), dtype=np.int32)
        self._row[buckets] = np.arange(len(buckets), dtype=np.int32)
        # The last row stands for every bucket that was never seen.
        self._weights = np.vstack([weights, np.zeros((1, weights.shape[1]), dtype=np.int8)])
        self._scale = scale
        self._bias = bias

    @classmethod
    @cache
    def load(cls, lang: Language, home: Path = HOME) -> Weights:
        """Read the weights of a language.

        Raises:
            OSError: a file is missing.
            ValueError: a file is damaged.
        """
        card = Card.model_validate_json((home / f"{lang}.json").read_bytes())
        with np.load(home / f"{lang}.npz", allow_pickle=False) as kept:
            return cls(card, kept["buckets"].astype(np.int64), kept["weights"], kept["scale"], kept["bias"])

    def scores(self, buckets: Buckets, values: Values) -> Scores:
        """Return what the features say; see `features`."""
        heads = (values @ self._weights[self._row[buckets]].astype(np.float32)) * self._scale + self._bias
        any_rule, *by_rule = (float(head) for head in heads)
        return Scores(self._calibrated(any_rule), dict(zip(self.card.rules, by_rule, strict=True)))

    def probability(self, buckets: Buckets, values: Values) -> float:
        """Return the probability that any rule is broken, without the rules' own scores."""
        first = self._weights[:, 0][self._row[buckets]].astype(np.float32)
        return self._calibrated(float(values @ first) * float(self._scale[0]) + float(self._bias[0]))

    def _calibrated(self, score: float) -> float:
        return 1 / (1 + math.exp(-max(-60.0, min(60.0, self.card.slope * score + self.card.shift))))

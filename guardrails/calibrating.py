"""From the scores of replies that the weights never saw to probabilities, and to the limits that decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from guardrails.classifier.features import Values
from guardrails.classifier.grams import BUCKETS, Buckets
from guardrails.model import Language

MOST_FALSE_ALARMS: Final = 0.045
"""That the classifier may add, of lawful replies written to be mistaken for unlawful ones, as the corpus holds them."""
CLEARS_BELOW: Final = 0.4
"""A sentence in which a pattern stands is cleared below this; plain threats stand above it."""
MOST_JUDGED: Final = 0.07
STRENGTH: Final = 30.0

_FOLDS: Final = 5
_WRITTEN_AT_ONCE: Final = 20
# On texts of strangers the probabilities are less sure than on those of the corpus: below this none is rejected.
_STEPS: Final = np.array([*np.arange(0.6, 1.0, 0.05), 0.97, 0.99, 1.0])

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Features = tuple[Buckets, Values]


@dataclass(frozen=True)
class Sample:
    """One labelled reply as features.

    Attributes:
        family: whose hand it is of.
        broken: the rules that it breaks; none for a lawful one.
        whole: its features.
        parts: the features of its sentences, each by itself.
        matched: the sentences in which a pattern of the rule files counts.
        found: another detector than those of patterns and of the whole rejects it.
    """

    family: str
    lang: Language
    broken: tuple[str, ...]
    whole: Features
    parts: tuple[Features, ...]
    matched: tuple[int, ...]
    found: bool


@dataclass(frozen=True)
class View:
    """What the classifier makes of many replies: scores, or probabilities; each of shape (replies,).

    Attributes:
        whole: of the whole reply.
        worst: of its worst sentence.
        matched: of the worst sentence in which a pattern counts; -inf where there is none.
    """

    whole: Floats
    worst: Floats
    matched: Floats

    def probabilities(self, slope: float, shift: float) -> View:
        return View(*(_logistic(slope * scores + shift) for scores in (self.whole, self.worst, self.matched)))

    def among(self, chosen: Flags) -> View:
        return View(self.whole[chosen], self.worst[chosen], self.matched[chosen])


@dataclass(frozen=True)
class Limits:
    """From which probability on a reply, one of its sentences, or a sentence with a pattern rejects."""

    blocks_at: float
    sentence_blocks_at: float
    clears_below: float

    def reject(self, view: View, found: Flags) -> Flags:
        by_whole = (view.whole >= self.blocks_at) | (view.worst >= self.sentence_blocks_at)
        return np.asarray(found | by_whole | (view.matched >= self.clears_below))


def table(features: Sequence[Features]) -> csr_matrix:
    """Return a row for each reply or sentence."""
    ends = np.cumsum([0, *(len(buckets) for buckets, _ in features)])
    buckets = np.concatenate([buckets for buckets, _ in features])
    values = np.concatenate([values for _, values in features])
    return csr_matrix((values, buckets, ends), shape=(len(features), BUCKETS))


def labels_of(samples: Sequence[Sample]) -> Flags:
    return np.array([bool(sample.broken) for sample in samples])


def fitted(samples: Sequence[Sample]) -> LogisticRegression:
    """Return weights that tell the replies that break a rule from the others."""
    model = LogisticRegression(C=STRENGTH, max_iter=3000, class_weight="balanced")
    return model.fit(table([sample.whole for sample in samples]), labels_of(samples))


def seen_by(model: LogisticRegression, samples: Sequence[Sample]) -> View:
    """Return the scores of replies and of their sentences."""
    whole = model.decision_function(table([sample.whole for sample in samples]))
    parts = iter(model.decision_function(table(list(chain.from_iterable(sample.parts for sample in samples)))))
    worst, matched = [], []
    for sample in samples:
        scores = [next(parts) for _ in sample.parts]
        worst.append(max(scores))
        matched.append(max((scores[number] for number in sample.matched), default=-np.inf))
    return View(whole, np.array(worst), np.array(matched))


def unseen(samples: Sequence[Sample]) -> View:
    """Return the scores of every reply from weights that saw neither it nor the replies written along with it."""
    batches = np.arange(len(samples)) // _WRITTEN_AT_ONCE
    whole, worst, matched = (np.zeros(len(samples)) for _ in range(3))
    for fold in range(_FOLDS):
        there = batches % _FOLDS == fold
        others = [sample for sample, held in zip(samples, there, strict=True) if not held]
        view = seen_by(fitted(others), [sample for sample, held in zip(samples, there, strict=True) if held])
        whole[there], worst[there], matched[there] = view.whole, view.worst, view.matched
    return View(whole, worst, matched)


def calibrated(scores: Floats, broken: Flags) -> tuple[float, float]:
    """Return slope and shift of the logistic curve from scores to probabilities (Platt, 1999)."""
    curve = LogisticRegression(C=1e6).fit(scores[:, None], broken)
    return float(curve.coef_[0, 0]), float(curve.intercept_[0])


def best_limits(view: View, found: Flags, broken: Flags) -> Limits:
    """Return the limits that catch the most replies with no more false alarms than `MOST_FALSE_ALARMS`.

    Args:
        view: probabilities.
        found: where another detector rejects anyway.
        broken: where a rule is broken.
    """
    best, caught = Limits(1.0, 1.0, CLEARS_BELOW), -1.0
    anyway = best.reject(view, found)
    for blocks_at in _STEPS:
        for sentence_blocks_at in _STEPS[blocks_at <= _STEPS]:
            limits = Limits(float(blocks_at), float(sentence_blocks_at), CLEARS_BELOW)
            rejected = limits.reject(view, found)
            recall = float(rejected[broken].mean())
            if recall > caught and (rejected & ~anyway)[~broken].mean() <= MOST_FALSE_ALARMS:
                best, caught = limits, recall
    return best


def doubts_from(view: View, rejected: Flags) -> float:
    """Return from where a judge is asked, so that it is asked about no more than `MOST_JUDGED` of all replies."""
    passing = np.sort(view.whole[~rejected])
    asked = min(len(passing), int(MOST_JUDGED * len(rejected)))
    return float(passing[len(passing) - asked]) if asked else 1.0


def _logistic(scores: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(scores, -60, 60))))

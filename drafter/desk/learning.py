"""Trains what hears in a message what words miss: `make train`.

Messages of one family share their writer, so that a family is either trained on or held out, never both. Limits come
from scores that a message got from weights which saw neither it nor its neighbours.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from drafter.desk.hearing.features import Floats, features
from drafter.desk.hearing.model import HOME, Card
from drafter.desk.likeness import Embeddings
from drafter.desk.signals import Signal
from drafter.desk.triage import Triager
from drafter.domain import DebtorMessage
from guardrails.classifier.grams import Buckets
from guardrails.model import Language
from guardrails.normalise import normalise
from guardrails.policy import LANGUAGES

CORPUS: Final = Path(__file__).parent / "hearing" / "corpus"
HELD_OUT: Final = ("tz-h", "te-h")
EXAMPLES: Final = "examples"

_LEVELS: Final = 127
_SEEN_TWICE: Final = 2
_STRENGTH: Final = 10.0
# How much more recall counts than precision. A message held back in vain costs a glance, one that slips through may
# cost a life; an answer to what nobody asked reads worse than one that is missing.
_ROUTING: Final = 2.0
_GRAVE: Final = 1.5
_INFORMING: Final = 0.8

Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Sample:
    """One labelled message as it is learnt from.

    Attributes:
        signals: what is there.
        known: what can be learnt of: all signals, or only the one that a look-alike is not.
    """

    family: str
    lang: Language
    signals: frozenset[str]
    known: frozenset[str] | None
    shown: frozenset[str]
    buckets: Buckets
    value: float
    dense: Floats


def samples(triager: Triager, corpus: Path = CORPUS) -> Iterator[Sample]:
    """Read the corpus and the signals' own examples."""
    near, names = Embeddings(), tuple(triager.signals)

    def sample(family: str, lang: Language, text: str, signals: set[str], known: set[str] | None = None) -> Sample:
        shown = frozenset(triager.shown(DebtorMessage(text=text, lang=lang)))
        found = features(normalise(text).folded, lang, near.of(text), shown, names)
        return Sample(family, lang, frozenset(signals), None if known is None else frozenset(known), shown, *found)

    for path in sorted(corpus.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            yield sample(path.stem, row["lang"], row["text"], set(row["signals"]))
    for name, signal in triager.signals.items():
        for lang in LANGUAGES:
            for text in signal.language(lang).examples.present:
                yield sample(EXAMPLES, lang, text, {name}, {name})
            for text in signal.language(lang).examples.absent:
                yield sample(EXAMPLES, lang, text, set(), {name})


def train(lang: Language, every: Sequence[Sample], signals: Mapping[str, Signal]) -> Card:
    """Train the weights of one language, choose their limits, and write both."""
    names = tuple(signals)
    human = frozenset(name for name, signal in signals.items() if signal.route == "human")
    kept = [one for one in every if one.lang == lang and one.family not in HELD_OUT]
    rows = _columns(kept)
    table = _table(kept, rows)
    heads = [_fitted(table, *_labels(kept, name, human)) for name in ("", *names)]
    unseen = _unseen(kept, human, names)
    routes_from, clears_below = _route_limits(kept, unseen[:, 0], human)
    card = Card(
        signals=names,
        routes_from=routes_from,
        clears_below=clears_below,
        hears_from={
            name: _limit(kept, unseen[:, place], signal)
            for place, (name, signal) in enumerate(signals.items(), start=1)
        },
        trained_on=dict(sorted(Counter(one.family for one in kept).items())),
    )
    weights = np.array([head.coef_[0] for head in heads]).T
    scale = np.abs(weights[: len(rows)]).max(axis=0) / _LEVELS
    np.savez_compressed(
        HOME / f"{lang}.npz",
        buckets=rows.astype(np.int32),
        grams=np.rint(weights[: len(rows)] / scale).astype(np.int8),
        scale=scale.astype(np.float32),
        dense=weights[len(rows) :].astype(np.float16),
        bias=np.array([head.intercept_[0] for head in heads], dtype=np.float32),
    )
    (HOME / f"{lang}.json").write_text(card.model_dump_json(indent=2) + "\n", encoding="utf-8")
    return card


def _columns(kept: Sequence[Sample]) -> Buckets:
    """Return the letter sequences that stand in two messages at least."""
    buckets, counts = np.unique(np.concatenate([one.buckets for one in kept]), return_counts=True)
    return buckets[counts >= _SEEN_TWICE].astype(np.int64)


def _table(kept: Sequence[Sample], rows: Buckets) -> Any:
    lines = []
    for one in kept:
        places = np.searchsorted(rows, one.buckets).clip(max=len(rows) - 1)
        places = places[rows[places] == one.buckets]
        values = np.full(len(places), one.value, dtype=np.float32)
        lines.append(sparse.csr_matrix((values, (np.zeros_like(places), places)), shape=(1, len(rows))))
    return sparse.hstack([sparse.vstack(lines), sparse.csr_matrix(np.array([one.dense for one in kept]))]).tocsr()


def _labels(kept: Sequence[Sample], name: str, human: frozenset[str]) -> tuple[Bools, Bools]:
    """Return what is there, and of which messages that is known; an empty name means "a person must answer"."""
    if not name:
        there = np.array([not human.isdisjoint(one.signals) for one in kept])
        return there, np.array([one.known is None or bool(there[place]) for place, one in enumerate(kept)])
    return (
        np.array([name in one.signals for one in kept]),
        np.array([one.known is None or name in one.known for one in kept]),
    )


def _fitted(table: Any, there: Bools, known: Bools) -> LogisticRegression:
    model = LogisticRegression(C=_STRENGTH, max_iter=3000, class_weight="balanced")
    return model.fit(table[known], there[known])


def _unseen(kept: Sequence[Sample], human: frozenset[str], names: tuple[str, ...]) -> Floats:
    """Return the scores that each message gets from weights that never saw its family, shape (messages, heads)."""
    families = np.array([one.family for one in kept])
    scores = np.full((len(kept), 1 + len(names)), np.nan, dtype=np.float32)
    for family in sorted(set(families) - {EXAMPLES}):
        others, own = families != family, [int(place) for place in np.flatnonzero(families == family)]
        learnt = [one for one, is_other in zip(kept, others, strict=True) if is_other]
        rows = _columns(learnt)
        table, asked = _table(learnt, rows), _table([kept[place] for place in own], rows)
        for head, name in enumerate(("", *names)):
            scores[own, head] = _fitted(table, *_labels(learnt, name, human)).decision_function(asked)
    return scores


def _route_limits(kept: Sequence[Sample], scores: Floats, human: frozenset[str]) -> tuple[float, float]:
    """Return the limits (routes_from, clears_below) that together route best."""
    asked = ~np.isnan(scores)
    scores = scores[asked]
    must = np.array([not human.isdisjoint(one.signals) for one in kept])[asked]
    shown = np.array([not human.isdisjoint(one.shown) for one in kept])[asked]
    best = (-1.0, 0.0, 0.0)
    for routes_from in np.arange(-2.0, 1.01, 0.1):
        for clears_below in np.arange(-4.0, routes_from + 0.01, 0.25):
            routed = (scores >= routes_from) | (shown & (scores >= clears_below))
            best = max(best, (_f(routed, must, _ROUTING), float(routes_from), float(clears_below)))
    return round(best[1], 2), round(best[2], 2)


def _limit(kept: Sequence[Sample], scores: Floats, signal: Signal) -> float:
    """Return from where on a signal is there."""
    weight = _GRAVE if signal.grave else 1.0 if signal.route == "human" else _INFORMING
    asked = ~np.isnan(scores)
    there = np.array([signal.name in one.signals for one in kept])[asked]
    best = max((_f(scores[asked] >= limit, there, weight), float(limit)) for limit in np.arange(-3.0, 3.01, 0.1))
    return round(best[1], 2)


def _f(told: Bools, there: Bools, recall_weight: float) -> float:
    """Return the F-measure in which recall counts `recall_weight` times as much as precision."""
    hits, square = float((told & there).sum()), recall_weight**2
    return float((1 + square) * hits / max(1.0, square * there.sum() + told.sum()))


def main() -> None:
    triager = Triager.load()
    every = list(samples(triager))
    for lang in LANGUAGES:
        card = train(lang, every, triager.signals)
        sys.stdout.write(f"{lang}: {card.model_dump_json(exclude={'signals'})}\n")


if __name__ == "__main__":
    main()

"""Trains the classifier from the labelled corpus: `python -m guardrails.training`.

Texts of one family share their writer, so that a family is either trained on or held out, never both. Thresholds and
calibration come from scores that a text got from weights which saw neither it nor its neighbours.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from guardrails import Facts, Guard
from guardrails.checks import Check
from guardrails.classifier.features import features
from guardrails.classifier.grams import BUCKETS
from guardrails.classifier.weights import HOME, Card
from guardrails.engine import discover
from guardrails.model import DEFAULT_JURISDICTION, Jurisdiction, Language
from guardrails.policy import LANGUAGES, load_rules
from guardrails.selftest import EXAMPLE_FACTS, examples

CORPUS = Path(__file__).parent / "corpus"
EXAMPLES = "examples"
HELD_OUT = ("zh-e", "en-e")
STRENGTH = 30.0
RULE_STRENGTH = 10.0
MOST_FALSE_ALARMS = 0.04
MOST_JUDGED = 0.1
_STEPS = np.arange(0.05, 1.0, 0.025)
_LEVELS = 127
# Whether these are broken shows only beside the facts, which the classifier never sees.
_TOLD_BY_FACTS = frozenset({"amount-misstatement", "date-misstatement", "missing-disclosure"})
_FOLDS = 5
_WRITTEN_AT_ONCE = 20

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Sample:
    """One labelled reply as features.

    Attributes:
        matched: a pattern of the rule files counts in it.
        found: another detector than those of patterns and of the whole rejects it.
    """

    family: str
    lang: Language
    broken: tuple[str, ...]
    buckets: NDArray[np.int64]
    values: NDArray[np.float32]
    matched: bool
    found: bool


def samples(corpus: Path = CORPUS) -> list[Sample]:
    """Read the corpus and the rules' own examples."""
    guards: Mapping[Jurisdiction, Guard] = {name: Guard.load(name) for name in ("CN", "US", "UK")}
    found = []
    for path in sorted(corpus.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            guard = guards[row["jurisdiction"]]
            facts = Facts.model_validate(row["facts"])
            check = guard.read(row["text"], lang=row["lang"], facts=facts, inbound=row.get("inbound"))
            found.append(_sample(path.stem, tuple(row["rules"]), check))
    for rule in load_rules().values():
        for lang, kind, example in examples(rule):
            guard = guards[example.jurisdiction or DEFAULT_JURISDICTION[lang]]
            given = example.facts.model_dump(exclude_unset=True) if example.facts else {}
            facts = Facts.model_validate({**EXAMPLE_FACTS[lang].model_dump(exclude_unset=True), **given})
            broken = (rule.id,) if kind == "violating" else ()
            check = guard.read(example.text, lang=lang, facts=facts, inbound=example.inbound)
            found.append(_sample(EXAMPLES, broken, check))
    return found


def _sample(family: str, broken: tuple[str, ...], check: Check) -> Sample:
    heard = check.inbound.folded if check.inbound else None
    buckets, values = features(check.canonical.folded, check.lang, heard, check.readings)
    others = (module for name, module in discover().items() if name not in {"phrases", "classifier"})
    return Sample(
        family=family,
        lang=check.lang,
        broken=broken,
        buckets=buckets,
        values=values,
        matched=any(match.counts for match in check.readings),
        found=any(True for module in others for _ in module.find(check)),
    )


def train(lang: Language, every: Sequence[Sample], home: Path = HOME) -> Card:
    """Train, calibrate and write the weights of one language."""
    rules = tuple(rule for rule in load_rules() if rule not in _TOLD_BY_FACTS)
    own = [sample for sample in every if sample.lang == lang and not _only_facts_tell(sample)]
    kept = [sample for sample in own if sample.family not in HELD_OUT]
    table, labels = _table(kept), _labels(kept)
    unseen = _unseen(kept, table, labels)
    slope, shift = _calibrated(unseen, labels)
    blocks_at, clears_below = _thresholds(_probability(unseen, slope, shift), labels, kept)
    first = LogisticRegression(C=STRENGTH, max_iter=3000, class_weight="balanced").fit(table, labels)
    weights, bias = [first.coef_[0]], [float(first.intercept_[0])]
    for rule in rules:
        broken = np.array([rule in sample.broken for sample in kept])
        head = LogisticRegression(C=RULE_STRENGTH, max_iter=3000, class_weight="balanced").fit(table, broken)
        weights.append(head.coef_[0])
        bias.append(float(head.intercept_[0]))
    held = [sample for sample in own if sample.family in HELD_OUT]
    figures: dict[str, float] = {}
    if held:
        probability = _probability(first.decision_function(_table(held)), slope, shift)
        matched = np.array([sample.matched for sample in held])
        found = np.array([sample.found for sample in held])
        rejected = found | (probability >= blocks_at) | (matched & (probability >= clears_below))
        bad = _labels(held) == 1
        figures = {
            "texts": len(held),
            "recall": round(float(rejected[bad].mean()), 3),
            "false_alarms": round(float(rejected[~bad].mean()), 3),
        }
    card = Card(
        rules=rules,
        slope=slope,
        shift=shift,
        blocks_at=blocks_at,
        clears_below=clears_below,
        doubts_from=_doubts_from(_probability(unseen, slope, shift), blocks_at),
        trained_on=dict(sorted(Counter(sample.family for sample in kept).items())),
        held_out=figures,
    )
    _write(home, lang, card, np.array(weights).T, np.array(bias, dtype=np.float32))
    return card


def _table(some: Sequence[Sample]) -> csr_matrix:
    ends = np.cumsum([0, *(len(sample.buckets) for sample in some)])
    buckets = np.concatenate([sample.buckets for sample in some])
    values = np.concatenate([sample.values for sample in some])
    return csr_matrix((values, buckets, ends), shape=(len(some), BUCKETS))


def _only_facts_tell(sample: Sample) -> bool:
    return bool(sample.broken) and _TOLD_BY_FACTS.issuperset(sample.broken)


def _labels(some: Sequence[Sample]) -> Labels:
    return np.array([int(bool(sample.broken)) for sample in some])


def _unseen(kept: Sequence[Sample], table: csr_matrix, labels: Labels) -> Floats:
    """Return the score of every text from weights that saw neither it nor the texts written along with it."""
    batches = np.arange(len(kept)) // _WRITTEN_AT_ONCE
    scores = np.zeros(len(kept))
    for fold in range(_FOLDS):
        there = batches % _FOLDS == fold
        model = LogisticRegression(C=STRENGTH, max_iter=3000, class_weight="balanced").fit(
            table[~there], labels[~there]
        )
        scores[there] = model.decision_function(table[there])
    return scores


def _calibrated(scores: Floats, labels: Labels) -> tuple[float, float]:
    curve = LogisticRegression(C=1e6).fit(scores[:, None], labels)
    return float(curve.coef_[0, 0]), float(curve.intercept_[0])


def _probability(scores: Floats, slope: float, shift: float) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(slope * scores + shift, -60, 60))))


def _thresholds(probability: Floats, labels: Labels, kept: Sequence[Sample]) -> tuple[float, float]:
    """Return the two thresholds that catch the most replies without more false alarms than `MOST_FALSE_ALARMS`."""
    written = np.array([sample.family != EXAMPLES for sample in kept])
    matched = np.array([sample.matched for sample in kept])
    found = np.array([sample.found for sample in kept])
    broken, lawful = written & (labels == 1), written & (labels == 0)
    best = (-1.0, 1.0, 0.0)
    for blocks_at in _STEPS:
        for clears_below in _STEPS[blocks_at >= _STEPS]:
            rejected = found | (probability >= blocks_at) | (matched & (probability >= clears_below))
            if rejected[lawful].mean() <= MOST_FALSE_ALARMS:
                best = max(best, (float(rejected[broken].mean()), float(blocks_at), float(clears_below)))
    return round(best[1], 4), round(best[2], 4)


def _doubts_from(probability: Floats, blocks_at: float) -> float:
    """Return from where a judge is asked, so that it is asked about no more than `MOST_JUDGED` of all replies."""
    passing = np.sort(probability[probability < blocks_at])
    asked = min(len(passing), int(MOST_JUDGED * len(probability)))
    return round(float(passing[len(passing) - asked]) if asked else blocks_at, 4)


def _write(home: Path, lang: Language, card: Card, weights: Floats, bias: NDArray[np.float32]) -> None:
    scale = np.abs(weights).max(axis=0) / _LEVELS
    whole = np.rint(weights / scale).astype(np.int8)
    rows = np.flatnonzero(whole.any(axis=1))
    home.mkdir(exist_ok=True)
    np.savez_compressed(
        home / f"{lang}.npz",
        buckets=rows.astype(np.int32),
        weights=whole[rows],
        scale=scale.astype(np.float32),
        bias=bias,
    )
    (home / f"{lang}.json").write_text(card.model_dump_json(indent=2) + "\n", encoding="utf-8")


def main() -> None:
    every = samples()
    for lang in LANGUAGES:
        sys.stdout.write(f"{lang}: {train(lang, every).model_dump_json(exclude={'rules'})}\n")


if __name__ == "__main__":
    main()

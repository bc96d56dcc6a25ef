"""Trains the classifier from the labelled corpus and the rules' examples: `make train`.

Replies of one family share their writer, so that a family is either trained on or held out, never both. Calibration
and limits come from scores that a reply got from weights which saw neither it nor its neighbours.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final, get_args

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from guardrails import Facts, Guard
from guardrails.calibrating import (
    Floats,
    Limits,
    Sample,
    best_limits,
    calibrated,
    doubts_from,
    fitted,
    labels_of,
    seen_by,
    table,
    unseen,
)
from guardrails.checks import Check
from guardrails.classifier.features import features, of_part
from guardrails.classifier.sentences import sentences
from guardrails.classifier.weights import HOME, Card
from guardrails.engine import discover
from guardrails.model import DEFAULT_JURISDICTION, Jurisdiction, Language
from guardrails.policy import LANGUAGES, load_rules
from guardrails.selftest import examples, facts_of

CORPUS: Final = Path(__file__).parent / "corpus"
EXAMPLES: Final = "examples"
HELD_OUT: Final = ("zh-e", "en-e")
RULE_STRENGTH: Final = 10.0

_LEVELS: Final = 127
# Whether these are broken shows only beside the facts, which the classifier never sees.
_TOLD_BY_FACTS: Final = frozenset({"amount-misstatement", "date-misstatement", "missing-disclosure"})


def samples(corpus: Path = CORPUS) -> Iterator[Sample]:
    """Read the corpus and the rules' own examples."""
    guards: Mapping[Jurisdiction, Guard] = {name: Guard.load(name) for name in get_args(Jurisdiction)}
    for path in sorted(corpus.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            facts = Facts.model_validate(row["facts"])
            check = guards[row["jurisdiction"]].read(
                row["text"], lang=row["lang"], facts=facts, inbound=row.get("inbound")
            )
            yield _sample(path.stem, tuple(row["rules"]), check)
    for rule in load_rules().values():
        for lang, kind, example in examples(rule):
            guard = guards[example.jurisdiction or DEFAULT_JURISDICTION[lang]]
            check = guard.read(example.text, lang=lang, facts=facts_of(example, lang), inbound=example.inbound)
            yield _sample(EXAMPLES, (rule.id,) if kind == "violating" else (), check)


def _sample(family: str, broken: tuple[str, ...], check: Check) -> Sample:
    folded, heard = check.canonical.folded, check.inbound.folded if check.inbound else None
    spans = sentences(folded) or [(0, len(folded))]
    counted = [match.start for match in check.readings if match.counts]
    others = (module for name, module in discover().items() if name not in {"phrases", "classifier"})
    return Sample(
        family=family,
        lang=check.lang,
        broken=broken,
        whole=features(folded, check.lang, heard, check.readings),
        parts=tuple(of_part(folded, check.lang, check.readings, *span) for span in spans),
        matched=tuple(
            number for number, (low, high) in enumerate(spans) if any(low <= start < high for start in counted)
        ),
        found=any(True for module in others for _ in module.find(check)),
    )


def train(lang: Language, every: Sequence[Sample], home: Path = HOME) -> Card:
    """Train, calibrate and write the weights of one language."""
    own = [sample for sample in every if sample.lang == lang and not _only_facts_tell(sample)]
    kept = [sample for sample in own if sample.family not in HELD_OUT]
    held = [sample for sample in own if sample.family in HELD_OUT]
    raw = unseen(kept)
    slope, shift = calibrated(raw.whole, labels_of(kept))
    view, found = raw.probabilities(slope, shift), np.array([sample.found for sample in kept])
    written = np.array([sample.family != EXAMPLES for sample in kept])
    limits = best_limits(view.among(written), found[written], labels_of(kept)[written])
    first = fitted(kept)
    rules = tuple(rule for rule in load_rules() if rule not in _TOLD_BY_FACTS)
    heads = [first, *(_head(kept, rule) for rule in rules)]
    card = Card(
        rules=rules,
        slope=slope,
        shift=shift,
        blocks_at=round(limits.blocks_at, 4),
        sentence_blocks_at=round(limits.sentence_blocks_at, 4),
        clears_below=round(limits.clears_below, 4),
        doubts_from=round(doubts_from(view.among(written), limits.reject(view, found)[written]), 4),
        trained_on=dict(sorted(Counter(sample.family for sample in kept).items())),
        held_out=_figures(held, first, limits, slope, shift) if held else {},
    )
    weights = np.array([head.coef_[0] for head in heads]).T
    _write(home, lang, card, weights, np.array([head.intercept_[0] for head in heads], dtype=np.float32))
    return card


def _only_facts_tell(sample: Sample) -> bool:
    return bool(sample.broken) and _TOLD_BY_FACTS.issuperset(sample.broken)


def _head(kept: Sequence[Sample], rule: str) -> LogisticRegression:
    broken = np.array([rule in sample.broken for sample in kept])
    model = LogisticRegression(C=RULE_STRENGTH, max_iter=3000, class_weight="balanced")
    return model.fit(table([sample.whole for sample in kept]), broken)


def _figures(
    held: Sequence[Sample], model: LogisticRegression, limits: Limits, slope: float, shift: float
) -> dict[str, float]:
    view = seen_by(model, held).probabilities(slope, shift)
    rejected = limits.reject(view, np.array([sample.found for sample in held]))
    broken = labels_of(held)
    return {
        "texts": len(held),
        "recall": round(float(rejected[broken].mean()), 3),
        "false_alarms": round(float(rejected[~broken].mean()), 3),
    }


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
    every = list(samples())
    for lang in LANGUAGES:
        sys.stdout.write(f"{lang}: {train(lang, every).model_dump_json(exclude={'rules'})}\n")


if __name__ == "__main__":
    main()

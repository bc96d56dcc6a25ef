"""Microseconds a text that grounding and leftovers take, p50 and p99 over the bench's replies, best of three runs."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from statistics import quantiles
from types import ModuleType

from texts import lines

from guardrails.clauses import Reader
from guardrails.detectors import Check, grounding, leftovers
from guardrails.model import DEFAULT_JURISDICTION, Facts
from guardrails.normalise import normalise
from guardrails.policy import load_policy

COUNT = 4_000


def main() -> None:
    policy = load_policy("CN")
    checks = []
    for line in lines(COUNT):
        item = json.loads(line)
        canonical, lang = normalise(item["text"]), item["lang"]
        facts = Facts.model_validate(item["facts"])
        reader = Reader(canonical.folded, lang)
        checks.append(Check(item["text"], canonical, lang, DEFAULT_JURISDICTION[lang], facts, None, reader, policy))
    times: dict[tuple[str, str], list[float]] = defaultdict(list)
    for check in checks:
        for detector in (grounding, leftovers):
            best = min(_timed(detector, check) for _ in range(3))
            times[detector.__name__.rpartition(".")[2], check.lang].append(best)
    for lang in ("zh", "en"):
        mean = sum(len(check.text) for check in checks if check.lang == lang) / (COUNT / 2)
        print(f"{lang}: {COUNT // 2} texts of {mean:.0f} characters on average")
        both = [one + other for one, other in zip(times["grounding", lang], times["leftovers", lang], strict=True)]
        for name, taken in (
            ("grounding", times["grounding", lang]),
            ("leftovers", times["leftovers", lang]),
            ("both", both),
        ):
            cuts = quantiles(taken, n=100)
            print(f"  {name}: p50 {cuts[49]:.0f} us, p99 {cuts[98]:.0f} us")


def _timed(detector: ModuleType, check: Check) -> float:
    began = time.perf_counter_ns()
    list(detector.find(check))
    return (time.perf_counter_ns() - began) / 1000


if __name__ == "__main__":
    main()

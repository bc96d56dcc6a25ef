"""Twenty suggestions of a kept run as Markdown, drawn by chance: `make drafts`."""

from __future__ import annotations

import random
import sys
from pathlib import Path

from drafter.evaluation.drafts import DraftRun

SEED = 4
HEAD = """# Twenty drafts, drawn by chance

Suggestions of the embedded model (Qwen2.5-Coder-1.5B-Instruct) on messages of `bench/messages.jsonl`, which are new to
the project: ten in Chinese, ten in English, drawn from `{run}` with seed {seed} and not chosen otherwise. Good and bad
ones alike; a human reads, mends and approves each before it is sent. `make drafts` draws them again.
"""


def main(run: str) -> None:
    runs = [DraftRun.model_validate_json(line) for line in Path(run).read_text(encoding="utf-8").splitlines()]
    drawn = random.Random(SEED)
    print(HEAD.format(run=run, seed=SEED))
    for lang in ("zh", "en"):
        own = sorted((one for one in runs if one.lang == lang), key=lambda one: one.id)
        for one in sorted(drawn.sample(own, 10), key=lambda one: one.id):
            show(one)


def show(one: DraftRun) -> None:
    made = one.suggestion
    print(f"## {one.id}\n")
    print("> " + one.message.replace("\n", "\n> ") + "\n")
    if made.text is None:
        seen = ", ".join(made.triage.signals) or "nothing"
        print(f"*{made.status.replace('_', ' ')}: {seen}*\n")
        return
    tries = len(one.asked)
    by = "the model" if made.source == "model" else "the house"
    print(f"*written by {by}, after {tries} {'draft' if tries == 1 else 'drafts'} of the model*\n")
    print(made.text + "\n")


if __name__ == "__main__":
    main(sys.argv[1])

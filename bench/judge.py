"""What a judge adds: how many texts it is asked about, whether its three wordings agree, what it catches and spoils.

Usage: python bench/judge.py [LABELLED.jsonl...], by default every tenth reply of guardrails/corpus. The judge is the
model that the settings name, the embedded one where they name none.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from drafter.bootstrap import guard_for, open_model
from drafter.cli.reading import lines_of
from drafter.desk.judging import ModelJudge
from drafter.desk.prompting import PromptBook
from drafter.evaluation.scoring import read_labelled
from drafter.settings import load_settings
from guardrails import GuardrailsError
from guardrails.checks import Check
from guardrails.judging import doubtful, rule_on
from guardrails.model import DEFAULT_JURISDICTION

CORPUS = Path(__file__).parents[1] / "guardrails" / "corpus"
WORDINGS = 3
EVERY = 10


def main() -> None:
    files = [Path(name) for name in sys.argv[1:]]
    lines = [(str(file), *line) for file in files or sorted(CORPUS.glob("*.jsonl")) for line in lines_of(str(file))]
    rows = read_labelled(lines if files else lines[::EVERY])
    asked: list[tuple[Check, bool]] = []
    caught = alarms = bad = 0
    for row in rows:
        guard = guard_for(row.jurisdiction or DEFAULT_JURISDICTION[row.lang])
        given = {"lang": row.lang, "facts": row.facts, "inbound": row.inbound}
        unlawful = row.label == "reject"
        bad += unlawful
        if not guard.check(row.text, **given).passed:
            caught += unlawful
            alarms += not unlawful
        elif doubtful(check := guard.read(row.text, **given)):
            asked.append((check, unlawful))
    good = len(rows) - bad
    print(f"{len(rows)} texts, {len(asked)} asked ({len(asked) / len(rows):.3f})")
    print(f"without a judge: recall {caught / bad:.3f}, false alarms {alarms / good:.3f}")
    rulings = asyncio.run(_rulings([check for check, _ in asked]))
    for wording in range(WORDINGS):
        more = sum(unlawful and said[wording] for said, (_, unlawful) in zip(rulings, asked, strict=True))
        spoilt = sum(not unlawful and said[wording] for said, (_, unlawful) in zip(rulings, asked, strict=True))
        print(
            f"wording {wording}: rejects {more} of {sum(u for _, u in asked)} unlawful, "
            f"{spoilt} of {sum(not u for _, u in asked)} lawful; "
            f"together recall {(caught + more) / bad:.3f}, false alarms {(alarms + spoilt) / good:.3f}"
        )
    agreed = sum(len(set(said)) == 1 for said in rulings)
    print(f"the {WORDINGS} wordings agree on {agreed} of {len(asked)}")


async def _rulings(checks: list[Check]) -> list[list[bool]]:
    settings = load_settings()
    async with open_model(settings, prompts=PromptBook.installed()) as model:
        judge = ModelJudge(model, asyncio.get_running_loop(), deadline_s=settings.model_deadline_s)

        def rejects(check: Check, wording: int) -> bool:
            try:
                return rule_on(judge, check, wording=wording)[0].label == "unlawful"
            except GuardrailsError:
                return True  # no ruling rejects

        # One wording after the other, so that its static part is read once.
        by_wording = [
            [await asyncio.to_thread(rejects, check, wording) for check in checks] for wording in range(WORDINGS)
        ]
    return [list(said) for said in zip(*by_wording, strict=True)]


if __name__ == "__main__":
    main()

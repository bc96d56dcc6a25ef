"""What takes long while one draft is made does not hold up everybody else's."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

from drafter.bootstrap import guard_for, house_for
from drafter.desk.drafting import suggest
from drafter.desk.hearing.model import Hearing
from drafter.desk.likeness import Embeddings
from drafter.store.repository import SqlStore
from guardrails import Guard
from guardrails.checks import Hit
from tests.desk.test_drafting import KIND, THREAT, FaultyModel, a_case, a_desk, store

__all__ = ["store"]


async def test_no_sentence_is_read_and_no_text_judged_where_all_requests_are_taken(store: SqlStore) -> None:
    places: dict[str, set[int]] = {"read": set(), "judged": set()}

    class Near:
        def order(self, _text: str, others: Sequence[str]) -> list[int]:
            places["read"].add(threading.get_ident())
            return list(range(len(others)))

    def find(_check: Any) -> Iterable[Hit]:
        places["judged"].add(threading.get_ident())
        return []

    known = guard_for("CN")
    watched = Guard(known.policy, {**known.detectors, "watching": cast("Any", SimpleNamespace(find=find, REASONS={}))})
    desk = a_desk(store, FaultyModel(THREAT, THREAT, KIND), lambda _name: watched)
    suggestion = await suggest(replace(desk, house=lambda lang: replace(house_for(lang), likeness=Near())), a_case())
    assert suggestion.status == "awaiting_approval"
    # A text that grows is looked at where it arrives, and only by what is quick; that tells nothing of these two.
    assert places["read"]
    assert threading.get_ident() not in places["read"]
    assert threading.get_ident() not in places["judged"]


def test_the_engine_sleeps_while_it_waits_and_nobody_else_is_told_to() -> None:
    program = (
        "import os; from drafter.desk.likeness import Embeddings; Embeddings(); print('OMP_WAIT_POLICY' in os.environ)"
    )
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("OMP_")}
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={**inherited, "OMP_DISPLAY_ENV": "true"},
    )
    assert "OMP_WAIT_POLICY = 'PASSIVE'" in done.stderr
    assert done.stdout.strip() == "False"


def test_a_text_that_was_read_is_not_read_again() -> None:
    near = Embeddings()
    first = near.of("这个月实在还不上")
    assert near.of("这个月实在还不上") is first
    assert not first.flags.writeable


def test_of_a_long_message_only_the_likeliest_sentences_are_embedded() -> None:
    known, asked = Embeddings(), list[str]()

    class Counting:
        def each(self, texts: Sequence[str]) -> Any:
            asked.extend(texts)
            return known.each(texts)

    filler = [f"我{verb}了{number}次{what}。" for number in range(60) for verb in "问说看" for what in ("账单", "短信")]
    told = "我刚做完化疗还在住院。"
    text = "".join([*filler, told, *filler])
    where = Hearing("zh", cast("Any", Counting())).where(text, ["illness", "asks_channel"])
    assert text[slice(*where["illness"])] == told
    assert 0 < len(asked) < 64
    assert len(set(asked)) == len(asked)

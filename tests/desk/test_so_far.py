"""What is shown of a reply while it is written only ever grows, and never shows a slot or a token."""

from __future__ import annotations

from itertools import pairwise

import pytest

from drafter.domain import Tier
from guardrails.model import Language
from tests.desk.test_wishes import laid_out

ANSWER: dict[Language, str] = {
    "zh": "{debtor_name}您好，账户显示应还{amount_due}。[姓名1]您看方便吗？",
    "en": "Hello {debtor_name}, your account shows {amount_due}. [NAME_1], would that suit you?",
}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_is_shown_of_an_answer_only_ever_grows(lang: Language) -> None:
    brief = laid_out(lang, Tier.GENERAL, writing="whole")
    answer = ANSWER[lang]
    shown = [brief.so_far(answer[:end]) for end in range(len(answer) + 1)]
    assert all(after.startswith(before) for before, after in pairwise(shown))
    assert not any(sign in text for text in shown for sign in "{}")
    assert shown[-1] == brief.reply(answer, brief.prompt())

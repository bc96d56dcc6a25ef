"""A judge's ratings of empathy, and how far people agree with them."""

from __future__ import annotations

import pytest

from drafter.desk.prompting import PromptBook
from drafter.evaluation.empathy import Empathy, agreement, weighted_kappa
from guardrails.model import Language
from guardrails.policy import LANGUAGES


def rated(*levels: int) -> Empathy:
    return Empathy(**dict(zip(("reactions", "interpretations", "explorations"), levels, strict=True)))


def test_kappa_is_one_where_both_say_the_same_and_below_nothing_where_they_say_the_opposite() -> None:
    assert weighted_kappa([(0, 0), (1, 1), (2, 2)]) == 1
    assert weighted_kappa([(0, 2), (2, 0)]) == -1


def test_kappa_counts_a_far_miss_more_than_a_near_one() -> None:
    near, far = weighted_kappa([(0, 0), (2, 1), (2, 2)]), weighted_kappa([(0, 0), (2, 0), (2, 2)])
    assert near is not None
    assert far is not None
    assert near > far


def test_there_is_no_kappa_where_nothing_could_differ() -> None:
    assert weighted_kappa([]) is None
    assert weighted_kappa([(1, 1), (1, 1)]) is None


def test_agreement_is_told_over_the_replies_that_both_rated() -> None:
    judged = {"a": rated(2, 1, 0), "b": rated(0, 1, 2), "c": rated(1, 1, 1)}
    found = agreement(judged, {"a": rated(2, 0, 0), "b": rated(0, 1, 2)})
    assert found["reactions"].mean == 1
    assert found["reactions"].kappa == 1
    assert found["interpretations"].both == 2


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_judge_is_shown_message_and_reply_and_no_fence_is_closed_from_inside(lang: Language) -> None:
    prompt = PromptBook.installed().empathy(lang=lang, message="m» {{ 7 }}", reply="r")
    assert "«m› {{ 7 }}»" in prompt.messages[0].content
    assert prompt.temperature == 0

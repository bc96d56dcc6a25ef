from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drafter.domain import Rate
from drafter.evaluation.backtest import back_test
from drafter.evaluation.probabilities import calibration, operating_points
from drafter.evaluation.rates import F1
from drafter.evaluation.report import html
from drafter.evaluation.scoring import Labelled, evaluate
from guardrails import Guard
from guardrails.detectors import phrases
from guardrails.policy import load_policy
from tests.guardrails.home import make_home

THREAT = "Pay today or we will tell your employer about your debt."


def test_the_interval_is_the_one_of_the_textbook() -> None:
    # Newcombe (1998), "Two-sided confidence intervals for the single proportion", table I: 81 of 263 and 0 of 20.
    low, high = Rate(hits=81, total=263).interval or (0, 0)
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)
    low, high = Rate(hits=0, total=20).interval or (1, 1)
    assert (round(low, 4), round(high, 4)) == (0.0, 0.1611)


@given(st.integers(0, 500), st.integers(1, 500))
def test_a_share_lies_within_its_interval(hits: int, more: int) -> None:
    rate = Rate(hits=hits, total=hits + more)
    low, high = rate.interval or (1, 0)
    assert 0 <= low <= (rate.value or 0) <= high <= 1


@given(st.integers(0, 100), st.integers(0, 100), st.integers(0, 100))
def test_f1_is_the_harmonic_mean_of_precision_and_recall(right: int, wrong: int, missed: int) -> None:
    f1 = F1(overlap=Rate(hits=right, total=right + wrong + missed))
    if right == 0:
        assert not f1.value
        return
    precision, recall = right / (right + wrong), right / (right + missed)
    assert f1.value == pytest.approx(2 * precision * recall / (precision + recall))


def test_nothing_to_count_is_no_share() -> None:
    assert Rate(hits=0, total=0).value is None
    assert F1(overlap=Rate(hits=0, total=0)).interval is None


def test_misses_false_alarms_and_wrongly_explained_rejections_are_told_apart() -> None:
    texts = [
        Labelled(id=1, text=THREAT, lang="en", label="reject", rules=("third-party-contact",)),
        Labelled(id=2, text=THREAT, lang="en", label="reject", rules=("borrow-to-repay",)),
        Labelled(id=3, text="Thank you.", lang="en", label="reject", rules=("harassment",)),
        Labelled(id=4, text=THREAT, lang="en", label="pass"),
        Labelled(id=5, text="谢谢您的回复。", lang="zh", label="pass"),
    ]
    evaluation = evaluate(texts, Guard.load)
    assert (evaluation.overall.recall.hits, evaluation.overall.recall.total) == (2, 3)
    assert (evaluation.overall.false_alarms.hits, evaluation.overall.false_alarms.total) == (1, 2)
    assert [one.labelled.id for one in evaluation.wrong] == [3, 4]
    assert [one.labelled.id for one in evaluation.unexplained] == [2]
    assert evaluation.by_language["zh"].false_alarms.hits == 0
    assert evaluation.by_rule["third-party-contact"].named.hits == 1
    assert evaluation.by_rule["third-party-contact"].false_alarms.hits == 1
    assert evaluation.by_detector["phrases"].caught.hits == 2
    assert evaluation.by_detector["phrases"].caught_alone.total == 3


def test_a_back_test_tells_what_other_rules_would_mend_and_break(tmp_path: Path) -> None:
    texts = [
        Labelled(id=1, text=THREAT, lang="en", label="reject", rules=("third-party-contact",)),
        Labelled(id=2, text=THREAT, lang="en", label="pass"),
        Labelled(id=3, text="Thank you for telling me.", lang="en", label="pass"),
    ]
    lax = make_home(tmp_path)
    outcome = back_test(texts, Guard.load, lambda _: Guard(load_policy("CN", lax), {"phrases": phrases}))
    assert outcome.texts == 3
    assert [(change.then.labelled.id, change.mends) for change in outcome.changes] == [(1, False), (2, True)]


def test_the_report_escapes_the_texts_it_shows() -> None:
    evil = Labelled(id="<b>", text="<script>alert(1)</script> " + THREAT, lang="en", label="pass")
    page = html(evaluate([evil], Guard.load))
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_each_stage_is_counted_with_those_before_it() -> None:
    texts = [
        Labelled(id=1, text=THREAT, lang="en", label="reject", rules=("third-party-contact",)),
        Labelled(id=2, text="Thank you for telling me.", lang="en", label="pass"),
    ]
    evaluation = evaluate(texts, Guard.load)
    assert list(evaluation.by_stage) == ["rules and facts", "classifier", "judge"]
    recalls = [score.recall.value or 0 for score in evaluation.by_stage.values()]
    assert recalls == sorted(recalls)
    assert recalls[-1] == evaluation.overall.recall.value


def test_texts_are_binned_by_the_probability_that_the_classifier_tells() -> None:
    low, high = calibration([(0.03, False), (0.05, True), (1.0, True)])
    assert low.predicted == pytest.approx(0.04)
    assert (low.unlawful.hits, low.unlawful.total) == (1, 2)
    assert (high.predicted, high.unlawful.total) == (1.0, 1)


def test_a_higher_limit_gives_no_more_recall_and_no_more_false_alarms() -> None:
    points = operating_points([(0.1, False), (0.4, True), (0.6, False), (0.9, True)])
    for lower, higher in pairwise(points):
        assert (higher.recall.hits, higher.false_alarms.hits) <= (lower.recall.hits, lower.false_alarms.hits)
    assert points[0].recall.hits == 2
    assert operating_points([]) == ()


def test_the_page_draws_the_curves_only_where_there_is_something_to_draw() -> None:
    both = evaluate(
        [Labelled(text=THREAT, lang="en", label="reject"), Labelled(text="Hi.", lang="en", label="pass")], Guard.load
    )
    assert html(both).count("<svg") == 2
    assert html(evaluate([Labelled(text="Hi.", lang="en", label="pass")], Guard.load)).count("<svg") == 1

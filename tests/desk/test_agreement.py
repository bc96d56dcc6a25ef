from __future__ import annotations

import random

import pytest

from drafter.desk.agreement import agreement, cohens_kappa
from drafter.domain import FindingRuling, Ruling
from drafter.domain.reviewing import FindingOutcome, Outcome, Stage
from tests.reviewed import AT


def a_ruling(stage: Stage, outcome: Outcome, *findings: tuple[str, FindingOutcome]) -> Ruling:
    ruled = tuple(FindingRuling(number=n, rule=rule, ruling=said) for n, (rule, said) in enumerate(findings))
    return Ruling(outcome=outcome, findings=ruled, draft_id="d", version=1, stage=stage, by=stage, at=AT)


def test_kappa_and_its_error_are_those_of_a_table_reckoned_by_hand() -> None:
    # 20 yes/yes, 5 yes/no, 10 no/yes, 15 no/no: observed 0.7, by chance 0.5.
    pairs = [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15
    found = cohens_kappa(pairs)
    assert (found.n, found.agreed, found.share) == (50, 35, 0.7)
    assert found.kappa == pytest.approx(0.4)
    assert found.interval == pytest.approx((0.4 - 1.96 * 0.12699, 0.4 + 1.96 * 0.12699), abs=1e-4)


def test_the_interval_holds_the_kappa_of_most_samples_drawn_anew() -> None:
    chance = random.Random(4)  # noqa: S311 - a sample needs no cryptography
    pairs = [(one, one if chance.random() < 0.7 else chance.choice("abc")) for one in chance.choices("abc", k=200)]
    interval = cohens_kappa(pairs).interval
    assert interval is not None
    kappas = [cohens_kappa(chance.choices(pairs, k=len(pairs))).kappa or 0 for _ in range(200)]
    assert 0.88 < sum(interval[0] <= kappa <= interval[1] for kappa in kappas) / 200 <= 1


def test_kappa_is_not_told_where_both_used_one_category_throughout() -> None:
    found = cohens_kappa([("hit", "hit")] * 9)
    assert (found.n, found.share, found.kappa, found.interval) == (9, 1.0, None, None)


def test_kappa_of_nothing_is_nothing() -> None:
    found = cohens_kappa([])
    assert (found.n, found.share, found.kappa) == (0, None, None)


def test_full_agreement_on_two_categories_is_one_and_tells_no_error() -> None:
    found = cohens_kappa([("hit", "hit"), ("false-hit", "false-hit")])
    assert found.kappa == pytest.approx(1)
    assert found.interval is None


def test_agreement_is_told_by_draft_by_finding_and_by_rule() -> None:
    found = agreement(
        [
            (
                a_ruling("first", "upheld", ("harassment", "hit"), ("false-urgency", "hit")),
                a_ruling("second", "upheld", ("harassment", "hit"), ("false-urgency", "false-hit")),
            ),
            (
                a_ruling("first", "overturned", ("harassment", "false-hit")),
                a_ruling("second", "upheld", ("harassment", "hit")),
            ),
        ]
    )
    assert (found.drafts.n, found.drafts.agreed) == (2, 1)
    assert (found.findings.n, found.findings.agreed) == (3, 1)
    assert {rule: (one.n, one.share) for rule, one in found.by_rule.items()} == {
        "false-urgency": (1, 0.0),
        "harassment": (2, 0.5),
    }

"""The figures of the dashboards, each by its definition in docs/dashboards.md."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drafter.desk.distance import changed_share
from drafter.desk.figures import Figure
from drafter.desk.measuring import Measures, board
from drafter.domain import Edited, Judged, Measured, Offered, RejectedBy, Said, Waited, Written
from tests.measured import days
from tests.reviewed import Clock

OFFERED = Offered(0, "", unedited=5, edited=3, discarded=1, escalated=0, superseded=0, waiting=1)


@dataclass
class Counts:
    """A store that has counted already."""

    writings: list[Written] = field(default_factory=list)
    rejections: list[RejectedBy] = field(default_factory=list)
    offers: list[Offered] = field(default_factory=list)
    waits: list[Waited] = field(default_factory=list)
    edits: list[Edited] = field(default_factory=list)
    judgements: list[Judged] = field(default_factory=list)
    asked: int = 0

    def written(self, wanted: Measured) -> list[Written]:
        del wanted
        self.asked += 1
        return self.writings

    def rejected_by(self, wanted: Measured) -> list[RejectedBy]:
        assert wanted.split is None
        return self.rejections

    def offered(self, wanted: Measured) -> list[Offered]:
        del wanted
        return self.offers

    def waited(self, wanted: Measured) -> list[Waited]:
        del wanted
        return self.waits

    def edited(self, wanted: Measured, *, most: int) -> list[Edited]:
        del wanted
        return self.edits[:most]

    def judged(self, wanted: Measured) -> list[Judged]:
        del wanted
        return self.judgements


def ruled(*said: Said, outcome: str | None = "upheld", rejected: bool = True, step: int = 0, group: str = "") -> Judged:
    return Judged(step, group, rejected=rejected, outcome=outcome, rulings=said)  # type: ignore[arg-type] # one of them


def test_nothing_to_go_by_is_no_rate_of_zero() -> None:
    made = board(Counts(), days(3))
    assert made.empty
    assert {one.name for one in made.measures if not one.empty} == set()
    assert made.measure("rejection").whole("first") == Figure()


def test_rejection_is_told_of_first_drafts_and_of_all_attempts_by_step_and_whole() -> None:
    counts = Counts(writings=[Written(0, "", 10, 4, 16, 6), Written(2, "", 10, 0, 10, 0)])
    measure = board(counts, days(3)).measure("rejection")
    first, attempts = measure.series
    assert [one.value for one in first.figures] == [0.4, None, 0.0]
    assert (first.whole.hits, first.whole.n, first.whole.value) == (4, 20, 0.2)
    assert (attempts.whole.hits, attempts.whole.n) == (6, 26)
    assert first.whole.interval == pytest.approx((0.0807, 0.4160), abs=1e-4)


def test_a_rule_s_rejection_rate_is_of_all_first_drafts_also_where_it_found_nothing() -> None:
    counts = Counts(
        writings=[Written(0, "", 10, 4, 16, 6), Written(1, "", 20, 5, 20, 5)],
        rejections=[
            RejectedBy(0, "a", 3, 5),
            RejectedBy(1, "a", 1, 1),
            RejectedBy(1, "b", 5, 5),
            RejectedBy(0, "c", 0, 1),
        ],
    )
    measure = board(counts, days(2)).measure("rejection-by-rule")
    assert [(one.group, [figure.value for figure in one.figures]) for one in measure.series] == [
        ("b", [0.0, 0.25]),
        ("a", [0.3, 0.05]),
    ]
    assert measure.series[1].whole.n == 30


def test_false_alarms_are_the_overturned_of_the_rejected_with_a_standing_ruling() -> None:
    upheld, overturned = Said("first", "upheld", (("a", "hit"),)), Said("first", "overturned", (("a", "false-hit"),))
    counts = Counts(
        judgements=[
            ruled(upheld),
            ruled(overturned, outcome="overturned"),
            ruled(overturned, Said("second", "upheld", ()), outcome=None),  # disputed
            ruled(Said("first", "missed", ()), outcome="missed"),
            ruled(Said("first", "missed", ()), outcome="missed", rejected=False),  # of the sample of passed ones
        ]
    )
    assert board(counts, days()).measure("false-alarms").whole("overturned").hits == 1
    assert board(counts, days()).measure("false-alarms").whole("overturned").n == 3


def test_a_rule_s_false_alarms_are_judged_by_its_own_findings_in_the_ruling_that_stands() -> None:
    mixed = Said("first", "upheld", (("a", "hit"), ("b", "false-hit"), ("c", "unsure"), ("a", "false-hit")))
    first, final = Said("first", "upheld", (("b", "hit"),)), Said("final", "overturned", (("b", "false-hit"),))
    counts = Counts(judgements=[ruled(mixed), ruled(first, final, outcome="overturned")])
    by_rule = board(counts, days()).measure("false-alarms-by-rule")
    assert {one.group: (one.whole.hits, one.whole.n) for one in by_rule.series} == {"a": (0, 1), "b": (2, 2)}
    assert by_rule.series[0].whole.interval is not None


def test_acceptance_is_of_everything_that_was_offered() -> None:
    measure = board(Counts(offers=[OFFERED]), days()).measure("acceptance")
    assert (measure.whole("approved").hits, measure.whole("unedited").hits, measure.whole("approved").n) == (8, 5, 10)


def test_edit_distance_counts_what_was_not_edited_as_none() -> None:
    edits = [Edited(0, "", "abcd", "abcx"), Edited(0, "", "abcd", "xbcx")]
    measure = board(Counts(offers=[OFFERED], edits=edits), days()).measure("edit-distance")
    assert measure.whole("edited").value == pytest.approx((0.25 + 0.5) / 2)
    assert measure.whole("all-approved").value == pytest.approx(0.375 * 3 / 8)
    assert measure.whole("all-approved").n == 8


def test_time_to_approve_is_told_by_nearest_ranks() -> None:
    waits = [Waited(0, "", 10, 5), Waited(0, "", 20, 4), Waited(0, "", 600, 1)]
    measure = board(Counts(waits=waits), days()).measure("time-to-approve")
    assert (measure.whole("median").value, measure.whole("p90").value, measure.whole("p90").n) == (10, 20, 10)


def test_groups_come_with_the_most_first_and_the_main_line_of_each_is_drawn() -> None:
    counts = Counts(writings=[Written(0, "few", 2, 1, 2, 1), Written(0, "many", 9, 1, 9, 1)])
    measure = board(counts, days(split="model")).measure("rejection")
    assert [(one.kind, one.group) for one in measure.main()] == [("first", "many"), ("first", "few")]
    assert len(measure.series) == 4


def test_agreement_is_of_the_drafts_on_which_two_ruled() -> None:
    same = ruled(Said("first", "upheld", ()), Said("second", "upheld", ()))
    other = ruled(Said("first", "overturned", ()), Said("second", "upheld", ()), outcome=None)
    appealed = ruled(Said("first", "upheld", ()), Said("appeal", "upheld", ()))
    found = board(Counts(judgements=[same, same, other, appealed]), days()).agreement
    assert (found.n, found.agreed) == (3, 2)


def test_a_page_and_its_charts_of_the_same_minute_tell_the_same() -> None:
    counts, clock = Counts(writings=[Written(0, "", 1, 0, 1, 0)]), Clock()
    measures = Measures(counts, clock)
    measures.board(days())
    measures.board(days())
    assert counts.asked == 1
    measures.board(days(2))
    clock.pass_by(timedelta(minutes=1))
    measures.board(days())
    assert counts.asked == 3


def the_long_way(one: str, other: str) -> int:
    row = list(range(len(other) + 1))
    for at, left in enumerate(one, 1):
        before, row[0] = row[0], at
        for place, right in enumerate(other, 1):
            before, row[place] = row[place], min(row[place] + 1, row[place - 1] + 1, before + (left != right))
    return row[-1]


@given(st.text("ab还款", max_size=12), st.text("ab还款", max_size=12))
def test_the_share_changed_is_the_levenshtein_distance_by_the_longer_text(one: str, other: str) -> None:
    longer = max(len(one), len(other))
    assert changed_share(one, other) == pytest.approx(the_long_way(one, other) / longer if longer else 0)


def test_the_share_changed_of_long_texts_is_known_too() -> None:
    before, after = "您好，请多保重。" * 100, "您好，请多多保重！" * 100
    assert changed_share(before, after) == pytest.approx(the_long_way(before, after) / len(after))

"""Labelled texts in, recall and false alarms out: overall and by rule, language and style."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, Literal

from pydantic import Field

from drafter.domain import Rate
from drafter.evaluation.probabilities import Bin, Point, calibration, operating_points
from drafter.evaluation.rates import F1
from guardrails import Facts, Guard, Verdict
from guardrails.model import DEFAULT_JURISDICTION, Jurisdiction, Language, Severity, Value


class Labelled(Value, extra="ignore"):
    """One labelled text; further keys (tier, notes, source) are not used."""

    id: str | int | None = None
    text: str
    inbound: str | None = None
    lang: Language
    jurisdiction: Jurisdiction | None = None
    label: Literal["reject", "pass"]
    rules: tuple[str, ...] = ()
    facts: Facts | None = None
    style: Annotated[str, Field(max_length=100)] = "none given"


# Cheapest first; a stage is asked only about what those before it let through. Every other detector is of the first.
STAGES = ("rules and facts", "classifier", "judge")


class Judged(Value):
    """A labelled text with what the guardrails said of it.

    Attributes:
        probability: what the classifier made of it; None where it is not installed or could not run.
    """

    labelled: Labelled
    verdict: Verdict
    probability: float | None = None

    @property
    def right(self) -> bool:
        return self.verdict.verdict == self.labelled.label

    @property
    def explained(self) -> bool:
        """Whether a finding names one of the rules that the label names."""
        return any(finding.rule in self.labelled.rules for finding in self.verdict.findings)


class Score(Value):
    """How a group of texts was judged."""

    recall: Rate
    explained: Rate
    false_alarms: Rate
    f1: F1


class RuleScore(Value):
    """How one rule did: over the texts that break it, and over all that break none."""

    recall: Rate
    named: Rate
    false_alarms: Rate


class DetectorScore(Value):
    """How one detector did: over the texts that break a rule, over those that break none, and where it was alone."""

    caught: Rate
    caught_alone: Rate
    false_alarms: Rate
    false_alarms_alone: Rate


class StageScore(Value):
    """How the guardrails would do with this stage and those before it, and nothing after."""

    recall: Rate
    false_alarms: Rate


class Evaluation(Value):
    """The whole outcome; `wrong` holds every text judged otherwise than labelled."""

    policy: tuple[str, ...]
    overall: Score
    by_language: Mapping[str, Score]
    by_style: Mapping[str, Score]
    by_rule: Mapping[str, RuleScore]
    by_detector: Mapping[str, DetectorScore]
    by_stage: Mapping[str, StageScore]
    calibration: tuple[Bin, ...]
    operating_points: tuple[Point, ...]
    wrong: tuple[Judged, ...]
    unexplained: tuple[Judged, ...]


def evaluate(texts: Sequence[Labelled], guard_for: Callable[[str], Guard]) -> Evaluation:
    """Judge every labelled text and count.

    Args:
        texts: what to judge.
        guard_for: the guard of a jurisdiction.

    Raises:
        PolicyError: a policy cannot be used.
    """
    judged = judge(texts, guard_for)
    told = [(one.probability, one.labelled.label == "reject") for one in judged if one.probability is not None]
    return Evaluation(
        policy=tuple(sorted({one.verdict.policy for one in judged})),
        overall=_score(judged),
        by_language=_grouped(judged, lambda one: one.labelled.lang),
        by_style=_grouped(judged, lambda one: one.labelled.style),
        by_rule=_by_rule(judged),
        by_detector=_by_detector(judged),
        by_stage=_by_stage(judged),
        calibration=calibration(told),
        operating_points=operating_points(told),
        wrong=tuple(one for one in judged if not one.right),
        unexplained=tuple(one for one in judged if one.labelled.label == "reject" and one.right and not one.explained),
    )


def judge(texts: Iterable[Labelled], guard_for: Callable[[str], Guard]) -> list[Judged]:
    """Judge every labelled text; the arguments are those of `evaluate`."""
    return [_judged(text, guard_for) for text in texts]


def _judged(text: Labelled, guard_for: Callable[[str], Guard]) -> Judged:
    guard = guard_for(text.jurisdiction or DEFAULT_JURISDICTION[text.lang])
    verdict = guard.check(text.text, lang=text.lang, facts=text.facts, inbound=text.inbound)
    view = None
    if not verdict.failed:
        view = guard.read(text.text, lang=text.lang, facts=text.facts, inbound=text.inbound).opinion
    return Judged(labelled=text, verdict=verdict, probability=view.probability if view else None)


def _score(judged: Iterable[Judged]) -> Score:
    judged = list(judged)
    bad = [one for one in judged if one.labelled.label == "reject"]
    good = [one for one in judged if one.labelled.label == "pass"]
    caught = sum(one.right for one in bad)
    alarms = sum(not one.right for one in good)
    return Score(
        recall=Rate(hits=caught, total=len(bad)),
        explained=Rate(hits=sum(one.right and one.explained for one in bad), total=caught),
        false_alarms=Rate(hits=alarms, total=len(good)),
        f1=F1(overlap=Rate(hits=caught, total=len(bad) + alarms)),
    )


def _grouped(judged: Iterable[Judged], key: Callable[[Judged], str]) -> dict[str, Score]:
    groups: dict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        groups[key(one)].append(one)
    return {name: _score(groups[name]) for name in sorted(groups)}


def _by_rule(judged: Sequence[Judged]) -> dict[str, RuleScore]:
    good = [one for one in judged if one.labelled.label == "pass"]
    named = {rule for one in judged for rule in one.labelled.rules}
    named |= {finding.rule for one in good for finding in one.verdict.findings if not one.right}
    scores = {}
    for rule in sorted(named):
        broken = [one for one in judged if one.labelled.label == "reject" and rule in one.labelled.rules]
        scores[rule] = RuleScore(
            recall=Rate(hits=sum(one.right for one in broken), total=len(broken)),
            named=Rate(hits=sum(_names(one, rule) for one in broken), total=len(broken)),
            false_alarms=Rate(hits=sum(not one.right and _names(one, rule) for one in good), total=len(good)),
        )
    return scores


def _names(one: Judged, rule: str) -> bool:
    return any(finding.rule == rule for finding in one.verdict.findings)


def _by_detector(judged: Sequence[Judged]) -> dict[str, DetectorScore]:
    rejecting = [(one.labelled.label == "reject", _rejecting(one)) for one in judged]
    bad = [detectors for reject, detectors in rejecting if reject]
    good = [detectors for reject, detectors in rejecting if not reject]
    return {
        name: DetectorScore(
            caught=Rate(hits=sum(name in some for some in bad), total=len(bad)),
            caught_alone=Rate(hits=sum(some == {name} for some in bad), total=len(bad)),
            false_alarms=Rate(hits=sum(name in some for some in good), total=len(good)),
            false_alarms_alone=Rate(hits=sum(some == {name} for some in good), total=len(good)),
        )
        for name in sorted(set().union(*bad, *good))
    }


def _by_stage(judged: Sequence[Judged]) -> dict[str, StageScore]:
    rejecting = [(one.labelled.label == "reject", _rejecting(one)) for one in judged]
    scores = {}
    for number, stage in enumerate(STAGES):
        later = set(STAGES[number + 1 :])
        bad = [bool(detectors - later) for reject, detectors in rejecting if reject]
        good = [bool(detectors - later) for reject, detectors in rejecting if not reject]
        scores[stage] = StageScore(
            recall=Rate(hits=sum(bad), total=len(bad)), false_alarms=Rate(hits=sum(good), total=len(good))
        )
    return scores


def _rejecting(one: Judged) -> set[str]:
    blocking = (finding.detector for finding in one.verdict.findings if finding.severity is Severity.BLOCK)
    return {*blocking, *one.verdict.failed}

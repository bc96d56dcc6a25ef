"""What other rules would have decided differently on the same labelled texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from drafter.evaluation.scoring import Judged, Labelled, judge
from guardrails import Guard
from guardrails.model import Value


class Change(Value):
    """One text that the other rules judge differently."""

    now: Judged
    then: Judged

    @property
    def mends(self) -> bool:
        """Whether the other rules judge it as it is labelled."""
        return self.then.right


class BackTest(Value):
    """Every text that would be judged differently, those that would be judged wrongly first."""

    texts: int
    changes: tuple[Change, ...]


def back_test(texts: Iterable[Labelled], now: Callable[[str], Guard], then: Callable[[str], Guard]) -> BackTest:
    """Judge every text under two sets of rules and return where the verdicts differ.

    Args:
        texts: what to judge.
        now: the guard of a jurisdiction under the rules in force.
        then: the same under the other rules.

    Raises:
        PolicyError: a policy cannot be used.
    """
    texts = list(texts)
    pairs = (Change(now=one, then=other) for one, other in zip(judge(texts, now), judge(texts, then), strict=True))
    changes = [change for change in pairs if change.now.verdict.verdict != change.then.verdict.verdict]
    return BackTest(texts=len(texts), changes=tuple(sorted(changes, key=lambda change: change.mends)))

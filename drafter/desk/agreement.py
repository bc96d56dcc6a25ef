"""How far two reviewers agree who ruled on the same drafts without seeing each other."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from pydantic import computed_field

from drafter.domain import Ruling
from guardrails.model import Value

_Z95 = 1.959963984540054
_NO_ERROR = 1e-12


class Kappa(Value):
    """Agreement over things that two people each put into one category.

    Attributes:
        n: how many things.
        agreed: on how many both said the same.
        kappa: Cohen's kappa; None where there is nothing to go by, or where both used one and the same category
            throughout, so that chance alone would agree as well.
        interval: its 95 % interval, from the error of a large sample; rough where `n` is small, and None where all
            that was seen is alike, so that it tells of no error.
    """

    n: int
    agreed: int
    kappa: float | None = None
    interval: tuple[float, float] | None = None

    @computed_field  # type: ignore[prop-decorator] # mypy does not know the pair
    @property
    def share(self) -> float | None:
        return self.agreed / self.n if self.n else None


class ReviewAgreement(Value):
    """Agreement about drafts, about findings, and about the findings of each rule."""

    drafts: Kappa
    findings: Kappa
    by_rule: Mapping[str, Kappa]


def agreement(doubles: Iterable[tuple[Ruling, Ruling]]) -> ReviewAgreement:
    """Return how far the two blind rulings of drafts agree.

    Args:
        doubles: first and second ruling of each draft, both on the same version; findings count that both ruled on.
    """
    drafts: list[tuple[str, str]] = []
    by_rule: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for first, second in doubles:
        drafts.append((first.outcome, second.outcome))
        others = {one.number: one.ruling for one in second.findings}
        for one in first.findings:
            if one.number in others:
                by_rule[one.rule].append((one.ruling, others[one.number]))
    return ReviewAgreement(
        drafts=cohens_kappa(drafts),
        findings=cohens_kappa([pair for pairs in by_rule.values() for pair in pairs]),
        by_rule={rule: cohens_kappa(by_rule[rule]) for rule in sorted(by_rule)},
    )


def cohens_kappa(pairs: Sequence[tuple[str, str]]) -> Kappa:
    """Return Cohen's kappa of two people's categories, with its 95 % interval.

    Sources: J. Cohen, "A Coefficient of Agreement for Nominal Scales", Educational and Psychological Measurement 20
    (1960), 37; the error of a large sample: J. L. Fleiss, J. Cohen, B. S. Everitt, "Large Sample Standard Errors of
    Kappa and Weighted Kappa", Psychological Bulletin 72 (1969), 323.

    Args:
        pairs: what the one and the other said of each thing.
    """
    n, agreed = len(pairs), sum(one == other for one, other in pairs)
    if not n:
        return Kappa(n=0, agreed=0)
    names = sorted({name for pair in pairs for name in pair})
    cell = {(one, other): pairs.count((one, other)) / n for one in names for other in names}
    row = {name: sum(cell[name, other] for other in names) for name in names}
    column = {name: sum(cell[other, name] for other in names) for name in names}
    observed, chance = agreed / n, sum(row[name] * column[name] for name in names)
    if len(names) == 1:
        return Kappa(n=n, agreed=agreed)
    kappa = (observed - chance) / (1 - chance)
    alike = sum(cell[name, name] * (1 - chance - (row[name] + column[name]) * (1 - observed)) ** 2 for name in names)
    unlike = sum(cell[one, other] * (column[one] + row[other]) ** 2 for one in names for other in names if one != other)
    centre = (observed * chance - 2 * chance + observed) ** 2
    variance = (alike + (1 - observed) ** 2 * unlike - centre) / (n * (1 - chance) ** 4)
    if variance < _NO_ERROR:
        return Kappa(n=n, agreed=agreed, kappa=kappa)
    half = _Z95 * math.sqrt(variance)
    return Kappa(n=n, agreed=agreed, kappa=kappa, interval=(max(-1.0, kappa - half), min(1.0, kappa + half)))

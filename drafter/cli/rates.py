"""Shares as a person at a terminal reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drafter.domain import Rate
    from drafter.evaluation.rates import F1


def rate(share: Rate) -> str:
    """Return a share as it is shown, with its counts and its interval."""
    if share.value is None or share.interval is None:
        return "-"
    return f"{share.value:.3f} ({share.hits}/{share.total}, {share.interval[0]:.3f}-{share.interval[1]:.3f})"


def f1(share: F1) -> str:
    """Return an F1 as it is shown, with its interval."""
    if share.value is None or share.interval is None:
        return "-"
    return f"{share.value:.3f} ({share.interval[0]:.3f}-{share.interval[1]:.3f})"

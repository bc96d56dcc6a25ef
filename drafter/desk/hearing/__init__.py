"""What words miss in a debtor's message: a linear model over sentence embeddings, letter sequences and signals seen."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from drafter.desk.likeness import embeddings
from guardrails.model import Language

if TYPE_CHECKING:
    from drafter.desk.hearing.model import Hearing


@cache
def hearing(lang: Language) -> Hearing | None:
    """Return what hears in a language; None where the optional part "classifier" is not installed.

    Raises:
        OSError: its weights are missing.
        ValueError: its weights are damaged.
    """
    near = embeddings()
    if near is None:
        return None
    from drafter.desk.hearing.model import Hearing  # noqa: PLC0415 - numpy is optional

    return Hearing(lang, near)

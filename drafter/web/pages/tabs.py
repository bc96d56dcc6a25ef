"""Tabs over a list, each with how much is behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import Request

from drafter.web.language import translator
from guardrails.model import Value


@dataclass(frozen=True)
class Tab:
    """A tab, and how much is behind it."""

    key: str
    label: str
    count: int


def tabs(request: Request, named: Mapping[str, tuple[str, Value]], counts: Value) -> list[Tab]:
    """Return the tabs of a page.

    Args:
        request: in whose language they are.
        named: by key, the label of each tab and what it filters by.
        counts: has a field of each key.
    """
    say = translator(request)
    return [Tab(key, say(label), getattr(counts, key)) for key, (label, _wanted) in named.items()]

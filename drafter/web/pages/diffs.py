"""Texts cut up to be shown: at findings, at signals, and at what an edit changed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Final, Literal

from drafter.domain import Evidence
from guardrails import Finding, Severity

# A Chinese character by itself, a word with the blank behind it, or whatever else stands between.
_PIECES: Final = re.compile(r"[\u3400-\u9fff]|[^\W\d_]+\s*|\d+|\s+|[^\w\s]", re.UNICODE)


@dataclass(frozen=True)
class Change:
    """A stretch of text that stayed, went or came."""

    kind: Literal["same", "insert", "delete"]
    text: str


@dataclass(frozen=True)
class Part:
    """A stretch of a text that findings lie over, or none.

    Attributes:
        numbers: of the findings that end with it.
        severity: the gravest of those that lie over it; empty where none does.
    """

    text: str
    numbers: tuple[int, ...] = ()
    severity: str = ""


@dataclass(frozen=True)
class Found:
    """What was found at one place or several, and is told once."""

    numbers: tuple[int, ...]
    finding: Finding


@dataclass(frozen=True)
class Piece:
    """A stretch of the message, and the signal that it shows."""

    text: str
    signal: str = ""


def changes(before: str, after: str) -> tuple[Change, ...]:
    """Return what was changed; nothing where the texts are the same."""
    if before == after:
        return ()
    old, new = _PIECES.findall(before), _PIECES.findall(after)
    found: list[Change] = []
    for kind, low, high, start, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            found.append(Change("same", "".join(old[low:high])))
            continue
        if high > low:
            found.append(Change("delete", "".join(old[low:high])))
        if end > start:
            found.append(Change("insert", "".join(new[start:end])))
    return tuple(found)


def parts(text: str, findings: tuple[Finding, ...]) -> tuple[Part, ...]:
    """Return a text cut wherever a finding begins or ends."""
    edges = sorted({0, len(text), *(edge for one in findings for edge in (one.start, one.end))})
    made = []
    for low, high in pairwise(edges):
        here = [(number, one) for number, one in enumerate(findings, 1) if one.start <= low and high <= one.end]
        blocks = any(one.severity is Severity.BLOCK for _, one in here)
        severity = "" if not here else "block" if blocks else "warn"
        made.append(Part(text[low:high], tuple(number for number, one in here if one.end == high), severity))
    return tuple(made)


def together(findings: tuple[Finding, ...]) -> tuple[Found, ...]:
    """Return findings of which nothing else is told than of one before as one with it, numbered as `parts` does."""
    told: dict[object, list[int]] = {}
    for number, one in enumerate(findings, 1):
        told.setdefault((one.rule, one.severity, one.reason, one.suggestion, one.citations), []).append(number)
    return tuple(Found(tuple(numbers), findings[numbers[0] - 1]) for numbers in told.values())


def pieces(text: str, evidence: tuple[Evidence, ...]) -> list[Piece]:
    """Return a message cut wherever a signal begins or ends."""
    edges = sorted({0, len(text), *(edge for item in evidence for edge in (item.start, item.end))})
    return [
        Piece(text[low:high], next((one.signal for one in evidence if one.start <= low and high <= one.end), ""))
        for low, high in pairwise(edges)
    ]

"""What can go wrong with a policy, as opposed to with a text.

GuardrailsError
├── PolicyError      a rule or policy file is broken, missing or ambiguous
├── PatternError     a pattern of one chapter cannot be read
└── JudgeError       the model that was asked as a judge gave no ruling
"""

from __future__ import annotations

from pathlib import Path


class GuardrailsError(Exception):
    """Base of every error this package raises on purpose."""


class PolicyError(GuardrailsError):
    """A rule or policy file cannot be used; says which file, where in it, and the remedy."""

    def __init__(self, message: str, *, file: Path | str | None = None, line: int | None = None) -> None:
        self.file = str(file) if file is not None else None
        self.line = line
        place = f"{self.file}:{line}: " if file is not None and line is not None else f"{file}: " if file else ""
        super().__init__(place + message)


class JudgeError(GuardrailsError):
    """The model that was asked as a judge gave no ruling, so the text stays rejected."""


class PatternError(GuardrailsError):
    """A pattern cannot be read; `chapter` is the id of the rule or signal it belongs to."""

    def __init__(self, chapter: str, message: str) -> None:
        self.chapter = chapter
        super().__init__(message)

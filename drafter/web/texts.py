"""Texts that come in: whatever is kept must be keepable in every database."""

from __future__ import annotations

from typing import Annotated, Any, Final

from pydantic import BeforeValidator, StringConstraints, WithJsonSchema

# What is white or a control character shows nothing.
_ANY_SIGN: Final = r"[^\s\u0000-\u001f\u007f-\u009f]"


def _keepable(given: object) -> object:
    if isinstance(given, str) and "\0" in given:
        raise ValueError("a text may not hold the character NUL")
    if isinstance(given, dict):
        for name, value in given.items():
            _keepable(name)
            _keepable(value)
    elif isinstance(given, list):
        for value in given:
            _keepable(value)
    return given


Keepable = BeforeValidator(_keepable)
"""Of a text, or of all texts in a body."""


def shown(most: int) -> Any:
    """Return how the description of the API tells of a text that must show something; the desk says better why not."""
    return WithJsonSchema({"type": "string", "minLength": 1, "maxLength": most, "pattern": _ANY_SIGN})


Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000), Keepable, shown(2000)]
"""A few words of a person's, such as a reason."""

"""Texts that come in: whatever is kept must be keepable in every database."""

from __future__ import annotations

from pydantic import AfterValidator


def _keepable(text: str) -> str:
    if "\0" in text:
        raise ValueError("a text may not hold the character NUL")
    return text


Keepable = AfterValidator(_keepable)

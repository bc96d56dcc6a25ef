"""The language of the interface: `DRAFTER_LANG`, else the locale, else English."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

from drafter.catalogues import catalogue

if TYPE_CHECKING:
    from guardrails.model import Language


@cache
def interface_language() -> Language:
    """Return the language that the person at this terminal reads."""
    for variable in ("DRAFTER_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(variable, "")
        if value:
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"


def _(message: str) -> str:
    """Return the message in the interface's language; English is the key."""
    # The empty key is where a catalogue keeps its own header.
    return catalogue(interface_language()).gettext(message) if message else ""

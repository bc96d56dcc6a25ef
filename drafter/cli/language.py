"""The language of the interface: `DRAFTER_LANG`, else the locale, else English."""

from __future__ import annotations

import gettext
import os
from functools import cache
from pathlib import Path
from typing import Literal

CATALOGUES = Path(__file__).parent.parent / "locale"


@cache
def interface_language() -> Literal["zh", "en"]:
    """Return the language that the person at this terminal reads."""
    for variable in ("DRAFTER_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(variable, "")
        if value:
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"


@cache
def _catalogue() -> gettext.NullTranslations:
    return gettext.translation("drafter", CATALOGUES, languages=[interface_language()], fallback=True)


def _(message: str) -> str:
    """Return the message in the interface's language; English is the key."""
    # The empty key is where a catalogue keeps its own header.
    return _catalogue().gettext(message) if message else ""

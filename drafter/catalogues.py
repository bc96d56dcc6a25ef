"""What is said in each language: English is the key, the catalogues under `locale/` hold the rest."""

from __future__ import annotations

import gettext
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from guardrails.model import Language

CATALOGUES: Final = Path(__file__).parent / "locale"


@cache
def catalogue(lang: Language) -> gettext.NullTranslations:
    """Return the translations of a language; English needs none."""
    return gettext.translation("drafter", CATALOGUES, languages=[lang], fallback=True)

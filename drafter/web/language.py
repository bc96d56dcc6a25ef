"""The language of a page: the person's, else the browser's, else Chinese."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, get_args

from babel import negotiate_locale
from fastapi import Request

from drafter.catalogues import catalogue
from guardrails.model import Language

LANGUAGE_COOKIE: Final = "drafter_lang"
_HOME: Final[Language] = "zh"


def _(message: str) -> str:
    """Mark a text for the catalogue; it is looked up when it is shown."""
    return message


def language_of(request: Request) -> Language:
    """Return the language of whoever looks at the answer."""
    person = getattr(request.state, "person", None)
    chosen = request.cookies.get(LANGUAGE_COOKIE)
    if person is not None:
        return person.lang  # type: ignore[no-any-return] # the state is untyped
    for known in get_args(Language):
        if chosen == known:
            return known  # type: ignore[no-any-return] # get_args loses the literal's type
    wanted = [part.split(";")[0].strip() for part in request.headers.get("accept-language", "").split(",")]
    found = negotiate_locale(wanted, ["zh", "en"], sep="-") or negotiate_locale([w[:2] for w in wanted], ["zh", "en"])
    return "en" if found == "en" else _HOME


def translator(request: Request) -> Callable[[str], str]:
    """Return what turns an English sentence into the reader's."""
    found = catalogue(language_of(request))
    return lambda message: found.gettext(message) if message else ""

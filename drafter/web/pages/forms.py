"""What forms need on every page: where they lead back to, and what they tell."""

from __future__ import annotations

from typing import Annotated, Final
from urllib.parse import quote

from fastapi import Form
from fastapi.responses import RedirectResponse

from drafter.web.texts import Keepable

_SEE_OTHER: Final = 303

Line = Annotated[str, Form(max_length=2000), Keepable]
Reply = Annotated[str, Form(max_length=4000)]
Message = Annotated[str, Form(max_length=100_000)]


def go(path: str, *, told: str = "") -> RedirectResponse:
    """Send the browser to a page of this desk.

    Args:
        path: of the page.
        told: the key of a sentence that the page shows.
    """
    return RedirectResponse(f"{path}?told={quote(told)}" if told else path, status_code=_SEE_OTHER)


def own_path(path: str) -> str:
    """Return a path of this desk; the start page for an address of anywhere else."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else "/"

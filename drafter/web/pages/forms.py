"""What forms need on every page: where they lead back to, and what they tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import Depends, Form
from fastapi.responses import RedirectResponse

from drafter.desk.intake import read_added
from drafter.domain import AddedFacts
from drafter.web.texts import Keepable

_SEE_OTHER: Final = 303

Line = Annotated[str, Form(max_length=2000), Keepable]
Reply = Annotated[str, Form(max_length=4000)]
Message = Annotated[str, Form(max_length=100_000)]
_Lines = Annotated[str, Form(max_length=6000)]
_Day = Annotated[str, Form(max_length=20)]


@dataclass(frozen=True)
class AddedForm:
    """The facts that an agent adds for one reply, as they were typed."""

    offers: str
    done: str
    follow_up: str

    def read(self) -> AddedFacts:
        """Return the facts.

        Raises:
            FactsError: something typed cannot be used.
        """
        return read_added(offers=self.offers, done=self.done, follow_up=self.follow_up)


def _added(offers: _Lines = "", done: _Lines = "", follow_up: _Day = "") -> AddedForm:
    return AddedForm(offers, done, follow_up)


Added = Annotated[AddedForm, Depends(_added)]


def go(path: str, *, told: str = "", draft: str = "") -> RedirectResponse:
    """Send the browser to a page of this desk.

    Args:
        path: of the page.
        told: the key of a sentence that the page shows.
        draft: which of a case's drafts it shows.
    """
    asked = urlencode({name: value for name, value in (("told", told), ("draft", draft)) if value})
    return RedirectResponse(f"{path}?{asked}" if asked else path, status_code=_SEE_OTHER)


def own_lines(text: str) -> str:
    """Return the text of a form field with the line ends of this desk; browsers send CRLF."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def own_path(path: str) -> str:
    """Return a path of this desk; the start page for an address of anywhere else."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else "/"

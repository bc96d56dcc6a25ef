"""One's own account: the password."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Form, Request, Response

from drafter.errors import DrafterError
from drafter.web.callers import Caller, Reader, address_of, person_of
from drafter.web.language import _, translator
from drafter.web.pages.forms import go
from drafter.web.problems import status_of
from drafter.web.rendering import page
from drafter.web.services import services_of

router = APIRouter(prefix="/account", include_in_schema=False)
_SENTENCES: Final = {"changed": _("Your password was changed; your other sessions and links have ended.")}
_Password = Annotated[str, Form(max_length=1000)]


@router.get("")
def show(request: Request, caller: Reader, told: str = "") -> Response:
    return _page(request, caller, told=translator(request)(_SENTENCES.get(told, "")))


@router.post("/password")
def change_password(request: Request, caller: Reader, new: _Password, old: _Password = "") -> Response:
    """Give oneself another password, and go on in a new session."""
    services = services_of(request)
    try:
        token, _session, _person = services.accounts.change_own_password(
            person_of(caller), old, new, address_of(request)
        )
    except DrafterError as error:
        return _page(request, caller, error=error)
    response = go("/account", told="changed")
    services.cookies.put(request, response, token)
    return response


def _page(request: Request, caller: Caller, *, told: str = "", error: DrafterError | None = None) -> Response:
    services, person = services_of(request), person_of(caller)
    return page(
        request,
        "account.html",
        status_code=status_of(error) if error else 200,
        has_password=services.accounts.has_password(person),
        told=error.told(translator(request)) if error else told,
        told_bad=error is not None,
    )

"""Signing in at the identity provider: the way there and the way back."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from drafter.domain import at_provider
from drafter.errors import InputError, NotFoundError, NotLinkedError, ProviderError, SignInError
from drafter.web.pages.forms import go, own_path
from drafter.web.pages.signing import sign_in_form, signed_in
from drafter.web.provider import OpenIdProvider
from drafter.web.services import services_of

router = APIRouter(include_in_schema=False)
# A cookie that holds a longer one would be too long to be kept.
_LONGEST_PATH: Final = 500


@router.get("/sign-in/provider")
async def send_to_provider(request: Request, next: str = "/") -> Response:  # noqa: A002 - the field's name everywhere
    """Send somebody to the identity provider."""
    wanted = own_path(next) if len(next) <= _LONGEST_PATH else "/"
    try:
        address, errand = await _provider(request).send(back=_back(request), wanted=wanted)
    except (ProviderError, NotFoundError) as error:
        return sign_in_form(request, wanted=wanted, error=error)
    response = RedirectResponse(address, status_code=303)
    services_of(request).cookies.put_errand(request, response, errand)
    return response


@router.get("/sign-in/provider/back")
async def come_back(request: Request, state: str = "", code: str = "", error: str = "") -> Response:
    """Open a session for whom the identity provider vouches for."""
    if not request.url.query:  # the page was asked for again, in another language
        return go("/sign-in")
    services = services_of(request)
    errand, subject = services.cookies.errand(request), ""
    wanted = "/" if errand is None else own_path(errand.wanted)
    response: Response
    try:
        provider = _provider(request)
        subject = await provider.subject(errand, state=state, code=code, error=error, back=_back(request))
        known_as = at_provider(provider.settings.issuer, subject)
        token, _, _ = await run_in_threadpool(services.accounts.sign_in_by_subject, known_as)
        response = signed_in(request, token, wanted)
    except (SignInError, ProviderError, InputError) as problem:
        shown = subject if isinstance(problem, NotLinkedError) else ""
        response = sign_in_form(request, wanted=wanted, error=problem, subject=shown)
    # One errand, one try: nobody else can come back with it.
    services.cookies.drop_errand(response)
    return response


def _provider(request: Request) -> OpenIdProvider:
    provider = services_of(request).provider
    if provider is None:
        raise NotFoundError("This desk knows no identity provider; sign in with your name and password.")
    return provider


def _back(request: Request) -> str:
    return str(request.url_for("come_back"))

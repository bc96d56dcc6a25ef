"""Signing in and out, and the language of the pages."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from drafter.domain import Role
from drafter.errors import DrafterError, ForbiddenError, SignInError
from drafter.web.callers import Reader, address_of
from drafter.web.language import LANGUAGE_COOKIE, translator
from drafter.web.pages.forms import go, own_path
from drafter.web.problems import status_of
from drafter.web.rendering import MOST_OF_A_PATH, page
from drafter.web.services import services_of
from drafter.web.texts import Keepable
from guardrails.model import Language

router = APIRouter(include_in_schema=False)
_YEAR_S = 365 * 24 * 3600


@router.get("/")
def start(caller: Reader) -> Response:
    """Lead a person to the page that they work on."""
    reviews = caller.person is not None and caller.person.role in (Role.QA, Role.QA_LEAD)
    return go("/review" if reviews else "/queue")


@router.get("/sign-in")
def sign_in_page(request: Request, next: str = "/") -> Response:  # noqa: A002 - the field's name everywhere
    return sign_in_form(request, wanted=next)


@router.post("/sign-in")
def sign_in(
    request: Request,
    name: Annotated[str, Form(max_length=200), Keepable],
    password: Annotated[str, Form(max_length=200)],
    next: Annotated[str, Form(max_length=MOST_OF_A_PATH)] = "/",  # noqa: A002 - the field's name everywhere
) -> Response:
    """Open a session for a name and a password."""
    _same_site(request)
    services = services_of(request)
    try:
        token, _, _ = services.accounts.sign_in(name, password, address=address_of(request))
    except SignInError as error:
        return sign_in_form(request, wanted=next, error=error, name=name)
    return signed_in(request, token, own_path(next))


@router.get("/sign-in/link/{token}")
def sign_in_link_page(token: str, request: Request) -> Response:
    """Ask before a one-time link is used up: programs that look at links in mails must not, nor another site's page."""
    return page(request, "sign_in_link.html", token=token)


@router.post("/sign-in/link/{token}")
def sign_in_by_link(token: str, request: Request) -> Response:
    """Open a session for a one-time link."""
    _same_site(request)
    session_token, _, _ = services_of(request).accounts.sign_in_by_link(token)
    return signed_in(request, session_token, "/")


@router.post("/sign-out")
def sign_out(request: Request, caller: Reader) -> Response:
    """End the session, here and for whoever may have copied its cookie."""
    del caller
    services = services_of(request)
    token = services.cookies.token(request)
    if token is not None:
        services.accounts.sign_out(token)
    response = go("/sign-in")
    services.cookies.drop(response)
    return response


@router.post("/language")
def choose_language(
    request: Request, lang: Annotated[Language, Form()], back: Annotated[str, Form(max_length=MOST_OF_A_PATH)] = "/"
) -> Response:
    """Show the pages in another language from now on."""
    _same_site(request)
    services = services_of(request)
    token = services.cookies.token(request)
    found = services.accounts.who(token) if token else None
    if found is not None:
        services.store.people.set_lang(found[0].id, lang)
    response = go(own_path(back))
    response.set_cookie(LANGUAGE_COOKIE, lang, max_age=_YEAR_S, samesite="lax", httponly=True)
    return response


def sign_in_form(
    request: Request, *, wanted: str, error: DrafterError | None = None, name: str = "", subject: str = ""
) -> Response:
    """Return the page to sign in on.

    Args:
        request: whose answer it is.
        wanted: the page to show afterwards.
        error: why nobody was signed in.
        name: as typed before.
        subject: who they are at the identity provider, where nobody here is linked with that.
    """
    return page(
        request,
        "sign_in.html",
        status_code=200 if error is None else status_of(error),
        told="" if error is None else error.told(translator(request)),
        name=name,
        next=own_path(wanted),
        subject=subject,
        provider=services_of(request).provider,
    )


def signed_in(request: Request, token: str, where: str) -> RedirectResponse:
    """Lead a person on who has just been signed in."""
    response = go(where)
    services_of(request).cookies.put(request, response, token)
    return response


def _same_site(request: Request) -> None:
    """Refuse a form of another site where no session's token can tell it.

    Raises:
        ForbiddenError: another site sent it.
    """
    site = request.headers.get("sec-fetch-site", "none")
    origin = request.headers.get("origin")
    # Behind a proxy that ends TLS the scheme differs; the host does not.
    if site not in ("none", "same-origin") or (origin is not None and urlsplit(origin).netloc != request.url.netloc):
        raise ForbiddenError("This form came from another site; sign in on the desk's own page.")

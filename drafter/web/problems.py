"""An error as a machine reads it (RFC 9457) or as a page tells it, in the reader's language."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from drafter.errors import (
    ConflictError,
    DrafterError,
    ForbiddenError,
    GoneError,
    InputError,
    MessageError,
    ModelError,
    ModelUnavailableError,
    NotApprovableError,
    NotFoundError,
    ProviderError,
    ProviderUnavailableError,
    SignInError,
    StorageError,
    ThrottledError,
)
from drafter.web.headers import SAFE
from drafter.web.language import translator
from drafter.web.rendering import page
from guardrails.model import Value

_LOG: Final = logging.getLogger("drafter.web")
PROBLEM: Final = "application/problem+json"
# The first that fits: the narrow ones before the wide ones.
_STATUS: Final[tuple[tuple[type[DrafterError], int], ...]] = (
    (GoneError, 410),
    (NotFoundError, 404),
    (ConflictError, 409),
    (NotApprovableError, 422),
    (MessageError, 422),
    (InputError, 422),
    (ForbiddenError, 403),
    (ThrottledError, 429),
    (SignInError, 401),
    (ModelUnavailableError, 503),
    (ModelError, 502),
    (ProviderUnavailableError, 503),
    (ProviderError, 502),
    (StorageError, 503),
)
_TITLES: Final = {
    400: "bad-request",
    401: "sign-in",
    403: "forbidden",
    404: "not-found",
    405: "method-not-allowed",
    413: "too-large",
    415: "unsupported-media-type",
    422: "input",
    429: "throttled",
}
_LONGEST_PLACE: Final = 80
Allowed = Callable[[str], str]


class Problem(Value):
    """Why a call was refused, or failed (RFC 9457).

    Attributes:
        type: the kind of error as a URI, `urn:drafter:error:` and the title.
        title: the kind of error, stable for programs.
        status: of HTTP.
        detail: one sentence for people: what happened, what was kept, what to do next.
    """

    type: str
    title: str
    status: int
    detail: str


def status_of(error: DrafterError) -> int:
    """Return the HTTP status that an error of the desk answers with."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def problem(status: int, title: str, detail: str, **headers: str) -> JSONResponse:
    """Return problem details.

    Args:
        status: of HTTP.
        title: the kind of error, stable for programs.
        detail: one sentence for people.
        headers: more headers, underscores for hyphens.
    """
    body = Problem(type=f"urn:drafter:error:{title}", title=title, status=status, detail=detail).model_dump()
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return JSONResponse(body, status_code=status, media_type=PROBLEM, headers=given)


def tell_errors(app: FastAPI, allowed: Allowed) -> None:
    """Let the app answer every error as a problem or a page.

    Args:
        app: the application.
        allowed: the methods that a path takes, as the header `Allow` lists them.
    """

    async def http(request: Request, error: Exception) -> Response:
        return await _http(request, error, allowed)

    app.add_exception_handler(DrafterError, _desk)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(Exception, _unexpected)


def is_page(request: Request) -> bool:
    """Tell whether a person looks at the answer in a browser."""
    return not request.url.path.startswith("/api/") and "text/html" in request.headers.get("accept", "")


async def _desk(request: Request, error: Exception) -> Response:
    if not isinstance(error, DrafterError):
        return await _unexpected(request, error)
    status = status_of(error)
    if status == 401 and is_page(request) and request.method == "GET":  # noqa: PLR2004 - the status is its name
        wanted = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
        return RedirectResponse(f"/sign-in?next={quote(wanted)}", status_code=303)
    say = translator(request)
    return _answer(request, status, error.code, error.told(say))


async def _validation(request: Request, error: Exception) -> Response:
    errors = error.errors() if isinstance(error, RequestValidationError) else []
    first: dict[str, Any] = dict(errors[0]) if errors else {}
    place = ".".join(str(part) for part in first.get("loc", ())[1:])[:_LONGEST_PLACE]
    say: Callable[[str], str] = translator(request)
    sentence = say("{place}: {why}; nothing was kept. Mend it and try again.")
    return _answer(
        request, 422, "input", sentence.format(place=place or say("the request"), why=str(first.get("msg", "")))
    )


async def _http(request: Request, error: Exception, allowed: Allowed) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    answer = refusal(request, status, str(getattr(error, "detail", "")))
    answer.headers.update(dict(getattr(error, "headers", None) or {}))
    if status == 405 and (methods := allowed(request.url.path)):  # noqa: PLR2004 - the status is its name
        # The framework names the methods of the first route at a path alone.
        answer.headers["allow"] = methods
    return answer


def refusal(request: Request, status: int, detail: str = "") -> Response:
    """Return the answer to a request that reaches no route.

    Args:
        request: whose answer it is.
        status: of HTTP.
        detail: where the desk has no sentence of its own for the status.
    """
    title = _TITLES.get(status, "http")
    say = translator(request)
    sentences = {
        404: say("There is no such page; it may have moved, or the link may be cut off."),
        405: say("This address does not take that kind of request."),
        413: say("The request is too large; nothing was kept. Shorten it and try again."),
    }
    return _answer(request, status, title, sentences.get(status, detail or title))


async def _unexpected(request: Request, error: Exception) -> Response:
    # The trace names lines of code; the texts of a case are never part of an exception of ours.
    _LOG.error("unexpected %s at %s %s", type(error).__name__, request.method, request.url.path, exc_info=error)
    say = translator(request)
    sentence = say(
        "Something went wrong inside ({kind}); nothing was half done. Try again, or tell your administrator."
    )
    answer = _answer(request, 500, "internal", sentence.format(kind=type(error).__name__))
    # This one is answered outside of everything that would add them.
    answer.headers.update({**SAFE, "cache-control": "no-store"})
    return answer


def _answer(request: Request, status: int, title: str, detail: str) -> Response:
    if is_page(request):
        return page(request, "error.html", status_code=status, status=status, detail=detail)
    return problem(status, title, detail)

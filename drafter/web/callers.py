"""Who calls, and what each route asks of them."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.dependencies.models import Dependant

from drafter.domain import ApiKey, Person, Right
from drafter.errors import ForbiddenError, SignInError
from drafter.web.services import services_of

CSRF_HEADER: Final = "x-csrf-token"
CSRF_FIELD: Final = "csrf"
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True)
class Caller:
    """Whoever sent a request.

    Attributes:
        id: as the journal names them.
        person: None where a machine calls with a key.
    """

    id: str
    rights: frozenset[Right]
    person: Person | None = None


@dataclass(frozen=True)
class Needs:
    """A route's condition: a session or an API key with a right, and for a session's changes the page's token.

    Attributes:
        right: what the caller must be allowed to do.
        by_person: only a signed-in person, no machine.
        or_right: does as well.
    """

    right: Right
    by_person: bool = False
    or_right: Right | None = None

    @property
    def rights(self) -> frozenset[Right]:
        return frozenset({self.right} if self.or_right is None else {self.right, self.or_right})

    async def __call__(self, request: Request) -> Caller:
        """Return the caller.

        Raises:
            SignInError: nobody is signed in.
            ForbiddenError: the right is missing, or the page's token is.
        """
        caller = await _caller(request)
        if self.rights.isdisjoint(caller.rights) or (self.by_person and caller.person is None):
            raise ForbiddenError("Your role does not allow this; ask a colleague whose role does, or an administrator.")
        return caller


def conditions(dependant: Dependant) -> Iterator[Needs]:
    """Yield what a route asks of its callers."""
    for inner in dependant.dependencies:
        if isinstance(inner.call, Needs):
            yield inner.call
        yield from conditions(inner)


async def _caller(request: Request) -> Caller:
    services = services_of(request)
    if _secret(request):
        key = await key_of(request)
        if key is None:
            raise SignInError("This API key is not known, or it was revoked; ask an administrator for another.")
        return Caller(f"key:{key.id}", key.rights)
    token = services.cookies.token(request)
    found = await run_in_threadpool(services.accounts.who, token) if token else None
    if found is None:
        raise SignInError("Please sign in; your session may have ended.")
    person, session = found
    request.state.person, request.state.session = person, session
    if request.method not in _SAFE and not await _brings_token(request, session.csrf):
        raise ForbiddenError("This page is out of date; reload it and try again.")
    return Caller(person.id, person.rights, person)


async def key_of(request: Request) -> ApiKey | None:
    """Return the key that a request brings; None where there is none or it opens nothing. It is looked up once."""
    state, secret = request.state, _secret(request)
    if not hasattr(state, "key"):
        by_key = services_of(request).accounts.by_key
        state.key = await run_in_threadpool(by_key, secret) if secret else None
    return state.key  # type: ignore[no-any-return] # the state is untyped


def _secret(request: Request) -> str:
    kind, _, secret = request.headers.get("authorization", "").partition(" ")
    return secret.strip() if kind.lower() == "bearer" else ""


async def _brings_token(request: Request, csrf: str) -> bool:
    given = request.headers.get(CSRF_HEADER)
    if given is None and request.headers.get("content-type", "").startswith(
        ("application/x-www-form-urlencoded", "multipart/form-data")
    ):
        form = await request.form()
        field = form.get(CSRF_FIELD)
        given = field if isinstance(field, str) else None
    return given is not None and hmac.compare_digest(given.encode(), csrf.encode())


def address_of(request: Request) -> str:
    """Return where a request comes from."""
    return request.client.host if request.client else "unknown"


def person_of(caller: Caller) -> Person:
    """Return the person who calls.

    Raises:
        ForbiddenError: a machine calls.
    """
    if caller.person is None:
        raise ForbiddenError("Only a signed-in person may do this, never an API key.")
    return caller.person


MayRead = Annotated[Caller, Depends(Needs("read"))]
MayDraft = Annotated[Caller, Depends(Needs("draft"))]
# Only signed-in people, no machine:
Reader = Annotated[Caller, Depends(Needs("read", by_person=True))]
Agent = Annotated[Caller, Depends(Needs("draft", by_person=True))]
Approver = Annotated[Caller, Depends(Needs("approve", by_person=True))]
Lead = Annotated[Caller, Depends(Needs("lead", by_person=True))]
Reviewer = Annotated[Caller, Depends(Needs("review", by_person=True))]
Measurer = Annotated[Caller, Depends(Needs("measure", by_person=True))]
ReviewLead = Annotated[Caller, Depends(Needs("review-lead", by_person=True))]
Administrator = Annotated[Caller, Depends(Needs("administer", by_person=True))]
# Administrators see what did not leave, since mending the way out is theirs; letting it go again is not.
Dispatcher = Annotated[Caller, Depends(Needs("approve", by_person=True, or_right="administer"))]

"""Who works at the desk, and which programs come in: accounts, roles, sign-in links and API keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Final

from fastapi import APIRouter, Form, Request, Response
from pydantic import Field

from drafter.domain import Person, Right, Role
from drafter.errors import DrafterError, NotFoundError
from drafter.web.callers import Administrator, Caller
from drafter.web.language import _, translator
from drafter.web.pages.forms import go
from drafter.web.problems import status_of
from drafter.web.rendering import page
from drafter.web.services import services_of
from drafter.web.texts import Keepable
from guardrails.model import Language, Value

router = APIRouter(prefix="/people", include_in_schema=False)

KEY_RIGHTS: Final[tuple[Right, ...]] = ("read", "draft", "review")
"""What a program has any use for: every route that a key opens asks for one of these."""
_SENTENCES: Final = {
    "role": _("The role was changed, from that person's next click on."),
    "disabled": _("The account was disabled; its sessions have ended."),
    "enabled": _("The account is open again. Make a sign-in link, or let the person sign in as before."),
    "revoked": _("The key was revoked; it opens nothing any more."),
}
Short = Annotated[str, Field(max_length=200), Keepable]


class NewPerson(Value):
    """The form of a new account as it was filled in."""

    csrf: Short = ""
    name: Short = ""
    shown_as: Short = ""
    role: Short = Role.AGENT.value
    lang: Language = "zh"


class NewKey(Value):
    """The form of a new key as it was filled in."""

    csrf: Short = ""
    name: Short = ""
    right: tuple[Right, ...] = ("read",)


class Once(Value):
    """What is shown once and never again: the address of a sign-in link, or the secret of a key."""

    title: str
    secret: str
    note: str


@router.get("")
def show(request: Request, caller: Administrator, told: str = "") -> Response:
    return _page(request, caller, told=translator(request)(_SENTENCES.get(told, "")))


@router.post("")
def add(request: Request, caller: Administrator, form: Annotated[NewPerson, Form()]) -> Response:
    """Make an account, and show once the link that signs its person in."""
    accounts = services_of(request).accounts
    try:
        role = Role(form.role) if form.role in tuple(Role) else Role.AGENT
        shown_as = form.shown_as.strip() or form.name.strip()
        person = accounts.add(form.name, shown_as=shown_as, role=role, lang=form.lang, password=None, by=caller.id)
    except DrafterError as error:
        return _page(request, caller, error=error, person=form)
    return _with_link(request, caller, person)


@router.post("/keys")
def add_key(request: Request, caller: Administrator, form: Annotated[NewKey, Form()]) -> Response:
    """Make a key, and show its secret once."""
    say = translator(request)
    try:
        key, secret = services_of(request).accounts.new_key(form.name, form.right, by=caller.id)
    except DrafterError as error:
        return _page(request, caller, error=error, key=form)
    title = say("This is the key {name}. Copy it now: it is not kept, and not shown again.").format(name=key.name)
    note = say("The program sends it as Authorization: Bearer, followed by the key.")
    return _page(request, caller, once=Once(title=title, secret=secret, note=note))


@router.post("/keys/{key_id}/revoke")
def revoke_key(key_id: str, request: Request, caller: Administrator) -> Response:
    """Take a key its rights for good."""
    services_of(request).accounts.revoke_key(key_id, by=caller.id)
    return go("/people", told="revoked")


@router.post("/{person_id}/role")
def change_role(person_id: str, request: Request, caller: Administrator, role: Annotated[Role, Form()]) -> Response:
    """Give somebody another role."""
    change = services_of(request).accounts.change_role
    return _after(request, caller, person_id, "role", lambda person: change(person, role, by=caller.id))


@router.post("/{person_id}/disable")
def disable(person_id: str, request: Request, caller: Administrator) -> Response:
    """Keep somebody out from now on."""
    change = services_of(request).accounts.disable
    return _after(request, caller, person_id, "disabled", lambda person: change(person, by=caller.id))


@router.post("/{person_id}/enable")
def enable(person_id: str, request: Request, caller: Administrator) -> Response:
    """Let somebody in again."""
    change = services_of(request).accounts.enable
    return _after(request, caller, person_id, "enabled", lambda person: change(person, by=caller.id))


@router.post("/{person_id}/link")
def link(person_id: str, request: Request, caller: Administrator) -> Response:
    """Show once a new link that signs somebody in."""
    person = services_of(request).store.people.person(person_id)
    try:
        return _with_link(request, caller, person)
    except DrafterError as error:
        return _page(request, caller, error=error)


def _with_link(request: Request, caller: Caller, person: Person) -> Response:
    accounts, say = services_of(request).accounts, translator(request)
    token = accounts.link_for(person, by=caller.id)
    title = say("This link signs {name} in. Copy it now: it is not shown again.").format(name=person.shown_as)
    minutes = int(accounts.link_lifetime.total_seconds() // 60)
    note = say("It works once, within {minutes} minutes. Give it to this person alone, and do not open it yourself.")
    address = str(request.base_url).rstrip("/")
    once = Once(title=title, secret=f"{address}/sign-in/link/{token}", note=note.format(minutes=minutes))
    return _page(request, caller, once=once)


def _after(request: Request, caller: Caller, person_id: str, told: str, change: Callable[[Person], Person]) -> Response:
    """Change an account and go back to the list, or tell there why it was not done."""
    person = services_of(request).store.people.person(person_id)
    try:
        change(person)
    except NotFoundError:
        raise
    except DrafterError as error:
        return _page(request, caller, error=error)
    return go("/people", told=told)


def _page(
    request: Request,
    caller: Caller,
    *,
    told: str = "",
    error: DrafterError | None = None,
    once: Once | None = None,
    person: NewPerson | None = None,
    key: NewKey | None = None,
) -> Response:
    services, say = services_of(request), translator(request)
    everybody = services.store.people.all()
    return page(
        request,
        "people.html",
        status_code=status_of(error) if error else 200,
        people=sorted(everybody, key=lambda one: one.disabled),
        seen=services.store.people.seen(),
        keys=sorted(services.store.people.api_keys(), key=lambda one: one.revoked_at is not None),
        names={one.id: one.shown_as for one in everybody},
        mine=caller.id,
        roles=[role.value for role in Role],
        key_rights=[(right, say(_RIGHTS[right])) for right in KEY_RIGHTS],
        rights={right: say(words) for right, words in _RIGHTS.items()},
        once=once,
        person=person or NewPerson(),
        key=key or NewKey(),
        opened="person" if person else "key" if key else "",
        now=services.clock.now(),
        told=error.told(say) if error else told,
        told_bad=error is not None,
    )


_RIGHTS: Final[dict[Right, str]] = {
    "read": _("read cases and drafts"),
    "draft": _("open cases and ask for drafts"),
    "review": _("read the review"),
    "lead": _("a lead's"),
    "review-lead": _("a QA lead's"),
}

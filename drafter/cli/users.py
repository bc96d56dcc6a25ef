"""`drafter users` and `drafter keys`: who may come in, people and machines."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Final, get_args

import typer

from drafter.cli.language import _, interface_language

if TYPE_CHECKING:
    from drafter.desk.people import Accounts
    from drafter.domain import ApiKey, Person, Right, Role
    from drafter.store.repository import SqlStore

# What a Chinese desk calls the roles, understood in every language of the interface.
_CHINESE_ROLES: Final = {
    "坐席": "agent",
    "坐席主管": "agent-lead",
    "质检员": "qa",
    "质检主管": "qa-lead",
    "管理员": "admin",
}
# A line longer than any password may be is not read into memory.
_MOST_BYTES: Final = 4096

_Name = Annotated[str, typer.Argument(help=_("Name typed at sign-in."))]
_AsJson = Annotated[bool, typer.Option("--json", help=_("Print JSON."))]


def register(app: typer.Typer) -> None:
    users = typer.Typer(help=_("People with an account."), no_args_is_help=True)
    users.command("add", help=_("Make an account; asks for the password, or reads it from standard input."))(add)
    users.command("list", help=_("List everybody."))(list_people)
    users.command("disable", help=_("Keep somebody out from now on; their sessions end."))(disable)
    users.command("enable", help=_("Let somebody in again."))(enable)
    users.command("password", help=_("Give somebody another password; their sessions end."))(change_password)
    users.command("link", help=_("Print a path that signs somebody in once."))(link)
    users.command("subject", help=_("Say who somebody is at the identity provider; their sessions end."))(link_subject)
    app.add_typer(users, name="users")
    keys = typer.Typer(help=_("API keys, with which machines come in."), no_args_is_help=True)
    keys.command("add", help=_("Make a key and print it, once."))(add_key)
    keys.command("list", help=_("List the keys, without what opens the desk."))(list_keys)
    keys.command("revoke", help=_("Take a key its rights for good."))(revoke_key)
    app.add_typer(keys, name="keys")


def add(
    name: _Name,
    *,
    role: Annotated[str, typer.Option(help=_("agent, agent-lead, qa, qa-lead or admin."))],
    shown_as: Annotated[str | None, typer.Option(metavar="NAME", help=_("Name that colleagues see."))] = None,
    lang: Annotated[str | None, typer.Option(help=_("Language of their pages: zh or en."))] = None,
    by_link: Annotated[bool, typer.Option("--link", help=_("No password: print a path that signs in once."))] = False,
    subject: Annotated[
        str | None, typer.Option(metavar="SUB", help=_("No password: who they are at the identity provider."))
    ] = None,
) -> None:
    from drafter.cli.cases import language

    kind, pages = _role(role), language(lang) or interface_language()
    known_as = None if subject is None else _at_provider(subject)
    with _open() as (accounts, _store):
        password = None if by_link or known_as else _password()
        person = accounts.add(
            name, shown_as=shown_as or name, role=kind, lang=pages, password=password, by="system", subject=known_as
        )
        typer.echo(_person_line(person), err=by_link)
        if by_link:
            _print_link(accounts, person)


def list_people(*, as_json: _AsJson = False) -> None:
    with _open() as (_accounts, store):
        for person in store.people.all():
            typer.echo(person.model_dump_json() if as_json else _person_line(person))


def disable(name: _Name) -> None:
    with _open() as (accounts, _store):
        typer.echo(_person_line(accounts.disable(accounts.named(name))))


def enable(name: _Name) -> None:
    with _open() as (accounts, _store):
        typer.echo(_person_line(accounts.enable(accounts.named(name))))


def change_password(name: _Name) -> None:
    with _open() as (accounts, _store):
        person = accounts.named(name)
        typer.echo(_person_line(accounts.change_password(person, _password())))


def link(name: _Name) -> None:
    with _open() as (accounts, _store):
        _print_link(accounts, accounts.named(name))


def link_subject(
    name: _Name,
    subject: Annotated[
        str | None, typer.Argument(metavar="SUB", help=_("Their subject, as the sign-in page shows it to them."))
    ] = None,
    *,
    nobody: Annotated[bool, typer.Option("--nobody", help=_("They are nobody there any more."))] = False,
) -> None:
    from drafter.errors import InputError

    if (subject is None) != nobody:
        raise InputError("Give the subject, or --nobody to take the link away; nothing was changed.")
    known_as = None if subject is None else _at_provider(subject)
    with _open() as (accounts, _store):
        typer.echo(_person_line(accounts.set_subject(accounts.named(name), known_as)))


def add_key(
    name: Annotated[str, typer.Argument(help=_("What the key is for."))],
    *,
    right: Annotated[list[str], typer.Option(help=_("read, draft, lead, review or review-lead; give one or more."))],
) -> None:
    rights = {_right(word) for word in right}
    with _open() as (accounts, _store):
        key, secret = accounts.new_key(name, rights, by="system")
        # Standard output holds the secret alone, so that a script can keep it.
        typer.echo(_("This is key {id}; keep it now, it is not shown again:").format(id=key.id), err=True)
        typer.echo(secret)


def list_keys(*, as_json: _AsJson = False) -> None:
    with _open() as (_accounts, store):
        for key in store.people.api_keys():
            typer.echo(key.model_dump_json() if as_json else _key_line(key))


def revoke_key(key_id: Annotated[str, typer.Argument(metavar="ID", help=_("Id as `keys list` prints it."))]) -> None:
    with _open() as (accounts, _store):
        typer.echo(_key_line(accounts.revoke_key(key_id, by="system")))


@contextmanager
def _open() -> Iterator[tuple[Accounts, SqlStore]]:
    from drafter.bootstrap import SystemClock, open_store
    from drafter.desk.people import Accounts
    from drafter.settings import load_settings

    with open_store(load_settings()) as store:
        yield Accounts(store=store.people, clock=SystemClock()), store


def _at_provider(subject: str) -> str:
    from drafter.domain import at_provider
    from drafter.errors import SettingsError
    from drafter.settings import load_settings

    provider = load_settings().identity_provider()
    if provider is None:
        raise SettingsError("No identity provider is set; set DRAFTER_OIDC_ISSUER and what belongs to it first.")
    return at_provider(provider.issuer, subject)


def _role(name: str) -> Role:
    from drafter.domain import Role
    from drafter.errors import InputError

    try:
        return Role(_CHINESE_ROLES.get(name, name))
    except ValueError as error:
        raise InputError(
            "{role} is no role of this desk; choose agent, agent-lead, qa, qa-lead or admin.", role=repr(name)
        ) from error


def _right(name: str) -> Right:
    from drafter.domain import Right
    from drafter.errors import InputError

    for known in get_args(Right):
        if name == known:
            return known  # type: ignore[no-any-return] # get_args loses the literal's type
    raise InputError("{right} is no right; choose read, draft, lead, review or review-lead.", right=repr(name))


def _password() -> str:
    from drafter.errors import InputError

    if sys.stdin.isatty():
        asked: str = typer.prompt(_("Password"), hide_input=True, confirmation_prompt=_("Once more"))
        return asked
    try:
        return sys.stdin.buffer.readline(_MOST_BYTES).decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise InputError("The password is not in UTF-8; nothing was changed. Send it in UTF-8.") from error


def _print_link(accounts: Accounts, person: Person) -> None:
    token = accounts.link_for(person)
    minutes = int(accounts.link_lifetime.total_seconds() // 60)
    told = _("Open this once, within {minutes} minutes, at the address of the desk:")
    typer.echo(told.format(minutes=minutes), err=True)
    typer.echo(f"/sign-in/link/{token}")


def _person_line(person: Person) -> str:
    chinese = {value: name for name, value in _CHINESE_ROLES.items()}
    role = chinese[person.role] if interface_language() == "zh" else person.role
    disabled = "  " + _("disabled") if person.disabled else ""
    return f"{person.name}  {role}  {person.shown_as}  {person.lang}{disabled}"


def _key_line(key: ApiKey) -> str:
    revoked = "" if key.revoked_at is None else "  " + _("revoked")
    return f"{key.id}  {key.name}  {','.join(sorted(key.rights))}  {key.created_at:%Y-%m-%d}{revoked}"

"""`drafter serve`: the console and the HTTP API on this machine."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from drafter.cli.language import _, interface_language

if TYPE_CHECKING:
    from socket import socket

    from drafter.store.repository import SqlStore

_MOST_WAITING = 2048
# Longer than a proxy keeps a connection open (60 s is usual), so that it is never the desk that closes one under a
# request that is just being sent.
_KEPT_OPEN_S = 75
_DEMO = (("demo-agent", "agent"), ("demo-qa", "qa"), ("demo-qa-lead", "qa-lead"), ("demo-admin", "admin"))


def register(app: typer.Typer) -> None:
    app.command("serve", help=_("Serve the console and the HTTP API until Ctrl-C; with sample cases on first start."))(
        serve
    )


def serve(
    *,
    host: Annotated[str, typer.Option(help=_("Address to listen on."))] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help=_("Port to listen on."))] = 8000,
) -> None:
    import uvicorn

    from drafter.bootstrap import in_force, open_store
    from drafter.cli.model import ensure_model
    from drafter.errors import DrafterError
    from drafter.settings import load_settings
    from drafter.web.app import create_app

    settings = load_settings()
    if in_force(settings).embedded:
        ensure_model(settings)
    listening = _listening(host, port)
    with open_store(settings) as store:
        links = _first_start(store, f"http://{host}:{port}")
    typer.echo(_("Starting the desk ..."))

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket] | None = None) -> None:
            await super().startup(sockets)
            if not self.started:
                return
            # Not before: a link that is printed is opened at once, and the model may take a while to come up.
            typer.echo(links + _("The desk is at http://{host}:{port} until Ctrl-C.").format(host=host, port=port))

    app = create_app(settings, warm=(interface_language(),))
    # Behind a proxy, the proxy's headers say who calls; nobody else's are believed.
    server = Server(
        uvicorn.Config(
            app, host=host, port=port, log_level="warning", access_log=False, timeout_keep_alive=_KEPT_OPEN_S
        )
    )
    with suppress(KeyboardInterrupt):
        server.run(sockets=[listening])
    if not server.started:
        raise DrafterError("The desk could not start; the lines above say why.")


def _listening(host: str, port: int) -> socket:
    """Return the socket that the desk will answer on; whoever connects before it answers waits.

    Raises:
        InputError: nothing can be served there.
    """
    from socket import SOCK_STREAM, create_server, getaddrinfo

    from drafter.errors import InputError

    try:
        family, *_rest, address = getaddrinfo(host, port, type=SOCK_STREAM)[0]
        return create_server(address, family=family, backlog=_MOST_WAITING)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise InputError(
            "Nothing can be served at {host}:{port} ({why}); choose another with --host or --port.",
            host=host,
            port=port,
            why=why,
        ) from error


def _first_start(store: SqlStore, address: str) -> str:
    """Make demo accounts and sample cases where there is nobody yet; return what to tell of the one-time links."""
    from drafter.bootstrap import SystemClock
    from drafter.desk.people import Accounts
    from drafter.domain import SYSTEM, Role

    if store.people.all():
        return ""
    accounts = Accounts(store=store.people, clock=SystemClock())
    _add_samples(store)
    shown_as = {
        "demo-agent": _("Demo agent"),
        "demo-qa": _("Demo reviewer"),
        "demo-qa-lead": _("Demo QA lead"),
        "demo-admin": _("Demo administrator"),
    }
    told = [_("First start: open one of these links; each signs in once, within 15 minutes.")]
    for name, role in _DEMO:
        person = accounts.add(
            name, shown_as=shown_as[name], role=Role(role), lang=interface_language(), password=None, by=SYSTEM
        )
        told.append(f"  {shown_as[name]}: {address}/sign-in/link/{accounts.link_for(person)}")
    told.append(_("For real work, make accounts with `drafter users add`, and disable these: `drafter users disable`."))
    return "\n".join([*told, ""])


def _add_samples(store: SqlStore) -> None:
    from drafter.bootstrap import SystemClock, triager
    from drafter.cli.trying import sample_cases

    for case in sample_cases(SystemClock()):
        store.add_case(case, triager().triage(case.message))

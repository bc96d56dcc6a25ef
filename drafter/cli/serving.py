"""`drafter serve`: the console and the HTTP API on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from drafter.cli.language import _, interface_language

if TYPE_CHECKING:
    from drafter.store.repository import SqlStore

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

    from drafter.bootstrap import open_store
    from drafter.cli.model import ensure_model
    from drafter.settings import load_settings
    from drafter.web.app import create_app

    settings = load_settings()
    if settings.embedded:
        ensure_model(settings)
    with open_store(settings) as store:
        _first_start(store, f"http://{host}:{port}")
    typer.echo(_("The desk is at http://{host}:{port} until Ctrl-C.").format(host=host, port=port))
    # Behind a proxy, the proxy's headers say who calls; nobody else's are believed.
    uvicorn.run(
        create_app(settings, warm=(interface_language(),)), host=host, port=port, log_level="warning", access_log=False
    )


def _first_start(store: SqlStore, address: str) -> None:
    """Make demo accounts with one-time links where there is nobody yet, and sample cases where there is none."""
    from drafter.bootstrap import SystemClock
    from drafter.desk.people import SYSTEM, Accounts
    from drafter.domain import Role

    if store.people.all():
        return
    accounts = Accounts(store=store.people, clock=SystemClock())
    _add_samples(store)
    shown_as = {
        "demo-agent": _("Demo agent"),
        "demo-qa": _("Demo reviewer"),
        "demo-qa-lead": _("Demo QA lead"),
        "demo-admin": _("Demo administrator"),
    }
    typer.echo(_("First start: open one of these links; each signs in once, within 15 minutes."))
    for name, role in _DEMO:
        person = accounts.add(
            name, shown_as=shown_as[name], role=Role(role), lang=interface_language(), password=None, by=SYSTEM
        )
        typer.echo(f"  {shown_as[name]}: {address}/sign-in/link/{accounts.link_for(person)}")
    typer.echo(_("For real work, make accounts with `drafter users add`, and disable these: `drafter users disable`."))


def _add_samples(store: SqlStore) -> None:
    from drafter.bootstrap import SystemClock, triager
    from drafter.cli.trying import sample_cases

    for case in sample_cases(SystemClock()):
        store.add_case(case, triager().triage(case.message))

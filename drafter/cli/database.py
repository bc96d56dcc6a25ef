"""`drafter db`: the database's schema."""

from __future__ import annotations

import typer

from drafter.cli.language import _


def register(app: typer.Typer) -> None:
    group = typer.Typer(help=_("The database."), no_args_is_help=True)
    group.command("upgrade", help=_("Bring the database to this version's schema; data are kept."))(upgrade)
    app.add_typer(group, name="db")


def upgrade() -> None:
    from drafter.settings import load_settings
    from drafter.store.upgrading import upgrade as bring_up

    revision = bring_up(load_settings().database)
    typer.echo(_("The database is at revision {revision}.").format(revision=revision))

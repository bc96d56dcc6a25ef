"""`drafter tier`: a tier proposed from a credit record, and how each tier is written to."""

from __future__ import annotations

from typing import Annotated

import typer

from drafter.cli.language import _, interface_language


def register(app: typer.Typer) -> None:
    group = typer.Typer(help=_("Propose a tier, or show how each is written to."), no_args_is_help=True)
    group.command("suggest", help=_("Propose a tier from a credit record; a human decides."))(suggest)
    group.command("show", help=_("Show how the tiers are written to."))(show)
    app.add_typer(group, name="tier")


def suggest(
    record: Annotated[str, typer.Argument(metavar="RECORD.json|-", help=_("The credit record as JSON."))],
    *,
    as_json: Annotated[bool, typer.Option("--json", help=_("Print JSON."))] = False,
) -> None:
    from drafter.cli.reading import read_bytes
    from drafter.desk.tiers import manners
    from drafter.desk.tiers.scoring import read_record, suggest_tier

    lang = interface_language()
    proposed = suggest_tier(read_record(read_bytes(record)), lang=lang)
    if as_json:
        typer.echo(proposed.model_dump_json())
        return
    typer.echo(f"{manners()[proposed.tier].title[lang]} ({proposed.tier.value}), {proposed.score:g}/100")
    for reason in proposed.reasons:
        typer.echo(f"  {reason.points:>4g}/{reason.most:<3} {reason.about:<12} {reason.reason}")
    typer.echo(_("This is a proposal; a human decides."))


def show() -> None:
    from drafter.desk.tiers import manners

    lang = interface_language()
    for tier, manner in manners().items():
        typer.echo(f"{manner.title[lang]} ({tier.value})")
        for said in (manner.manner, manner.question, manner.firmness):
            typer.echo(f"  {said[lang]}")
        typer.echo(
            _("  comes back after {days} days, at most {contacts} contacts a week, by {channels}").format(
                days=manner.follow_up_days, contacts=manner.contacts_a_week, channels=", ".join(manner.channels)
            )
        )

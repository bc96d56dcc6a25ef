"""`drafter followups`: promises to look after and contacts to make, and what became of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, get_args

import typer

from drafter.cli.language import _

if TYPE_CHECKING:
    from drafter.domain import FollowUp


def register(app: typer.Typer) -> None:
    group = typer.Typer(help=_("Promises to look after and contacts to make."), no_args_is_help=True)
    group.command("list", help=_("List what is still to be done, the soonest first."))(list_open)
    group.command("mark", help=_("Note what became of one: kept, broken or done."))(mark)
    app.add_typer(group, name="followups")


def list_open(
    *,
    until: Annotated[str | None, typer.Option(metavar="DATE", help=_("Only what is due by this day."))] = None,
    as_json: Annotated[bool, typer.Option("--json", help=_("Print JSON."))] = False,
) -> None:
    from datetime import date

    from drafter.bootstrap import open_store
    from drafter.errors import InputError
    from drafter.settings import load_settings

    try:
        day = date.fromisoformat(until) if until is not None else None
    except ValueError as error:
        raise InputError("{date} is no date; write it as 2026-03-31.", date=repr(until)) from error
    with open_store(load_settings()) as store:
        for one in store.follow_ups(until=day):
            typer.echo(one.model_dump_json() if as_json else _line(one))


def mark(
    follow_up: Annotated[int, typer.Argument(help=_("Number as `followups list` prints it."))],
    status: Annotated[str, typer.Argument(help="kept, broken, done")],
) -> None:
    from drafter.bootstrap import open_store
    from drafter.domain import Settled
    from drafter.errors import InputError
    from drafter.settings import load_settings

    for known in get_args(Settled):
        if status == known:
            with open_store(load_settings()) as store:
                typer.echo(_line(store.settle_follow_up(follow_up, known)))
            return
    raise InputError("{status} is none of kept, broken and done.", status=repr(status))


def _line(one: FollowUp) -> str:
    what = {"promise": _("promise"), "contact": _("contact")}[one.kind]
    amount = "" if one.amount is None else f"  {one.amount} {one.currency or ''}".rstrip()
    return f"{one.id}  {one.due or '-'}  {what}  {one.status}  {one.case_id}{amount}  {one.quote}".rstrip()

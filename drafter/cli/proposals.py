"""`drafter review proposals`: changes of the rules that reviewers ask for, and a second person decides about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from drafter.cli.language import _

if TYPE_CHECKING:
    from drafter.desk.proposing import Proposals
    from drafter.domain import Person, Proposal
    from drafter.store.repository import SqlStore

Id = Annotated[str, typer.Argument(metavar="PROPOSAL", help=_("Id as `review proposals` prints it."))]
By = Annotated[str, typer.Option("--by", metavar="NAME", help=_("Name of the account of whoever does this."))]


def register(group: typer.Typer) -> None:
    group.command("proposals", help=_("List the changes of the rules that reviewers ask for."))(list_proposals)
    group.command("effect", help=_("Show what a proposal would have altered."))(effect)
    group.command("approve", help=_("Approve a proposal, as a second person."))(approve)
    group.command("decline", help=_("Turn a proposal down."))(decline)
    group.command("publish", help=_("Write the approved changes to the folder of rules again."))(publish)


def list_proposals(
    *,
    export: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help=_("Also write every approved change as a file there."))
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help=_("Print JSON."))] = False,
) -> None:
    with _opened(export) as (proposals, store):
        for one in store.proposals.all():
            typer.echo(one.model_dump_json() if as_json else _line(one))
        if export is not None:
            proposals.publish()


def effect(proposal: Id, *, as_json: Annotated[bool, typer.Option("--json", help=_("Print JSON."))] = False) -> None:
    with _opened() as (proposals, _store):
        found = proposals.effect(proposal)
    if as_json:
        typer.echo(found.model_dump_json())
        return
    told = _("This change would have altered {altered} of {decisions} past decisions.")
    typer.echo(told.format(altered=len(found.altered), decisions=found.decisions))
    for one in found.altered:
        upheld = _("  (a reviewer upheld the old verdict)") if one.upheld else ""
        typer.echo(f"  {one.draft_id} v{one.version}: {one.now} > {one.then}{upheld}")
    for example in found.lost:
        typer.echo(_("  no longer found: {example}").format(example=example))


def approve(proposal: Id, *, by: By) -> None:
    with _opened() as (proposals, store):
        typer.echo(_line(proposals.approve(proposal, by=person_of(store, by))))


def decline(proposal: Id, *, by: By, reason: Annotated[str, typer.Option(help=_("Why, in a few words."))]) -> None:
    with _opened() as (proposals, store):
        typer.echo(_line(proposals.decline(proposal, reason=reason, by=person_of(store, by))))


def publish() -> None:
    with _opened() as (proposals, _store):
        proposals.publish()
        typer.echo(str(proposals.rules))


def person_of(store: SqlStore, name: str) -> Person:
    """Return who does it; NotFoundError where there is nobody of this name."""
    from drafter.bootstrap import SystemClock
    from drafter.desk.people import Accounts

    return Accounts(store=store.people, clock=SystemClock()).named(name)


@contextmanager
def _opened(folder: Path | None = None) -> Iterator[tuple[Proposals, SqlStore]]:
    from drafter.bootstrap import SystemClock, amendments_folder, guards, open_store
    from drafter.desk.proposing import Proposals
    from drafter.settings import load_settings

    settings = load_settings()
    rules = folder or amendments_folder(settings)
    with open_store(settings) as store:
        yield Proposals(store=store.proposals, guard=guards(settings), clock=SystemClock(), rules=rules), store


def _line(one: Proposal) -> str:
    change = f"{one.unless!r}" if one.unless else one.note
    return f"{one.id}  {one.status}  {one.rule} ({one.lang})  “{one.quote}”  {one.scope}: {change}"

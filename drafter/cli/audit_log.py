"""`drafter audit-log`: the journal of who did what, checked and handed out."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from drafter.cli.language import _

if TYPE_CHECKING:
    from drafter.store.journal import SqlJournal


def register(app: typer.Typer) -> None:
    group = typer.Typer(help=_("The journal of who did what."), no_args_is_help=True)
    group.command("verify", help=_("Check that no entry was changed, moved, added or lost."))(verify)
    group.command("export", help=_("Write the entries as JSON lines, the oldest first."))(export)
    app.add_typer(group, name="audit-log")


def verify() -> int:
    with _journal() as journal:
        fault = journal.first_fault()
        count, _hash = journal.end()
    if fault is None:
        typer.echo(_("The journal is whole: {count} entries.").format(count=count))
        return 0
    told = _("The journal is not whole: entry {number} was changed, moved, added or lost; those before it are whole.")
    typer.echo(told.format(number=fault))
    return 1


def export(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help=_("File to write, or - for standard output."))],
    *,
    subject: Annotated[
        str | None, typer.Option(metavar="ID", help=_("Only what was done to this draft, case or person."))
    ] = None,
    actor: Annotated[str | None, typer.Option(metavar="ID", help=_("Only what this person did."))] = None,
) -> None:
    with _journal() as journal, _written(file) as out:
        for entry in journal.entries(subject=subject, actor=actor):
            out.write(entry.model_dump_json() + "\n")


@contextmanager
def _journal() -> Iterator[SqlJournal]:
    from drafter.bootstrap import open_store
    from drafter.settings import load_settings

    with open_store(load_settings()) as store:
        yield store.journal


@contextmanager
def _written(file: str) -> Iterator[TextIO]:
    """Give a file that takes its name only once it is whole, so that half an export is never taken for one."""
    if file == "-":
        yield sys.stdout
        return
    part = Path(f"{file}.part")
    try:
        with part.open("w", encoding="utf-8", newline="\n") as out:
            yield out
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)

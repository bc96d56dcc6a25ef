"""`drafter audit-log`: the journal of who did what, checked and handed out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from drafter.cli.language import _
from drafter.cli.reading import day_of, lines_of
from drafter.cli.writing import written

if TYPE_CHECKING:
    from drafter.domain import Entry
    from drafter.store.repository import SqlStore


def register(app: typer.Typer) -> None:
    group = typer.Typer(help=_("The journal of who did what."), no_args_is_help=True)
    group.command("verify", help=_("Check that no entry was changed, moved, added or lost."))(verify)
    group.command("export", help=_("Write the entries as JSON lines, the oldest first."))(export)
    app.add_typer(group, name="audit-log")


def verify(
    *,
    file: Annotated[
        str | None, typer.Option(metavar="FILE|-", help=_("Check what `audit-log export` wrote, without the desk."))
    ] = None,
) -> int:
    if file is not None:
        return _verify_file(file)
    with _store() as store:
        fault = store.journal.first_fault()
        count, _hash = store.journal.end()
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
    case: Annotated[
        str | None, typer.Option(metavar="ID", help=_("Only what was done to this case and its drafts."))
    ] = None,
    actor: Annotated[str | None, typer.Option(metavar="ID", help=_("Only what this person did."))] = None,
    since: Annotated[
        str | None, typer.Option(metavar="DATE", help=_("Only what was done on this day or later."))
    ] = None,
    until: Annotated[str | None, typer.Option(metavar="DATE", help=_("Only what was done before this day."))] = None,
) -> None:
    first, last = day_of(since), day_of(until)
    with _store() as store, written(file) as out:
        subjects = None if case is None else [case, *store.privacy.drafts_of(case)]
        entries = store.journal.entries(subject=subject, subjects=subjects, actor=actor, since=first, until=last)
        for entry in entries:
            out.write(entry.model_dump_json() + "\n")


def _verify_file(file: str) -> int:
    """Check lines of an export: each by its own hash, and neighbours by the hash that names the one before."""
    count, gaps, last = 0, 0, None
    for number, entry in _entries(file):
        if entry is None or not entry.whole or (last is not None and not _follows(entry, last)):
            told = _("Line {number} was changed, or does not follow the line before it; the lines before it are whole.")
            typer.echo(told.format(number=number))
            return 1
        gaps += entry.number != (1 if last is None else last.number + 1)
        count, last = count + 1, entry
    if last is None:
        typer.echo(_("The file holds no entries."))
        return 0
    if gaps:
        told = _("{count} entries, each whole; {gaps} gaps between them, as in an excerpt.")
        typer.echo(told.format(count=count, gaps=gaps))
    else:
        typer.echo(_("{count} entries from the first on, each whole and none missing.").format(count=count))
    told = _("The last is number {number}, hash {hash}; the desk's own must have the same.")
    typer.echo(told.format(number=last.number, hash=last.hash))
    return 0


def _entries(file: str) -> Iterator[tuple[int, Entry | None]]:
    from pydantic import ValidationError

    from drafter.domain import Entry

    for number, line in lines_of(file):
        try:
            yield number, Entry.model_validate_json(line)
        except ValidationError:
            yield number, None


def _follows(entry: Entry, last: Entry) -> bool:
    if entry.number == last.number + 1:
        return entry.previous == last.hash
    return entry.number > last.number


@contextmanager
def _store() -> Iterator[SqlStore]:
    from drafter.bootstrap import open_store
    from drafter.settings import load_settings

    with open_store(load_settings()) as store:
        yield store

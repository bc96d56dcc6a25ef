"""`drafter privacy`: a debtor's copy of what is kept, and its erasure."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from drafter.cli.language import _
from drafter.cli.proposals import person_of
from drafter.cli.writing import written

if TYPE_CHECKING:
    from drafter.desk.privacy import Privacy
    from drafter.domain import Erased, KnownCase, Person, Swept
    from drafter.settings import Settings
    from drafter.store.repository import SqlStore

Debtor = Annotated[
    list[str],
    typer.Argument(
        metavar="DEBTOR...",
        help=_(
            "Id or external id of each case of the debtor, or the whole name and the last four digits of the account "
            "in quotes."
        ),
    ),
]
By = Annotated[
    str | None,
    typer.Option("--by", metavar="NAME", help=_("Name of the administrator who does this, for the journal.")),
]
_MOST_TOLD = 10


def register(app: typer.Typer) -> None:
    group = typer.Typer(help=_("What is kept about a debtor: a copy of it, and its erasure."), no_args_is_help=True)
    group.command("export", help=_("Write everything kept about a debtor as one JSON document."))(export)
    group.command("erase", help=_("Erase the texts of a debtor's cases; the journal stays whole."))(erase)
    group.command("sweep", help=_("Erase the texts of cases that are older than DRAFTER_KEEP_DAYS."))(sweep)
    group.command("scrub", help=_("Take what was erased out of the database's files too."))(scrub)
    app.add_typer(group, name="privacy")


def export(
    debtor: Debtor,
    *,
    out: Annotated[
        str, typer.Option("--out", metavar="FILE|-", help=_("File to write, or - for standard output."))
    ] = "-",
    by: By = None,
) -> None:
    with _opened() as (privacy, store, _settings):
        cases = privacy.find(debtor)
        _warn(privacy, cases)
        document = privacy.export(cases, _heading(), by=_who(store, by))
    with written(out) as file:
        file.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")


def erase(
    debtor: Debtor,
    *,
    reason: Annotated[
        str | None, typer.Option(help=_("Why, in words that tell nothing about the debtor; it is kept."))
    ] = None,
    force: Annotated[bool, typer.Option("--force", help=_("Erase also what a law still keeps."))] = False,
    yes: Annotated[bool, typer.Option("--yes", help=_("Do not ask."))] = False,
    by: By = None,
) -> int:
    with _opened() as (privacy, store, _settings):
        cases, person = privacy.find(debtor), _who(store, by)
        _warn(privacy, cases)
        for case in cases:
            typer.echo(_line(privacy, case), err=True)
        if not yes and not _confirmed(len(cases)):
            typer.echo(_("Nothing was erased."), err=True)
            return 1
        erased = privacy.erase(cases, by=person, reason=reason, force=force)
    _tell(erased)
    return 0


def sweep(
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help=_("Only show which cases would be erased."))] = False,
    never_answered: Annotated[
        bool, typer.Option("--never-answered", help=_("Erase also cases that nobody ever answered."))
    ] = False,
) -> None:
    from drafter.errors import SettingsError

    with _opened() as (privacy, _store, settings):
        if settings.keep_days is None:
            raise SettingsError(
                "DRAFTER_KEEP_DAYS is not set; nothing was erased. Set it to the days after which texts are erased."
            )
        swept = privacy.sweep(settings.keep_days, never_answered=never_answered, dry_run=dry_run)
    _tell_sweep(swept, dry_run=dry_run)


def scrub() -> None:
    with _opened() as (privacy, _store, _settings):
        privacy.scrub()
    typer.echo(_("What was erased is out of the database's files."))


@contextmanager
def _opened() -> Iterator[tuple[Privacy, SqlStore, Settings]]:
    from drafter.bootstrap import SystemClock, open_store
    from drafter.desk.privacy import Privacy
    from drafter.settings import load_settings

    settings = load_settings()
    with open_store(settings) as store:
        privacy = Privacy(
            store=store.privacy,
            tell=store.journal.add,
            people=store.people.all,
            clock=SystemClock(),
            record_days=settings.record_days,
        )
        yield privacy, store, settings


def _who(store: SqlStore, name: str | None) -> Person | None:
    return None if name is None else person_of(store, name)


def _warn(privacy: Privacy, cases: Sequence[KnownCase]) -> None:
    """Tell of cases that may be the same debtor's; only a person can see whether they are."""
    others = privacy.relatives(cases)
    if not others:
        return
    told = _("{count} more cases carry the same name; look at each, and name those too that are the same person's:")
    typer.echo(told.format(count=len(others)), err=True)
    for case in others[:_MOST_TOLD]:
        typer.echo(f"  {_line(privacy, case)}", err=True)
    if len(others) > _MOST_TOLD:
        typer.echo("  ...", err=True)


def _line(privacy: Privacy, case: KnownCase) -> str:
    hold = privacy.hold(case)
    notes = [
        _("erased on {day}").format(day=f"{case.erased_at:%Y-%m-%d}") if case.erased_at else "",
        _("an approved reply has not left yet") if case.under_way else "",
        _("must be kept until {day} ({law})").format(day=hold.until, law=hold.law)
        if hold and not case.erased_at
        else "",
    ]
    told = "; ".join(note for note in notes if note)
    return f"{case.id}  {case.external_id or '-'}  {case.created_at:%Y-%m-%d}  {told}".rstrip()


def _confirmed(count: int) -> bool:
    from drafter.errors import InputError

    if not sys.stdin.isatty():
        raise InputError("Nobody can be asked here; nothing was erased. Give --yes.")
    asked: bool = typer.confirm(_("Erase the texts of {count} cases for good?").format(count=count))
    return asked


def _tell(erased: Erased) -> None:
    told = _("Erased: {cases} cases, {rows} rows, {answers} kept answers. The journal is as it was.")
    typer.echo(told.format(cases=len(erased.cases), rows=erased.rows, answers=erased.answers))
    for proposal in erased.rule_changes:
        told = _("The change {id} of a rule came of it and stays in force; see that its phrase names nobody.")
        typer.echo(told.format(id=proposal), err=True)
    typer.echo(
        _("Outside of the desk: ask for erasure where the texts were sent, and mind exports and backups."),
        err=True,
    )


def _tell_sweep(swept: Swept, *, dry_run: bool) -> None:
    for case_id in swept.erased:
        typer.echo(case_id)
    told = _("{count} cases would be erased.") if dry_run else _("{count} cases were erased.")
    typer.echo(told.format(count=len(swept.erased)), err=True)
    if swept.held:
        told = _("{count} more are old enough, but a law still keeps them.")
        typer.echo(told.format(count=swept.held), err=True)
    if swept.open:
        told = _("{count} more are old enough, but were never answered; --never-answered erases them too.")
        typer.echo(told.format(count=swept.open), err=True)


def _heading() -> dict[str, str]:
    """Return what the document is, for a reader who knows nothing of the desk."""
    return {
        "title": _("Everything that the reply desk keeps about one debtor"),
        "what": _(
            "Each case holds what the debtor wrote, what was known of the account, what was seen in the messages, "
            "every reply that was drafted with all its versions and what the checks found, who approved what, how it "
            "left, what was promised, what reviewers said, and the journal of who saw and did what. Colleagues are "
            "named by id, with their role under “people”."
        ),
        "law": _(
            "A copy of personal data under the Personal Information Protection Law of China, art. 45, or the UK GDPR, "
            "arts. 15 and 20."
        ),
        "verify": _(
            "Each entry of the journal carries a hash of itself and of the one before it; `drafter audit-log export "
            "--case` writes the same entries as lines that can be verified."
        ),
    }

"""`drafter review`: what people make of the verdicts on drafts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Literal, TypeVar

import typer

from drafter.cli import proposals
from drafter.cli.language import _
from drafter.cli.proposals import person_of

if TYPE_CHECKING:
    from datetime import datetime

    from drafter.desk.agreement import Kappa
    from drafter.desk.review import Reviews
    from drafter.domain import Miss, ReviewItem
    from drafter.store.repository import SqlStore
    from guardrails.model import Value

    ValueT = TypeVar("ValueT", bound=Value)

Json = Annotated[bool, typer.Option("--json", help=_("Print JSON."))]
Name = Annotated[str, typer.Option("--by", metavar="NAME", help=_("Name of the account of whoever does this."))]
Ruled = Annotated[
    Literal["upheld", "overturned", "missed"], typer.Option(help=_("What became of the verdict."), show_choices=True)
]


def register(app: typer.Typer) -> None:
    group = typer.Typer(help=_("Review the verdicts on drafts."), no_args_is_help=True)
    group.command("list", help=_("List rejected drafts and the sample of passed ones, the newest first."))(list_queue)
    group.command("rule", help=_("Rule on a draft."))(rule)
    group.command("export", help=_("Write overturned and missed texts as lines that `drafter eval` reads."))(export)
    group.command("agreement", help=_("Show how far two reviewers agree."))(show_agreement)
    group.command("progress", help=_("Show how far each reviewer is."))(progress)
    proposals.register(group)
    app.add_typer(group, name="review")


def list_queue(
    *,
    rule: Annotated[str | None, typer.Option(help=_("Only where this rule was found."))] = None,
    status: Annotated[str | None, typer.Option(help="open, second-review, disputed, ruled, appealed, final")] = None,
    outcome: Annotated[str | None, typer.Option(help="upheld, overturned, missed")] = None,
    tier: Annotated[str | None, typer.Option(help="premium, general, high-risk")] = None,
    agent: Annotated[
        str | None, typer.Option(metavar="NAME", help=_("Only what this person edited or decided."))
    ] = None,
    assignee: Annotated[str | None, typer.Option(metavar="NAME", help=_("Only what this reviewer has."))] = None,
    model: Annotated[str | None, typer.Option(help=_("Only what this model wrote."))] = None,
    prompt_version: Annotated[str | None, typer.Option(help=_("Only what this prompt brought."))] = None,
    since: Annotated[str | None, typer.Option(metavar="DATE", help=_("Only drafts of this day or later."))] = None,
    until: Annotated[str | None, typer.Option(metavar="DATE", help=_("Only drafts of before this day."))] = None,
    cursor: Annotated[str | None, typer.Option(help=_("Go on where a page ended."))] = None,
    as_json: Json = False,
) -> None:
    from drafter.domain import ReviewFilter

    given = {"rule": rule, "status": status, "outcome": outcome, "tier": tier, "model": model}
    with _opened() as (reviews, store):
        people = {"agent": agent, "assignee": assignee}
        wanted = _value(
            ReviewFilter,
            {
                **given,
                "prompt_version": prompt_version,
                "since": _day(since),
                "until": _day(until),
                **{field: None if name is None else person_of(store, name).id for field, name in people.items()},
            },
        )
        page = reviews.page(wanted, cursor=cursor)
        if as_json:
            typer.echo(page.model_dump_json())
            return
        for item in page.items:
            typer.echo(_line(item))
        if page.next is not None:
            typer.echo(_("more: --cursor {cursor}").format(cursor=page.next))


def rule(
    draft_id: Annotated[str, typer.Argument(help=_("Id of the draft."))],
    *,
    by: Name,
    ruling: Ruled,
    reason: Annotated[
        str | None,
        typer.Option(help="rule-too-broad, context-missing, wrong-span, model-error, law-outdated"),
    ] = None,
    missed: Annotated[
        list[str] | None, typer.Option(metavar="RULE[:START-END]", help=_("What was missed, and where in the text."))
    ] = None,
    scope: Annotated[str, typer.Option(help="this-text, phrase-exception, rule-change")] = "this-text",
    unless: Annotated[str, typer.Option(metavar="PHRASE", help=_("The phrase that shall excuse from now on."))] = "",
    note: Annotated[str, typer.Option(help=_("In words."))] = "",
    final: Annotated[bool, typer.Option("--final", help=_("Settle it for good, as the QA lead."))] = False,
    as_json: Json = False,
) -> None:
    from drafter.domain import Judgement

    misses = [_miss(one) for one in missed or ()]
    given = _value(
        Judgement,
        {
            "outcome": ruling,
            "reason": reason,
            "misses": misses,
            "scope": scope,
            "unless": unless,
            "note": note,
        },
    )
    with _opened() as (reviews, store):
        person = person_of(store, by)
        done = reviews.settle(draft_id, given, by=person) if final else reviews.rule(draft_id, given, by=person)
        typer.echo(done.model_dump_json() if as_json else _line(done))


def export(file: Annotated[str, typer.Argument(metavar="FILE.jsonl|-", help=_("Where to write; - for here."))]) -> None:
    from pathlib import Path

    from drafter.desk.labelling import labelled

    with _opened() as (_reviews, store):
        lines = [one.model_dump_json() for one in labelled(store.review.standing())]
    text = "".join(f"{line}\n" for line in lines)
    if file == "-":
        typer.echo(text, nl=False)
        return
    Path(file).write_text(text, encoding="utf-8")
    typer.echo(_("{count} labelled texts in {file}").format(count=len(lines), file=file), err=True)


def show_agreement(*, as_json: Json = False) -> None:
    with _opened() as (reviews, _store):
        found = reviews.agreement()
    if as_json:
        typer.echo(found.model_dump_json())
        return
    typer.echo(_kappa(_("drafts"), found.drafts))
    typer.echo(_kappa(_("findings"), found.findings))
    for name, one in found.by_rule.items():
        typer.echo(_kappa(f"  {name}", one))


def progress(*, as_json: Json = False) -> None:
    with _opened() as (reviews, _store):
        found = reviews.progress()
    if as_json:
        typer.echo(found.model_dump_json())
        return
    for one in found.reviewers:
        typer.echo(f"{one.person}  {one.done}/{one.total}")
    typer.echo(_("all: {done}/{total}").format(done=found.done, total=found.total))


@contextmanager
def _opened() -> Iterator[tuple[Reviews, SqlStore]]:
    from datetime import timedelta

    from drafter.bootstrap import SystemClock, guard_for, open_store
    from drafter.desk.review import Reviews
    from drafter.settings import load_settings

    environment = load_settings()
    with open_store(environment) as store:
        settings = environment.overlaid(store.choices.newest().chosen)
        reviews = Reviews(
            store=store.review,
            guard=guard_for,
            clock=SystemClock(),
            sample=settings.review_sample,
            double=settings.review_double,
            appeal=timedelta(days=settings.appeal_days),
        )
        yield reviews, store


def _value(kind: type[ValueT], given: dict[str, object]) -> ValueT:
    from pydantic import ValidationError

    from drafter.errors import InputError

    try:
        return kind.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise InputError("{place}: {why}; nothing was done.", place=place, why=first["msg"]) from error


def _miss(given: str) -> Miss:
    from drafter.domain import Miss

    name, _colon, place = given.partition(":")
    start, _dash, end = place.partition("-")
    return _value(Miss, {"rule": name, "start": _number(start) or 0, "end": _number(end)})


def _number(given: str) -> int | str | None:
    """Return a number as one, and whatever else was given as it is, to be refused."""
    return int(given) if given.isdecimal() else given or None


def _day(given: str | None) -> datetime | None:
    from datetime import datetime

    from drafter.errors import InputError

    if given is None:
        return None
    try:
        return datetime.fromisoformat(given).astimezone()
    except ValueError as error:
        raise InputError("{date} is no date; write it as 2026-03-31.", date=repr(given)) from error


def _line(item: ReviewItem) -> str:
    kind = _("rejected") if item.rejected else _("sample")
    told = [item.draft_id, f"{item.created_at:%Y-%m-%d %H:%M}", item.tier.value, kind, item.status, item.outcome or "-"]
    return "  ".join([*told, ", ".join(item.rules) or "-", item.assignee or "-"])


def _kappa(name: str, found: Kappa) -> str:
    share = "-" if found.share is None else f"{found.share:.0%}"
    told = _("{name}: {share} agree (n={n})").format(name=name, share=share, n=found.n)
    if found.kappa is None:
        return told
    between = "" if found.interval is None else f" [{found.interval[0]:.2f}, {found.interval[1]:.2f}]"
    return f"{told}, kappa {found.kappa:.2f}{between}"

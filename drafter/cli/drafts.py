"""`drafter eval drafts`: what drafts are worth, over messages and tiers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from drafter.cli.language import _
from drafter.cli.rates import rate

if TYPE_CHECKING:
    from drafter.domain import Case
    from drafter.evaluation.drafts import DraftRun, DraftsEvaluation
    from guardrails.model import Facts, Language

_WIDTH = 150


def register(app: typer.Typer) -> None:
    app.command("drafts", help=_("Measure drafts: draft replies to many messages, or read a kept run."))(drafts)


def drafts(
    file: Annotated[Path, typer.Argument(metavar="MESSAGES.jsonl|RUN.jsonl", help=_("Cases, or a run that was kept."))],
    *,
    keep: Annotated[
        Path | None, typer.Option(metavar="RUN.jsonl", help=_("Keep the run here; one that was cut off goes on."))
    ] = None,
    against: Annotated[Path | None, typer.Option(metavar="RUN.jsonl", help=_("Show another run beside it."))] = None,
    report: Annotated[Path | None, typer.Option(metavar="OUT.html", help=_("Also write a page."))] = None,
    judge: Annotated[bool, typer.Option("--judge", help=_("Let the judge of the settings rate empathy."))] = False,
    human: Annotated[
        Path | None, typer.Option(metavar="RATED.jsonl", help=_("People's ratings, to hold the judge's against."))
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help=_("Print JSON."))] = False,
) -> None:
    import asyncio

    from drafter.evaluation.drafts import evaluate_drafts
    from drafter.evaluation.report import drafts_html

    runs = list(_kept(file))
    if not runs:
        before = list(_kept(keep)) if keep is not None and keep.exists() else []
        runs = asyncio.run(_drafted(file, before, keep))
    columns = {str(file if keep is None else keep): runs}
    if against is not None:
        columns = {str(against): list(_kept(against)), **columns}
    measured = {name: evaluate_drafts(ran, _moves_of, all_moves=_moves()) for name, ran in columns.items()}
    table = _table(measured.values())
    if judge:
        table |= asyncio.run(_empathy(list(columns.values()), human))
    if report is not None:
        report.write_text(drafts_html(columns, table), encoding="utf-8")
    if as_json:
        for evaluation in measured.values():
            typer.echo(evaluation.model_dump_json())
    else:
        _show(table, measured)


async def _empathy(columns: Sequence[Sequence[DraftRun]], human: Path | None) -> dict[str, list[str]]:
    """Return rows of what the judge says of each column's replies."""
    from drafter.bootstrap import in_force, open_judge
    from drafter.cli.reading import lines_of_all
    from drafter.desk.masking import mask
    from drafter.desk.prompting import PromptBook
    from drafter.evaluation.empathy import AXES, Empathy, Rated, agreement
    from drafter.evaluation.reading import read_lines
    from drafter.settings import load_settings

    book = PromptBook.installed()
    rated = read_lines(lines_of_all([str(human)]), Rated) if human else []
    rows: dict[str, list[str]] = {axis: [] for axis in AXES}
    async with open_judge(in_force(load_settings())) as model:
        for runs in columns:
            judged: dict[str, Empathy] = {}
            for run in runs:
                if run.suggestion.text is not None:
                    masked = mask(run.message, lang=run.lang, facts=run.facts)
                    reply = masked.conceal(run.suggestion.text)
                    prompt = book.empathy(lang=run.lang, message=masked.text, reply=reply)
                    judged[run.id] = (await model.structured(prompt, Empathy))[0]
            found = agreement(judged, {one.id: one for one in rated}) if judged else {}
            for axis, told in found.items():
                kappa = "" if told.kappa is None else f", kappa {told.kappa:.2f} ({told.both})"
                rows[axis].append(f"{told.mean:.2f}{kappa}")
    return {_("empathy: {axis}").format(axis=axis): told for axis, told in rows.items()}


def _moves() -> Sequence[str]:
    from drafter.desk.moves import MOVES

    return MOVES


def _moves_of(text: str, lang: Language, facts: Facts) -> Sequence[str]:
    from drafter.desk.moves import moves

    return moves(text, lang=lang, facts=facts)


def _kept(file: Path) -> Iterator[DraftRun]:
    """Yield the runs of a file; nothing where it holds cases instead."""
    from pydantic import ValidationError

    from drafter.cli.reading import lines_of
    from drafter.evaluation.drafts import DraftRun

    for _number, line in lines_of(str(file)):
        try:
            yield DraftRun.model_validate_json(line)
        except ValidationError:
            return


async def _drafted(file: Path, before: list[DraftRun], keep: Path | None) -> list[DraftRun]:
    import time
    from tempfile import TemporaryDirectory

    from rich.console import Console
    from rich.progress import track

    from drafter.bootstrap import in_force, open_desk
    from drafter.desk.drafting import suggest
    from drafter.evaluation.drafts import DraftRun
    from drafter.settings import load_settings

    done = {run.id: run for run in before}
    with TemporaryDirectory() as folder:
        settings = in_force(load_settings()).model_copy(update={"database_url": f"sqlite:///{folder}/eval.sqlite3"})
        async with open_desk(settings, warm=("zh", "en")) as desk:
            for case, labels in track(_cases(file), description=_("drafting"), console=Console(stderr=True)):
                if case.id in done:
                    continue
                began = time.monotonic()
                suggestion = await suggest(desk, case)
                run = DraftRun(
                    id=case.id,
                    lang=case.message.lang,
                    jurisdiction=case.jurisdiction,
                    tier=case.tier,
                    message=case.message.text,
                    signals=labels,
                    facts=case.facts,
                    suggestion=suggestion,
                    elapsed_ms=round(1000 * (time.monotonic() - began)),
                )
                done[run.id] = run
                if keep is not None:
                    _append(keep, run)
    return list(done.values())


def _append(file: Path, run: DraftRun) -> None:
    with file.open("a", encoding="utf-8") as kept:
        kept.write(run.model_dump_json(exclude_defaults=True) + "\n")


def _cases(file: Path) -> list[tuple[Case, tuple[str, ...]]]:
    """Return every case of a file once for each tier, with its labels."""
    import json

    from drafter.bootstrap import SystemClock
    from drafter.cli.cases import case_of_json
    from drafter.cli.reading import lines_of
    from drafter.domain import Tier
    from drafter.errors import InputError

    cases = []
    for number, line in lines_of(str(file)):
        try:
            given = json.loads(line)
            labels = tuple(given.pop("signals", ()))
        except (ValueError, AttributeError) as error:
            raise InputError("{file}, line {line}: {why}", file=str(file), line=number, why=str(error)) from error
        for tier in Tier:
            case = case_of_json(json.dumps(given).encode(), tier=tier.value, clock=SystemClock())
            name = f"{given.get('id', number)}/{tier.value}"
            cases.append((case.model_copy(update={"id": name, "external_id": None}), labels))
    return cases


def _show(table: Mapping[str, Sequence[str]], names: Iterable[str]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False, soft_wrap=True)
    console.width = max(console.width, _WIDTH)
    shown = Table("", *names, box=None, pad_edge=False, header_style="bold")
    for name, values in table.items():
        shown.add_row(name, *values)
    console.print(shown)


def _table(measured: Iterable[DraftsEvaluation]) -> dict[str, list[str]]:
    """Return what is shown of several evaluations, row by row."""
    columns = [dict(_rows(evaluation)) for evaluation in measured]
    names = dict.fromkeys(name for column in columns for name in column)
    return {name: [column.get(name, "-") for column in columns] for name in names}


def _rows(measured: DraftsEvaluation) -> Iterator[tuple[str, str]]:
    yield _("suggestions"), str(measured.runs)
    yield _("models"), ", ".join(measured.models)
    yield _("prompts"), ", ".join(measured.prompts)
    yield _("handed to a human though none was needed"), rate(measured.routed)
    yield _("end in an approvable text"), rate(measured.approvable)
    yield _("approvable text by the model"), rate(measured.by_model)
    yield _("first draft passes"), rate(measured.at_once)
    for move, share in measured.moves.items():
        yield _("move: {move}").format(move=move), rate(share)
    yield _("all moves"), rate(measured.complete)
    yield _("tier told from the text"), rate(measured.tier_told)
    yield _("answers what was asked"), rate(measured.answered_all)
    for signal, share in measured.answered.items():
        yield f"  {signal}", rate(share)
    yield _("orders in a message obeyed"), rate(measured.obeyed)
    for rule, share in measured.advice.items():
        yield f"  {rule}", rate(share)
    cost = measured.cost
    yield _("first token, median"), _seconds(cost.first_token_ms)
    yield _("all answers of the model, median"), _seconds(cost.whole_ms)
    yield _("all answers of the model, 90th percentile"), _seconds(cost.whole_p90_ms)
    yield _("attempts"), _figure(cost.attempts, ".2f")
    yield _("prompt tokens"), _figure(cost.prompt_tokens, ".0f")
    yield _("completion tokens"), _figure(cost.completion_tokens, ".0f")
    yield _("prompt tokens from the cache"), _figure(cost.cached_share, ".1%")
    for lang, part in measured.by_language.items():
        yield f"{lang}: " + _("approvable text by the model"), rate(part.by_model)
        yield f"{lang}: " + _("all moves"), rate(part.complete)
        yield f"{lang}: " + _("tier told from the text"), rate(part.tier_told)
        yield f"{lang}: " + _("answers what was asked"), rate(part.answered_all)


def _seconds(milliseconds: float | None) -> str:
    return "-" if milliseconds is None else f"{milliseconds / 1000:.2f} s"


def _figure(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)

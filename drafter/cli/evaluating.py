"""`drafter eval`: how well the guardrails do on labelled texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from drafter.cli import drafts, triage
from drafter.cli.groups import WithDefault
from drafter.cli.language import _
from drafter.cli.rates import f1, rate

if TYPE_CHECKING:
    from rich.console import Console

    from drafter.evaluation.scoring import Evaluation, Judged, Labelled, Score
    from guardrails import Guard


_WIDTH = 150  # a table's rates do not fit a narrow terminal, and a pipe has no width


def register(app: typer.Typer) -> None:
    group = typer.Typer(
        cls=WithDefault, help=_("Measure the guardrails on labelled texts, or drafts."), no_args_is_help=True
    )
    group.command("replies", help=_("Measure recall and false alarms on labelled texts."))(evaluate)
    drafts.register(group)
    triage.register(group)
    app.add_typer(group, name="eval")


def evaluate(
    files: Annotated[list[str], typer.Argument(metavar="FILE.jsonl...")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help=_("Print JSON."))] = False,
    report: Annotated[Path | None, typer.Option(metavar="OUT.html", help=_("Also write a page."))] = None,
    against: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help=_("Show instead what the rules of another folder would change.")),
    ] = None,
) -> None:
    from drafter.bootstrap import guard_for
    from drafter.cli.reading import lines_of_all
    from drafter.evaluation.reading import read_lines
    from drafter.evaluation.scoring import Labelled
    from drafter.evaluation.scoring import evaluate as measure

    texts = read_lines(lines_of_all(files), Labelled)
    if against is not None:
        _back_test(texts, guard_for, against, as_json=as_json)
        return
    evaluation = measure(texts, guard_for)
    if report is not None:
        from drafter.evaluation.report import html

        report.write_text(html(evaluation), encoding="utf-8")
    if as_json:
        typer.echo(evaluation.model_dump_json())
    else:
        _show(evaluation)


def _back_test(texts: list[Labelled], now: Callable[[str], Guard], folder: Path, *, as_json: bool) -> None:
    from functools import cache

    from rich.console import Console

    from drafter.evaluation.backtest import back_test
    from guardrails import Guard
    from guardrails.policy import load_policy

    outcome = back_test(texts, now, cache(lambda jurisdiction: Guard(load_policy(jurisdiction, folder))))
    if as_json:
        typer.echo(outcome.model_dump_json())
        return
    console = Console(highlight=False, soft_wrap=True)
    for change in outcome.changes:
        _show_wrong(console, change.now if change.mends else change.then, _("mended") if change.mends else _("broken"))
    mended = sum(change.mends for change in outcome.changes)
    console.print(
        _("{texts} texts, {mended} mended, {broken} broken").format(
            texts=outcome.texts, mended=mended, broken=len(outcome.changes) - mended
        )
    )


def _show(evaluation: Evaluation) -> None:
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=True)
    console.width = max(console.width, _WIDTH)
    for one in evaluation.wrong:
        _show_wrong(console, one)
    groups: Mapping[str, Mapping[str, Score]] = {
        _("language"): evaluation.by_language,
        _("style"): evaluation.by_style,
        "": {_("all"): evaluation.overall},
    }
    for title, scores in groups.items():
        rows = [(name, rate(s.recall), rate(s.false_alarms), rate(s.explained), f1(s.f1)) for name, s in scores.items()]
        _table(console, (title, _("recall"), _("false alarms"), _("well explained"), "F1"), rows)
    rules = [(n, rate(s.recall), rate(s.named), rate(s.false_alarms)) for n, s in evaluation.by_rule.items()]
    _table(console, (_("rule"), _("rejected"), _("named"), _("false alarms")), rules)
    detectors = [
        (name, *(rate(share) for share in (s.caught, s.caught_alone, s.false_alarms, s.false_alarms_alone)))
        for name, s in evaluation.by_detector.items()
    ]
    titles = (_("detector"), _("recall"), _("alone"), _("false alarms"), _("alone"))
    _table(console, titles, detectors)
    stages = [
        (_("up to {stage}").format(stage=name), rate(s.recall), rate(s.false_alarms))
        for name, s in evaluation.by_stage.items()
    ]
    _table(console, (_("stage"), _("recall"), _("false alarms")), stages)
    bins = [(f"{one.predicted:.2f}", rate(one.unlawful)) for one in evaluation.calibration]
    _table(console, (_("probability told"), _("share that breaks a rule")), bins)
    console.print(", ".join(evaluation.policy))


def _show_wrong(console: Console, one: Judged, said: str = "") -> None:
    from rich.text import Text

    found = ", ".join(f"{finding.rule} “{finding.quote}”" for finding in one.verdict.findings)
    missed = said or (_("missed") if one.labelled.label == "reject" else _("false alarm"))
    rules = ", ".join(one.labelled.rules) or found
    console.print(Text.assemble((missed, "bold red"), f" {one.labelled.id} [{rules}] {one.labelled.text}"))


def _table(console: Console, titles: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    from rich.table import Table

    table = Table(*titles, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*row)
    console.print(table)
    console.print()

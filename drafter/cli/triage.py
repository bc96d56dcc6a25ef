"""`drafter eval triage`: who is routed to a human, on labelled messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from drafter.cli.language import _
from drafter.cli.rates import rate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from drafter.evaluation.triage import Found, Seen, TriageEvaluation

_WIDTH = 120


def register(app: typer.Typer) -> None:
    app.command("triage", help=_("Measure triage on labelled messages."))(triage)


def triage(
    files: Annotated[list[str], typer.Argument(metavar="FILE.jsonl...")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help=_("Print JSON."))] = False,
) -> None:
    from drafter.bootstrap import triager as load
    from drafter.cli.reading import lines_of_all
    from drafter.domain import DebtorMessage
    from drafter.evaluation.reading import read_lines
    from drafter.evaluation.triage import LabelledMessage, evaluate_triage

    triager = load()
    evaluation = evaluate_triage(
        read_lines(lines_of_all(files), LabelledMessage),
        lambda message: triager.triage(DebtorMessage(text=message.text, lang=message.lang)),
        human=frozenset(name for name, signal in triager.signals.items() if signal.route == "human"),
    )
    if as_json:
        typer.echo(evaluation.model_dump_json())
    else:
        _show(evaluation)


def _show(evaluation: TriageEvaluation) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False, soft_wrap=True)
    console.width = max(console.width, _WIDTH)
    for said, wrong in ((_("missed"), evaluation.missed), (_("false alarm"), evaluation.false_alarms)):
        for one in wrong:
            _show_wrong(console, said, one)
    groups: Mapping[str, Mapping[str, Found]] = {
        _("signal"): evaluation.by_signal,
        _("style"): evaluation.by_style,
        _("language"): evaluation.by_language,
        "": {_("routed to a human"): evaluation.routed},
    }
    for title, found in groups.items():
        table = Table(title, _("recall"), _("precision"), box=None, pad_edge=False, header_style="bold")
        for name, share in found.items():
            table.add_row(name, rate(share.recall), rate(share.precision))
        console.print(table)
        console.print()
    routed = Table(_("signal"), _("routed to a human"), box=None, pad_edge=False, header_style="bold")
    for name, held in evaluation.routed_by_signal.items():
        routed.add_row(name, rate(held))
    console.print(routed)
    console.print()
    console.print(_("held back though a draft could answer: ") + rate(evaluation.held_back))


def _show_wrong(console: Console, said: str, one: Seen) -> None:
    from rich.text import Text

    labels = ", ".join(one.labelled.signals)
    told = ", ".join(f"{item.signal} “{item.quote}”" for item in one.triage.evidence)
    console.print(
        Text.assemble((said, "bold red"), f" {one.labelled.id} [{labels}] {one.labelled.text}", (f" {told}", "dim"))
    )

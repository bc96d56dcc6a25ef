"""`drafter check`: what the guardrails say of a text."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from drafter.cli.language import _

if TYPE_CHECKING:
    from guardrails import Verdict

_BAD_LINES = 2


def register(app: typer.Typer) -> None:
    app.command(help=_("Check one text, or many, against the guardrails."))(check)


def check(
    file: Annotated[str | None, typer.Argument(metavar="[FILE|-]", help=_("File that holds the text."))] = None,
    *,
    text: Annotated[str | None, typer.Option("--text", help=_("The text itself."))] = None,
    jsonl: Annotated[str | None, typer.Option("--jsonl", metavar="FILE|-", help=_("Many texts, one a line."))] = None,
    inbound: Annotated[str | None, typer.Option(help=_("The debtor's message that the text answers."))] = None,
    facts: Annotated[str | None, typer.Option(metavar="FILE", help=_("JSON file with the facts."))] = None,
    lang: Annotated[str | None, typer.Option(help=_("Language of the text: zh or en."))] = None,
    jurisdiction: Annotated[str | None, typer.Option(help=_("CN, US or UK."))] = None,
    as_json: Annotated[bool, typer.Option("--json", help=_("Print JSON."))] = False,
    judge: Annotated[
        bool, typer.Option("--judge/--no-judge", help=_("Also ask a model about doubtful texts."))
    ] = False,
) -> int:
    from drafter.desk import checking

    if judge:
        from drafter.errors import SettingsError

        raise SettingsError("No judge is set up in this version; leave --judge out.")
    if jsonl is not None:
        return _check_lines(jsonl)
    from drafter.cli.reading import read_bytes, text_from

    request = checking.request(
        text_from(text, file, what="text"),
        inbound=inbound,
        facts=read_bytes(facts) if facts else None,
        lang=lang,
        jurisdiction=jurisdiction,
    )
    verdict = checking.check(request)
    if as_json:
        print(verdict.model_dump_json())
    else:
        from rich.console import Console

        from drafter.cli.rendering import show_verdict

        show_verdict(Console(highlight=False), request.text, verdict)
    return 0 if verdict.passed else 1


def _check_lines(file: str) -> int:
    from drafter.cli.reading import lines_of
    from drafter.desk import checking

    bad = 0
    write = sys.stdout.write
    for number, line in lines_of(file):
        outcome = checking.check_line(line)
        if outcome.error is None and outcome.verdict is not None:
            write(_verdict_line(outcome.id, outcome.verdict))
        else:
            bad += 1
            write(json.dumps({"id": outcome.id, "line": number, "error": outcome.error}, ensure_ascii=False) + "\n")
    return _BAD_LINES if bad else 0


def _verdict_line(identity: str | int | None, verdict: Verdict) -> str:
    return f'{{"id":{json.dumps(identity, ensure_ascii=False)},{verdict.model_dump_json()[1:]}\n'

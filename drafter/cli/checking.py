"""`drafter check`: what the guardrails say of a text."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from drafter.cli.language import _

if TYPE_CHECKING:
    from guardrails import Verdict
    from guardrails.judging import Judge

ResultT = TypeVar("ResultT")
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

    if jsonl is not None:
        return _judged(_check_lines, jsonl) if judge else _check_lines(jsonl)
    from drafter.cli.reading import read_bytes, text_from

    request = checking.request(
        text_from(text, file, what="text"),
        inbound=inbound,
        facts=read_bytes(facts) if facts else None,
        lang=lang,
        jurisdiction=jurisdiction,
    )
    verdict = _judged(checking.check, request) if judge else checking.check(request)
    if as_json:
        print(verdict.model_dump_json())
    else:
        from rich.console import Console

        from drafter.cli.rendering import show_verdict

        show_verdict(Console(highlight=False), request.text, verdict)
    return 0 if verdict.passed else 1


def _judged(check: Callable[..., ResultT], asked: object) -> ResultT:
    """Run a check with the model of the settings as its judge."""
    import asyncio

    from drafter.bootstrap import in_force, open_model
    from drafter.desk.judging import ModelJudge
    from drafter.desk.prompting import PromptBook
    from drafter.settings import load_settings

    async def with_model() -> ResultT:
        settings = in_force(load_settings())
        async with open_model(settings, prompts=PromptBook.installed()) as model:
            judge = ModelJudge(model, asyncio.get_running_loop(), deadline_s=settings.model_deadline_s)
            return await asyncio.to_thread(check, asked, judge=judge)

    return asyncio.run(with_model())


def _check_lines(file: str, *, judge: Judge | None = None) -> int:
    from drafter.cli.reading import lines_of
    from drafter.desk import checking

    bad = 0
    write = sys.stdout.write
    for number, line in lines_of(file):
        outcome = checking.check_line(line, judge=judge)
        if outcome.error is None and outcome.verdict is not None:
            write(_verdict_line(outcome.id, outcome.verdict))
        else:
            bad += 1
            write(json.dumps({"id": outcome.id, "line": number, "error": outcome.error}, ensure_ascii=False) + "\n")
    return _BAD_LINES if bad else 0


def _verdict_line(identity: str | int | None, verdict: Verdict) -> str:
    return f'{{"id":{json.dumps(identity, ensure_ascii=False)},{verdict.model_dump_json()[1:]}\n'

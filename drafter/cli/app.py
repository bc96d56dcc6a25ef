"""The commands put together, and the one place where an error becomes a sentence and an exit code."""

from __future__ import annotations

import os
import sys
from typing import Annotated, NoReturn

import typer

from drafter.cli import (
    audit_log,
    checking,
    database,
    drafting,
    evaluating,
    followups,
    model,
    privacy,
    prompts,
    review,
    rules,
    serving,
    tiers,
    trying,
    users,
)
from drafter.cli.language import _

_INTERRUPTED = 130

app = typer.Typer(
    name="drafter",
    help=_("Drafts kind, lawful replies to people in debt; a human approves each before it is sent."),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for group in (
    serving,
    drafting,
    followups,
    review,
    tiers,
    checking,
    rules,
    serving,
    prompts,
    model,
    database,
    users,
    audit_log,
    privacy,
    evaluating,
    trying,
):
    group.register(app)


@app.callback()
def _options(
    context: typer.Context,
    *,
    debug: Annotated[bool, typer.Option("--debug", help=_("Show the trace of an error."))] = False,
) -> None:
    context.obj = {"debug": debug}


def run(arguments: list[str] | None = None) -> NoReturn:
    """Run one command and leave with its exit code: 0 done, 1 rejected, 2 bad input, 3 upstream, 4 internal."""
    words = sys.argv[1:] if arguments is None else arguments
    try:
        result = app(words, standalone_mode=False, prog_name="drafter")
    except BrokenPipeError:
        # The reader of a pipe (`| head`) left; that is no error, and Python must not complain at exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except BaseException as error:  # noqa: BLE001 - every way out of a command ends in one sentence and a code
        from drafter.cli.failing import report

        sys.exit(report(error, debug="--debug" in words, as_json="--json" in words))
    if result == _INTERRUPTED:
        # Typer turns Ctrl-C into this code before anyone can say what was kept.
        from drafter.cli.failing import report

        sys.exit(report(KeyboardInterrupt(), debug=False, as_json="--json" in words))
    sys.exit(result if isinstance(result, int) else 0)

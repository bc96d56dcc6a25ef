"""An error as the person at the terminal, or the program behind it, should see it."""

from __future__ import annotations

import json
import sys
import traceback

import typer
from typer.exceptions import Abort, TyperException

from drafter.cli.language import _
from drafter.errors import DrafterError
from guardrails.errors import GuardrailsError

_USAGE, _INTERNAL, _INTERRUPTED = 2, 4, 130


def report(error: BaseException, *, debug: bool, as_json: bool) -> int:
    """Write an error to standard error and return the exit code it stands for.

    Args:
        error: what ended the command.
        debug: also write the trace.
        as_json: write problem details (RFC 9457) instead of a sentence.
    """
    if isinstance(error, typer.Exit):
        return error.exit_code
    if isinstance(error, SystemExit):
        return error.code if isinstance(error.code, int) else 0
    code, name, sentence = _understood(error)
    if debug:
        traceback.print_exception(error)
    if as_json:
        problem = {"type": f"urn:drafter:error:{name}", "title": name, "status": code, "detail": sentence}
        print(json.dumps(problem, ensure_ascii=False), file=sys.stderr)
    elif sentence.startswith("Usage: "):
        print(sentence, file=sys.stderr)  # a group without a command shows its help
    else:
        print(_("drafter: {sentence}").format(sentence=sentence), file=sys.stderr)
    return code


def _understood(error: BaseException) -> tuple[int, str, str]:
    if isinstance(error, DrafterError):
        return error.exit_code, error.code, error.told(_)
    if isinstance(error, GuardrailsError):
        return _USAGE, "policy", str(error)
    if isinstance(error, (KeyboardInterrupt, Abort)):
        return _INTERRUPTED, "interrupted", _("stopped; what was finished is kept, run the same command to go on.")
    if isinstance(error, TyperException):
        return _USAGE, "usage", error.format_message()
    if isinstance(error, OSError):
        what = error.strerror or type(error).__name__
        where = f" ({error.filename})" if error.filename else ""
        return _INTERNAL, "storage", _("the disk did not play along: {what}.").format(what=what + where)
    sentence = _("something went wrong inside ({kind}); run again with --debug and report the trace.")
    return _INTERNAL, "internal", sentence.format(kind=type(error).__name__)

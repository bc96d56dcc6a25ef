"""Why a text did not leave, in plain words and with what to do about it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from drafter.web.language import _

_ANSWERED: Final = re.compile(r"The receiver answered (\d{3})\.")
_SILENT: Final = re.compile(r"The receiver did not answer \((\w+)\)\.")
_BROKE: Final = re.compile(r"The channel failed \((\w+)\)\.")
_NO_CHANNEL: Final = re.compile(r"no channel (\S+)")
_SIGNATURE: Final = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_NOBODY: Final = (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.GONE)
_LATER: Final = (
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.CONFLICT,
    HTTPStatus.TOO_EARLY,
    HTTPStatus.TOO_MANY_REQUESTS,
)


@dataclass(frozen=True)
class Failure:
    """What happened, and what to do."""

    what: str
    todo: str


def failure_told(failure: str, say: Callable[[str], str]) -> Failure:
    """Return why a delivery was given up, for people.

    Args:
        failure: as the delivery keeps it.
        say: turns an English sentence into the reader's.
    """
    if found := _ANSWERED.fullmatch(failure):
        status = int(found[1])
        return Failure(say("The receiver answered {status}.").format(status=status), say(_by_status(status)))
    if found := _SILENT.fullmatch(failure):
        told = say("The receiver did not answer ({kind}).").format(kind=found[1])
        return Failure(told, say("Check that it runs and can be reached from this desk, then try again."))
    if found := _NO_CHANNEL.fullmatch(failure):
        told = say("The desk has no channel named {channel}.").format(channel=found[1])
        return Failure(told, say("Whoever runs this desk sets it up in its environment; then try again."))
    if found := _BROKE.fullmatch(failure):
        told = say("The channel failed ({kind}).").format(kind=found[1])
        return Failure(told, say("Tell whoever runs this desk; then try again."))
    return Failure(say(failure) or say("Why is not known."), say("Open the case, then try again."))


def _by_status(status: int) -> str:
    if status in _SIGNATURE:
        return _(
            "It does not accept the desk's signature: compare DRAFTER_WEBHOOK_SECRET with its own, then try again."
        )
    if status in _NOBODY:
        return _("Nobody takes texts at this address any more: check DRAFTER_WEBHOOK_URL, then try again.")
    if status < HTTPStatus.BAD_REQUEST:
        return _("It sends the text on to another address, where it is not sent: set DRAFTER_WEBHOOK_URL to that one.")
    if status in _LATER or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _("The receiver has trouble of its own: try again once it works.")
    return _("It does not take what was sent: ask whoever runs it, then try again.")

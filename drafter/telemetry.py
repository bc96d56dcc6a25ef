"""Traces for whoever runs the desk: what took how long and how it ended, never a word of what was said.

The spans go where the operator's OpenTelemetry SDK sends them; without one they cost next to nothing.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Final, Literal

from opentelemetry import propagate, trace
from opentelemetry.trace import Span, SpanKind, StatusCode

Told = str | int | float | Sequence[str] | None
"""What a span may be told; None is left out."""

_KINDS: Final = {"internal": SpanKind.INTERNAL, "client": SpanKind.CLIENT, "server": SpanKind.SERVER}
# A name, a version, a count. A sentence has blanks, or signs of another script, and goes nowhere, whoever passes it on.
_WORD: Final = re.compile(r"[\w.:/@+{}-]{1,200}", re.ASCII)
_TRACER = trace.get_tracer("drafter")


class Step:
    """Something that is being done; told of what comes of it."""

    def __init__(self, span: Span) -> None:
        self._span = span

    def tell(self, facts: Mapping[str, Told]) -> None:
        """Add attributes; what is no plain word or number is left out."""
        if self._span.is_recording():
            self._span.set_attributes(_plain(facts))

    def name(self, name: str) -> None:
        self._span.update_name(name)

    def failed(self, kind: str) -> None:
        """Note that it failed, and by the kind of error alone: a message may quote what was said."""
        self.tell({"error.type": kind})
        self._span.set_status(StatusCode.ERROR)


_UNTOLD: Final = Step(trace.INVALID_SPAN)


@contextmanager
def step(
    name: str,
    facts: Mapping[str, Told] | None = None,
    *,
    kind: Literal["internal", "client", "server"] = "internal",
    headers: Mapping[str, str] | None = None,
) -> Iterator[Step]:
    """Trace what is done in the block, as a part of what is being done around it.

    Args:
        name: a few words of the code's own; the same for all that is alike.
        facts: attributes that are known at the start.
        kind: "client" where another server is asked, "server" where one answers.
        headers: of the request that is answered, in which its sender may have named a trace to go on with.
    """
    if isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider):
        yield _UNTOLD  # no SDK listens
        return
    context = None if headers is None else propagate.extract(headers)
    with _TRACER.start_as_current_span(
        name,
        context=context,
        kind=_KINDS[kind],
        attributes=_plain(facts or {}),
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        done = Step(span)
        try:
            yield done
        except asyncio.CancelledError:
            # Somebody pressed "stop" or left: no fault of anything.
            done.tell({"drafter.stopped": True})
            raise
        except BaseException as error:
            done.failed(type(error).__name__)
            raise


def _plain(facts: Mapping[str, Told]) -> dict[str, str | int | float | Sequence[str]]:
    found: dict[str, str | int | float | Sequence[str]] = {}
    for name, value in facts.items():
        if value is None:
            continue
        if isinstance(value, int | float):
            found[name] = value
        elif isinstance(value, str):
            if _WORD.fullmatch(value):
                found[name] = value
        else:
            found[name] = tuple(one for one in value if _WORD.fullmatch(one))
    return found

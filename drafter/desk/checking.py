"""One text, or one line of many, read and judged under the right policy."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Annotated, get_args

from pydantic import Field, ValidationError

from drafter.desk.intake import LineId, detect_language, line_id, read_facts
from drafter.desk.style import style_findings
from drafter.domain import MAX_MESSAGE_CHARS
from drafter.errors import InputError
from guardrails import Facts, Guard, Verdict
from guardrails.judging import Judge
from guardrails.model import DEFAULT_JURISDICTION, Jurisdiction, Language, Value


class CheckRequest(Value):
    """What a check is asked; the language is seen from the text and the jurisdiction follows it when not given."""

    id: LineId = None
    text: Annotated[str, Field(max_length=MAX_MESSAGE_CHARS * 50)]
    inbound: str | None = None
    lang: Language | None = None
    jurisdiction: Jurisdiction | None = None
    facts: Facts | None = None


class LineOutcome(Value):
    """What became of one line: a verdict, or the reason why it could not be read."""

    id: LineId
    verdict: Verdict | None = None
    error: str | None = None


class _Line(CheckRequest, extra="ignore"):
    """A line may carry more than a check needs (labels, styles, notes)."""


guard_for = cache(Guard.load)


def request(
    text: bytes, *, inbound: str | None, facts: bytes | None, lang: str | None, jurisdiction: str | None
) -> CheckRequest:
    """Return the request that command-line options describe.

    Raises:
        InputError: something given cannot be used; says which.
    """
    if lang is not None and lang not in get_args(Language):
        raise InputError("{lang} is no language of this desk; choose zh or en.", lang=repr(lang))
    if jurisdiction is not None and jurisdiction not in get_args(Jurisdiction):
        raise InputError("{name} is no jurisdiction of this desk; choose CN, US or UK.", name=repr(jurisdiction))
    try:
        decoded = text.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(
            "The text is not UTF-8 (byte {byte}); save it as UTF-8 and try again.", byte=error.start
        ) from error
    if not decoded.strip():
        raise InputError("The text is empty; give the reply to check.")
    return CheckRequest(
        text=decoded.removesuffix("\n"),
        inbound=inbound,
        facts=read_facts(facts) if facts is not None else None,
        lang=lang,
        jurisdiction=jurisdiction,
    )


def check(asked: CheckRequest, *, judge: Judge | None = None, guard: Callable[[str], Guard] = guard_for) -> Verdict:
    """Judge one text.

    Args:
        asked: the text and what is known of its case.
        judge: a model to ask about a doubtful text that nothing else rejects.
        guard: gives the guard of a jurisdiction.

    Raises:
        PolicyError: the policy cannot be used.
    """
    lang = asked.lang or detect_language(asked.text)
    of_the_law = guard(asked.jurisdiction or DEFAULT_JURISDICTION[lang])
    return of_the_law.check(asked.text, lang=lang, facts=asked.facts, inbound=asked.inbound, judge=judge)


def check_reply(guard: Guard, text: str, *, lang: Language, facts: Facts, inbound: str) -> Verdict:
    """Return what the guardrails say of a reply, with what the house would say otherwise as advice.

    Args:
        guard: of the case's jurisdiction.
        text: the reply as it would be sent.
        lang: its language.
        facts: what is true of the account.
        inbound: the debtor's message that it answers.
    """
    verdict = guard.check(text, lang=lang, facts=facts, inbound=inbound)
    advice = style_findings(text, lang=lang, facts=facts, inbound=inbound)
    return verdict.model_copy(update={"findings": (*verdict.findings, *advice)})


def check_line(line: bytes, *, judge: Judge | None = None) -> LineOutcome:
    """Judge one JSON line, as `check` does; a line that cannot be read is told, never raised."""
    try:
        asked = _Line.model_validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        return LineOutcome(id=line_id(line), error=f"{place}: {first['msg']}" if place else first["msg"])
    return LineOutcome(id=asked.id, verdict=check(asked, judge=judge))

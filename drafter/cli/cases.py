"""A case as the options or one JSON object of a command describe it."""

from __future__ import annotations

import hashlib
import json
from typing import get_args
from uuid import uuid4

from pydantic import ConfigDict, ValidationError

from drafter.cli.reading import read_bytes
from drafter.desk.intake import LineId, new_case, read_facts, read_message, read_tier
from drafter.domain import Case, Promise, Tier, TimeZone, Turn
from drafter.errors import InputError
from drafter.ports import Clock
from guardrails.model import Jurisdiction, Language, Value


class CaseFile(Value):
    """One case as JSON: the message, and whatever else is known."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    message: str
    id: LineId = None
    tier: str = Tier.GENERAL.value
    lang: Language | None = None
    jurisdiction: Jurisdiction | None = None
    facts: dict[str, object] | None = None
    external_id: str | None = None
    conversation: tuple[Turn, ...] = ()
    promises: tuple[Promise, ...] = ()
    time_zone: TimeZone | None = None


def case_from(
    message: bytes, *, tier: str, facts: str | None, lang: str | None, clock: Clock, jurisdiction: str | None = None
) -> Case:
    """Return the case that command-line options describe.

    Raises:
        InputError: something given cannot be used; says which.
    """
    return new_case(
        read_message(message, lang=language(lang)),
        tier=read_tier(tier),
        facts=read_facts(read_bytes(facts)) if facts else read_facts(b"{}"),
        jurisdiction=_jurisdiction(jurisdiction),
        id=uuid4().hex,
        at=clock.now(),
    )


def case_of_json(source: bytes, *, tier: str | None, clock: Clock) -> Case:
    """Return the case that one JSON object describes; the same object again has the same external id.

    Raises:
        InputError: the object cannot be used; says which key and why.
    """
    try:
        given = CaseFile.model_validate_json(source)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the case"
        raise InputError("{place}: {why}; mend the case and try again.", place=place, why=first["msg"]) from error
    digest = hashlib.sha256(source.strip()).hexdigest()
    return new_case(
        read_message(given.message, lang=given.lang),
        tier=read_tier(tier or given.tier),
        facts=read_facts(json.dumps(given.facts or {})),
        jurisdiction=given.jurisdiction,
        id=uuid4().hex,
        at=clock.now(),
        external_id=given.external_id or f"line:{digest[:32]}",
        conversation=given.conversation,
        promises=given.promises,
        time_zone=given.time_zone,
    )


def language(lang: str | None) -> Language | None:
    """Return a language given as text.

    Raises:
        InputError: it is none of this desk's.
    """
    for known in get_args(Language):
        if lang == known:
            return known  # type: ignore[no-any-return] # get_args loses the literal's type
    if lang is None:
        return None
    raise InputError("{lang} is no language of this desk; choose zh or en.", lang=repr(lang))


def _jurisdiction(name: str | None) -> Jurisdiction | None:
    for known in get_args(Jurisdiction):
        if name == known:
            return known  # type: ignore[no-any-return] # the same
    if name is None:
        return None
    raise InputError("{name} is no jurisdiction of this desk; choose CN, US or UK.", name=repr(name))

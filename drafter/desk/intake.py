"""What comes in from outside -> the values the desk works with, or one sentence that says why not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from difflib import get_close_matches
from typing import Annotated

from pydantic import ValidationError

from drafter.domain import (
    MAX_MESSAGE_CHARS,
    AddedFacts,
    Case,
    DebtorMessage,
    Promise,
    Tier,
    Turn,
    Wish,
    jurisdiction_of,
)
from drafter.errors import FactsError, InputError, MessageError
from guardrails.model import Counted, Facts, Jurisdiction, Language, Value
from guardrails.normalise import normalise

LineId = str | Annotated[int, Counted] | None
"""What a caller names a line of many with, given back beside its outcome."""

_TIERS: Mapping[str, Tier] = {
    "premium": Tier.PREMIUM,
    "优质": Tier.PREMIUM,
    "general": Tier.GENERAL,
    "一般": Tier.GENERAL,
    "high-risk": Tier.HIGH_RISK,
    "高风险": Tier.HIGH_RISK,
}
_HAN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")
_LETTERS = re.compile(r"[^\W\d_]+")
_CHINESE_MARKS = re.compile("[，。！？；：、（）￥]")
_LETTERS_PER_HAN = 4  # what one Chinese character says takes about as many English letters
_CONTROL = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_LONGEST_ECHO = 40


def read_message(raw: bytes | str, *, lang: Language | None = None) -> DebtorMessage:
    """Return the debtor's message, its offsets those of the text as given.

    Blank space at the end is dropped; a control character becomes a space.

    Args:
        raw: the message, as UTF-8 where it is bytes; at most 20,000 characters.
        lang: its language; seen from the text when not given.

    Raises:
        MessageError: it is not UTF-8, holds a NUL, shows nothing, or is too long.
    """
    text = _decoded(raw)
    if text is None:
        raise MessageError("The message is not UTF-8 text; nothing was kept; save it as UTF-8 and try again.")
    if "\0" in text:
        place = text.index("\0") + 1
        raise MessageError(
            "The message holds a NUL at character {place}, as no text does; nothing was kept; give the text alone.",
            place=place,
        )
    text = _CONTROL.sub(" ", text).rstrip()
    if len(text) > MAX_MESSAGE_CHARS:
        raise MessageError(
            "The message has {length} characters and may have {most}; nothing was kept; shorten it.",
            length=f"{len(text):,}",
            most=f"{MAX_MESSAGE_CHARS:,}",
        )
    if not normalise(text).text.strip():
        raise MessageError("The message is empty; paste what the debtor wrote.")
    return DebtorMessage(text=text, lang=lang or detect_language(text))


def detect_language(text: str) -> Language:
    """Return the language most of a text is in; Chinese with English words in it is Chinese."""
    han = sum(map(len, _HAN.findall(text)))
    letters = sum(map(len, _LETTERS.findall(text))) - han
    if han == letters == 0:
        return "zh" if _CHINESE_MARKS.search(text) else "en"
    return "zh" if han * _LETTERS_PER_HAN >= letters else "en"


def read_facts(raw: bytes | str) -> Facts:
    """Return the facts of an account.

    Args:
        raw: one JSON object with the keys of `Facts`, as UTF-8 where it is bytes.

    Raises:
        FactsError: it cannot be read; names the key, never its value.
    """
    text = _decoded(raw)
    if text is None:
        raise FactsError("The facts are not UTF-8 text; nothing was kept; save them as UTF-8 and try again.")
    try:
        return Facts.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    key = ".".join(str(part) for part in first["loc"])[:_LONGEST_ECHO]
    if first["type"] == "extra_forbidden":
        known = get_close_matches(key, Facts.model_fields, n=1)
        if known:
            raise FactsError("The facts have no key {key}; did you mean {known}?", key=repr(key), known=known[0])
        raise FactsError(
            "The facts have no key {key}; leave it out or use one of {known}.",
            key=repr(key),
            known=", ".join(Facts.model_fields),
        )
    if not key:
        raise FactsError("The facts are no JSON object: {why}; mend them and try again.", why=first["msg"])
    raise FactsError("The fact {key} cannot be used: {why}; mend it and try again.", key=repr(key), why=first["msg"])


def read_tier(text: str) -> Tier:
    """Return the tier of an English or Chinese name.

    Raises:
        InputError: there is none of this name.
    """
    tier = _TIERS.get(text.strip().casefold().replace("_", "-").replace(" ", "-"))
    if tier is None:
        raise InputError(
            "{tier} is no tier; choose premium (优质), general (一般) or high-risk (高风险).",
            tier=repr(text[:_LONGEST_ECHO]),
        )
    return tier


def read_wish(tone: str | None, *, lang: Language | None, sentence: str) -> Wish:
    """Return what somebody wants a reply to be like.

    Args:
        tone: warmer, firmer or shorter; None for none of them.
        lang: another language than the message's.
        sentence: stands in the reply word for word.

    Raises:
        InputError: something given cannot be used; says which.
    """
    try:
        return Wish(
            tone=tone if tone != "shorter" else None,
            shorter=tone == "shorter",
            lang=lang,
            sentence=sentence,
        )
    except ValidationError as error:
        if any("tone" in one["loc"] for one in error.errors()):
            raise InputError("{wish} is no wish; choose warmer, firmer or shorter.", wish=repr(tone)) from error
        raise InputError("The sentence is too long for a reply; shorten it.") from error


def read_added(*, offers: str, done: str, follow_up: str) -> AddedFacts:
    """Return the facts that somebody adds for one reply.

    Args:
        offers: what may be offered this time, one a line.
        done: what has truly been done, one a line.
        follow_up: the day of the next contact, ISO 8601; the planned one where it is empty.

    Raises:
        FactsError: something given cannot be used.
    """
    try:
        return AddedFacts(
            authorised_offers=_lines(offers),
            actions_taken=_lines(done),
            follow_up_date=date.fromisoformat(follow_up.strip()) if follow_up.strip() else None,
        )
    except ValidationError as error:
        raise FactsError(
            "A fact may have 500 characters, and each kind may have ten; nothing was kept; shorten them."
        ) from error
    except ValueError as error:
        raise FactsError("The day of the next contact is no day of the calendar; nothing was kept; mend it.") from error


def new_case(
    message: DebtorMessage,
    *,
    tier: Tier,
    facts: Facts,
    jurisdiction: Jurisdiction | None,
    id: str,  # noqa: A002 - the field's name everywhere
    at: datetime,
    external_id: str | None = None,
    conversation: tuple[Turn, ...] = (),
    promises: tuple[Promise, ...] = (),
    time_zone: str | None = None,
    channel: str | None = None,
) -> Case:
    """Return a case; its jurisdiction follows the message's language where none is named.

    Args:
        message: what the debtor wrote.
        tier: of the debtor.
        facts: of the account.
        jurisdiction: whose law the reply is judged by.
        id: of the case, unique.
        at: now, with time zone.
        external_id: the case's name in another system, by which it is found again.
        conversation: what was said before the message, oldest first.
        promises: what the debtor promised before.
        time_zone: IANA name of the zone that the debtor lives in.
        channel: by which way the reply goes out.
    """
    return Case(
        id=id,
        message=message,
        tier=tier,
        jurisdiction=jurisdiction or jurisdiction_of(message.lang),
        facts=facts,
        created_at=at,
        external_id=external_id,
        conversation=conversation,
        promises=promises,
        time_zone=time_zone,
        channel=channel,
    )


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in _CONTROL.sub(" ", text.replace("\0", " ")).splitlines() if line.strip())


def _decoded(raw: bytes | str) -> str | None:
    """Return the text of UTF-8 bytes, with or without a byte-order mark; None where it is not UTF-8."""
    try:
        return (raw.encode() if isinstance(raw, str) else raw).decode("utf-8-sig")
    except UnicodeError:
        return None


class _JustId(Value, extra="ignore"):
    id: LineId = None


def line_id(line: bytes) -> LineId:
    """Return the id of a line of JSON whose other keys may be wrong; None where it has none that can be used."""
    try:
        return _JustId.model_validate_json(line).id
    except ValidationError:
        return None

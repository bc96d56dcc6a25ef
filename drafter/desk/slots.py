"""Named slots instead of figures: the model writes `{amount_due}`, code fills in what the facts say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from babel.dates import format_date
from babel.numbers import format_currency

from guardrails.model import LOCALES, Facts, Jurisdiction, Language

_SLOT = re.compile(r"\{\s*([a-z][a-z0-9_]*)\s*\}")
_ENGLISH_ABROAD = "en"
_TEXTS = ("institution", "creditor", "debtor_name", "agent_name", "account_last4", "contact_phone")
_AMOUNTS = ("amount_due", "minimum_due")
_DAYS = ("due_date", "follow_up_date")


def slots(facts: Facts, *, lang: Language, jurisdiction: Jurisdiction) -> dict[str, str]:
    """Return the slots that the facts can fill, each with its text in the notation of language and jurisdiction.

    Args:
        facts: what is true of the account.
        lang: the language of the reply.
        jurisdiction: decides day-month order and the like within a language.
    """
    locale = LOCALES[jurisdiction]
    if not locale.startswith(lang):
        locale = "zh_Hans_CN" if lang == "zh" else _ENGLISH_ABROAD
    texts = {name: getattr(facts, name) for name in _TEXTS}
    amounts = {name: getattr(facts, name) for name in _AMOUNTS}
    days = {name: getattr(facts, name) for name in _DAYS}
    filled = {name: value for name, value in texts.items() if value is not None}
    filled |= {n: money(v, facts.currency, lang=lang, locale=locale) for n, v in amounts.items() if v is not None}
    filled |= {n: day_in_words(v, lang=lang, locale=locale) for n, v in days.items() if v is not None}
    filled |= {f"offer_{number}": offer for number, offer in enumerate(facts.authorised_offers, start=1)}
    if facts.days_past_due is not None:
        filled["days_past_due"] = str(facts.days_past_due)
    if facts.official_channels:
        filled["official_channel"] = _either(facts.official_channels, lang)
    return filled


def fill(text: str, filled: Mapping[str, str]) -> str:
    """Replace every slot that has a value; a slot without one stays, for the guardrails to reject."""
    return _SLOT.sub(lambda slot: filled.get(slot[1], slot[0]), text)


def unfill(text: str, filled: Mapping[str, str]) -> str:
    """Put the slots back where their values stand, so that a text may leave the machine without the facts."""
    for name, value in sorted(filled.items(), key=lambda item: -len(item[1])):
        text = text.replace(value, f"{{{name}}}")
    return text


def used(text: str) -> tuple[str, ...]:
    """Return the names of the slots in a text, in order, each once."""
    return tuple(dict.fromkeys(_SLOT.findall(text)))


def money(amount: Decimal, currency: str | None, *, lang: Language, locale: str) -> str:
    if currency is None:
        return f"{amount:,}"
    if lang == "zh" and currency == "CNY":
        return f"{amount}元"
    return format_currency(amount, currency, locale=locale)


def day_in_words(day: date, *, lang: Language, locale: str) -> str:
    if lang == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    return format_date(day, format="long", locale=locale)


def _either(channels: tuple[str, ...], lang: Language) -> str:
    if len(channels) == 1:
        return channels[0]
    last = "或" if lang == "zh" else " or "
    between = "、" if lang == "zh" else ", "
    return between.join(channels[:-1]) + last + channels[-1]

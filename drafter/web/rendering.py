"""Templates in, pages out: escaped by default, in the reader's language, with no value that a script could run."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from babel.dates import format_date, format_datetime, format_skeleton, format_timedelta, get_timezone_gmt
from babel.numbers import format_currency, format_decimal
from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from drafter.catalogues import catalogue
from drafter.web.language import language_of
from drafter.web.services import services_of
from drafter.web.words import (
    found_by,
    law_name,
    review_status_name,
    role_name,
    rule_name,
    signal_name,
    status_name,
    tier_name,
)
from guardrails.model import Language

MOST_OF_A_PATH: Final = 500
_TEMPLATES: Final = Path(__file__).parent / "templates"
_LOCALE: Final[Mapping[Language, str]] = {"zh": "zh_Hans_CN", "en": "en_GB"}
# The short form of English is in figures alone, and a day's own form is not: one page would show both.
_MOMENT: Final = {"en_GB": "d MMM y, HH:mm"}


def page(request: Request, template: str, *, status_code: int = 200, **values: Any) -> HTMLResponse:
    """Return a page.

    Args:
        request: whose answer it is.
        template: a file of `templates/`.
        status_code: of HTTP.
        values: what the template shows.
    """
    return HTMLResponse(rendered(request, template, **values), status_code=status_code)


def rendered(request: Request, template: str, **values: Any) -> str:
    """Return the HTML of a template, whole or part of a page."""
    session = getattr(request.state, "session", None)
    lang = language_of(request)

    def undelivered() -> int:
        return services_of(request).store.undelivered.count()

    return (
        _environment(lang)
        .get_template(template)
        .render(
            request=request,
            lang=lang,
            me=getattr(request.state, "person", None),
            csrf=session.csrf if session else "",
            path=_place(request),
            undelivered=undelivered,
            **values,
        )
    )


def _place(request: Request) -> str:
    """Return the address of the page that is shown; a form's answer takes the place of the page it came from."""
    shown = str(request.url) if request.method == "GET" else request.headers.get("referer", "")
    path, query = urlsplit(shown).path or "/", urlsplit(shown).query
    return f"{path}?{query}" if query and len(path) + len(query) < MOST_OF_A_PATH else path


@cache
def _environment(lang: Language) -> Environment:
    made = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_translations(catalogue(lang), newstyle=True)  # type: ignore[attr-defined] # of the extension
    locale = _LOCALE[lang]
    made.filters.update(
        day=lambda value: format_date(value, "medium", locale=locale) if isinstance(value, date) else "",
        moment=lambda value: _moment(value, locale),
        zone=lambda value: _zone(value, locale),
        ago=lambda value, now, width="long": format_timedelta(
            value - now, add_direction=True, locale=locale, granularity="minute", format=width
        ),
        money=lambda value, currency: _money(value, currency, locale),
        tier=lambda value: tier_name(value, lang),
        status=lambda value: status_name(value, lang),
        review_status=lambda value: review_status_name(value, lang),
        role=lambda value: role_name(value, lang),
        signal=lambda value: signal_name(value, lang),
        rule=lambda value: rule_name(value, lang),
        law=lambda value: law_name(value, lang),
        found_by=lambda value: found_by(value, lang),
    )
    return made


def short_day(day: date, lang: Language) -> str:
    """Return a day of this year as its readers write it, for where little room is."""
    return format_skeleton("MMMd", day, locale=_LOCALE[lang])


def _moment(value: object, locale: str) -> str:
    if not isinstance(value, datetime):
        return ""
    return format_datetime(value.astimezone(), _MOMENT.get(locale, "short"), locale=locale)


def _zone(value: object, locale: str) -> str:
    return get_timezone_gmt(value.astimezone(), locale=locale) if isinstance(value, datetime) else ""


def _money(value: object, currency: str | None, locale: str) -> str:
    if not isinstance(value, Decimal):
        return ""
    return format_currency(value, currency, locale=locale) if currency else format_decimal(value, locale=locale)

"""What the desk's own terms are called on a page."""

from __future__ import annotations

from functools import cache
from typing import Final

from drafter.catalogues import catalogue
from drafter.desk.signals import load_signals
from drafter.web.language import _
from guardrails.model import Language
from guardrails.policy import jurisdictions, load_rules

_TIERS: Final = {"premium": _("Premium"), "general": _("General"), "high-risk": _("High risk")}
_STATUSES: Final = {
    "open": _("open"),
    "answered": _("answered"),
    "rejected": _("rejected"),
    "awaiting_approval": _("awaiting approval"),
    "approved": _("approved"),
    "queued": _("on its way"),
    "delivered": _("delivered"),
    "failed": _("not delivered"),
    "discarded": _("discarded"),
    "escalated": _("escalated"),
    "superseded": _("superseded"),
    "second-review": _("second review"),
    "disputed": _("disputed"),
    "ruled": _("ruled"),
    "appealed": _("appealed"),
    "final": _("closed"),
    "upheld": _("upheld"),
    "overturned": _("overturned"),
    "missed": _("missed"),
    "proposed": _("proposed"),
    "declined": _("declined"),
    "withdrawn": _("withdrawn"),
}
_TO_REVIEW: Final = _("to review")
_ROLES: Final = {
    "agent": _("Agent"),
    "agent-lead": _("Agent lead"),
    "qa": _("QA reviewer"),
    "qa-lead": _("QA lead"),
    "admin": _("Administrator"),
}

_STYLE: Final = _("House style")
_FOUND: Final = {
    "phrases": _("matched by wording"),
    "classifier": _("found by the trained classifier"),
    "judge": _("found by the model that judges"),
    "grounding": _("found by comparing with the facts"),
    "commitments": _("found by comparing with the facts"),
    "deeds": _("found by comparing with the facts"),
}
_FOUND_ELSE: Final = _("found by its form")


def tier_name(tier: str, lang: Language) -> str:
    return catalogue(lang).gettext(_TIERS.get(str(tier), str(tier)))


def status_name(status: str, lang: Language) -> str:
    return catalogue(lang).gettext(_STATUSES.get(str(status), str(status)))


def review_status_name(status: str, lang: Language) -> str:
    """Return where a review stands; an open one waits for a reviewer, an open case for an agent."""
    return catalogue(lang).gettext(_TO_REVIEW) if status == "open" else status_name(status, lang)


def role_name(role: str, lang: Language) -> str:
    return catalogue(lang).gettext(_ROLES.get(str(role), str(role)))


def signal_name(signal: str, lang: Language) -> str:
    return _signals(lang).get(signal, signal)


def rule_name(rule: str, lang: Language) -> str:
    return catalogue(lang).gettext(_STYLE) if rule.startswith("style-") else _rules(lang).get(rule, rule)


def law_name(jurisdiction: str, lang: Language) -> str:
    return _laws(lang).get(jurisdiction, jurisdiction)


def found_by(detector: str, lang: Language) -> str:
    return catalogue(lang).gettext(_FOUND.get(detector, _FOUND_ELSE))


@cache
def _laws(lang: Language) -> dict[str, str]:
    return {name: title[lang] for name, title in jurisdictions().items()}


@cache
def _signals(lang: Language) -> dict[str, str]:
    return {signal.name: signal.title[lang] for signal in load_signals()}


@cache
def _rules(lang: Language) -> dict[str, str]:
    return {rule.id: rule.title[lang] for rule in load_rules().values()}

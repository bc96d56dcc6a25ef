"""One invented account and the ways to put a text before a single detector."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType

from guardrails import Guard
from guardrails.clauses import Reader
from guardrails.detectors import Check, Hit
from guardrails.model import DEFAULT_JURISDICTION, Facts, Jurisdiction, Language
from guardrails.normalise import normalise
from guardrails.policy import Policy, load_policy
from tests.guardrails.home import make_home

ACCOUNT = Facts.model_validate(
    {
        "institution": "松果银行",
        "debtor_name": "试样客户",
        "amount_due": "3265.40",
        "minimum_due": "326.54",
        "currency": "CNY",
        "due_date": "2026-03-05",
        "days_past_due": 30,
        "today": "2026-04-04",
        "follow_up_date": "2026-04-13",
        "official_channels": ["松果银行App"],
    }
)


@cache
def a_policy() -> Policy:
    with TemporaryDirectory() as folder:
        return load_policy("CN", make_home(Path(folder)))


@cache
def the_guard(jurisdiction: Jurisdiction) -> Guard:
    return Guard.load(jurisdiction)


def a_check(
    text: str,
    lang: Language = "zh",
    *,
    jurisdiction: Jurisdiction | None = None,
    inbound: str | None = None,
    facts: Facts | None = None,
    **changed: object,
) -> Check:
    """Return the check of a text; `changed` are facts that differ from the invented account's."""
    where = jurisdiction or DEFAULT_JURISDICTION[lang]
    if facts is None:
        currency = {"CN": "CNY", "US": "USD", "UK": "GBP"}[where]
        known = {**ACCOUNT.model_dump(exclude_unset=True), "currency": currency, **changed}
        facts = Facts.model_validate(known)
    canonical = normalise(text)
    heard = normalise(inbound) if inbound else None
    reader = Reader(canonical.folded, lang, heard.folded if heard else None)
    policy = replace(a_policy(), file=a_policy().file.model_copy(update={"dates": the_guard(where).policy.file.dates}))
    return Check(text, canonical, lang, where, facts, heard, reader, policy)


def quotes(detector: ModuleType, check: Check) -> list[tuple[str, str]]:
    """Return (rule, quoted words) of every hit; fails when a reason cannot be put into words."""
    hits: Iterable[Hit] = detector.find(check)
    found = []
    for hit in hits:
        quote = check.text[hit.start : hit.end]
        assert detector.REASONS[hit.reason_key][check.lang].format(quote=quote, **hit.params)
        found.append((hit.rule, quote))
    return found


def without_facts(check: Check) -> Check:
    return replace(check, facts=Facts())

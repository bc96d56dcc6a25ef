"""Runs the examples that stand inside the rule files: each rule must catch its own and spare its look-alikes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from guardrails.engine import Guard
from guardrails.model import DEFAULT_JURISDICTION, Facts, Jurisdiction, Language, Verdict
from guardrails.policy import LANGUAGES
from guardrails.rulebook import Example, Rule

# An invented account, so that examples need to say only what differs.
EXAMPLE_FACTS: Mapping[Language, Facts] = {
    "zh": Facts.model_validate(
        {
            "institution": "青禾银行",
            "debtor_name": "周晓",
            "agent_name": "林溪",
            "amount_due": "4680.00",
            "minimum_due": "468.00",
            "currency": "CNY",
            "due_date": "2026-06-08",
            "days_past_due": 24,
            "today": "2026-07-02",
            "account_last4": "3057",
            "official_channels": ["青禾银行App", "客服热线4008123456"],
            "contact_phone": "4008123456",
            "follow_up_date": "2026-07-09",
        }
    ),
    "en": Facts.model_validate(
        {
            "institution": "Larkfield Bank",
            "debtor_name": "Jordan Ellis",
            "agent_name": "Morgan",
            "amount_due": "912.40",
            "minimum_due": "45.00",
            "currency": "USD",
            "due_date": "2026-06-08",
            "days_past_due": 24,
            "today": "2026-07-02",
            "account_last4": "3057",
            "official_channels": ["larkfield.example/pay", "the Larkfield app"],
            "contact_phone": "555-0142",
            "follow_up_date": "2026-07-09",
        }
    ),
}


@dataclass(frozen=True, slots=True)
class Miss:
    """An example that was judged otherwise than its file says."""

    rule: str
    lang: Language
    expected: str
    text: str
    verdict: Verdict


def examples(rule: Rule) -> Iterator[tuple[Language, str, Example]]:
    """Yield every example of a rule as (language, "violating" or "compliant", example)."""
    for lang in LANGUAGES:
        for kind in ("violating", "compliant"):
            for example in getattr(rule.language(lang).examples, kind):
                yield lang, kind, example


def facts_of(example: Example, lang: Language) -> Facts:
    """Return the invented account of a language with what the example says otherwise."""
    given = example.facts.model_dump(exclude_unset=True) if example.facts else {}
    return Facts.model_validate({**EXAMPLE_FACTS[lang].model_dump(exclude_unset=True), **given})


def judge(guards: Mapping[Jurisdiction, Guard], rule: Rule, lang: Language, kind: str, example: Example) -> Miss | None:
    """Return the miss if the example is judged otherwise than its file says.

    A violating example must be rejected with a finding of its rule; a compliant one must pass altogether.
    """
    guard = guards[example.jurisdiction or DEFAULT_JURISDICTION[lang]]
    verdict = guard.check(example.text, lang=lang, facts=facts_of(example, lang), inbound=example.inbound)
    right = (
        verdict.passed
        if kind == "compliant"
        else not verdict.passed and any(finding.rule == rule.id for finding in verdict.findings)
    )
    return None if right else Miss(rule.id, lang, kind, example.text, verdict)

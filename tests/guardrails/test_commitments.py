"""What an authorised offer covers, and what stays a promise that nobody authorised."""

from __future__ import annotations

import pytest

from guardrails import Facts, Guard
from guardrails.model import Finding, Language
from guardrails.policy import load_rules
from guardrails.selftest import EXAMPLE_FACTS

PLAN = {"zh": "分6期偿还，每期780.00元", "en": "six monthly payments of $152.07"}


@pytest.fixture(scope="module")
def guards() -> dict[Language, Guard]:
    return {"zh": Guard.load("CN"), "en": Guard.load("US")}


def promises(guards: dict[Language, Guard], lang: Language, text: str, *offers: str) -> list[Finding]:
    facts = Facts.model_validate({**EXAMPLE_FACTS[lang].model_dump(), "authorised_offers": offers})
    findings = guards[lang].check(text, lang=lang, facts=facts).findings
    return [finding for finding in findings if finding.rule == "unauthorised-promise"]


@pytest.mark.parametrize(
    ("lang", "text"),
    [("zh", "我们可以为您办理分期，每期780.00元。"), ("en", "We can offer you a payment plan of $152.07 a month.")],
)
def test_an_offer_is_a_promise_only_while_nobody_authorised_it(
    guards: dict[Language, Guard], lang: Language, text: str
) -> None:
    assert promises(guards, lang, text)
    assert not promises(guards, lang, text, PLAN[lang])


@pytest.mark.parametrize(
    ("lang", "text"),
    [("zh", "除了分期，我们还可以给您免掉利息。"), ("en", "On top of that we will write off the late fees.")],
)
def test_a_kind_of_offer_beyond_the_authorised_ones_is_named_with_them(
    guards: dict[Language, Guard], lang: Language, text: str
) -> None:
    finding, *_ = promises(guards, lang, text, PLAN[lang])
    assert finding.detector == "commitments"
    assert PLAN[lang] in finding.reason


def test_a_second_authorised_offer_covers_the_second_kind(guards: dict[Language, Guard]) -> None:
    text = "除了分期，我们还可以给您免掉违约金。"
    assert not promises(guards, "zh", text, PLAN["zh"], "减免违约金")


def test_an_offer_recorded_in_the_other_language_covers_the_text(guards: dict[Language, Guard]) -> None:
    assert not promises(guards, "zh", "我们可以为您办理分期，每期780.00元。", "an instalment plan over six months")


def test_a_refusal_is_no_promise_whatever_is_authorised(guards: dict[Language, Guard]) -> None:
    assert not promises(guards, "en", "We cannot waive the late fees.", PLAN["en"])


def test_the_kinds_bear_the_same_names_in_both_languages() -> None:
    for rule, marked in {"unauthorised-promise": 7, "invented-action": 11}.items():
        zh, en = (
            {name for name in load_rules()[rule].language(lang).classes if name.startswith("kind-")}
            for lang in ("zh", "en")
        )
        assert zh == en
        assert len(zh) == marked

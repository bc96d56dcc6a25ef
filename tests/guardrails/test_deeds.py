"""What a recorded action covers, and what stays invented."""

from __future__ import annotations

import pytest

from guardrails import Facts, Guard
from guardrails.model import Finding, Language
from guardrails.selftest import EXAMPLE_FACTS


@pytest.fixture(scope="module")
def guards() -> dict[Language, Guard]:
    return {"zh": Guard.load("CN"), "en": Guard.load("US")}


def inventions(guards: dict[Language, Guard], lang: Language, text: str, *actions: str) -> list[Finding]:
    facts = Facts.model_validate({**EXAMPLE_FACTS[lang].model_dump(), "actions_taken": actions})
    findings = guards[lang].check(text, lang=lang, facts=facts).findings
    return [finding for finding in findings if finding.rule == "invented-action"]


@pytest.mark.parametrize(
    ("lang", "text", "action"),
    [
        ("zh", "我已为您提交减免申请。", "提交了减免申请"),
        ("en", "We submitted your hardship application last week.", "hardship application submitted"),
    ],
)
def test_a_deed_is_invented_only_while_it_is_not_on_record(
    guards: dict[Language, Guard], lang: Language, text: str, action: str
) -> None:
    assert inventions(guards, lang, text)
    assert not inventions(guards, lang, text, action)


@pytest.mark.parametrize(
    ("lang", "text", "action"),
    [
        ("zh", "我们已经联系过您的单位。", "给客户本人打过电话"),
        ("en", "Your file has been sent to our legal department.", "called the customer"),
    ],
)
def test_a_deed_of_another_kind_than_the_recorded_one_is_named_with_the_record(
    guards: dict[Language, Guard], lang: Language, text: str, action: str
) -> None:
    finding, *_ = inventions(guards, lang, text, action)
    assert finding.detector == "deeds"
    assert action in finding.reason


@pytest.mark.parametrize(
    ("lang", "text", "action"),
    [
        ("zh", "我们已经给您打过三次电话。", "给客户打过1次电话"),
        ("en", "We called you three times last week.", "called the customer 1 time"),
    ],
)
def test_a_recorded_call_does_not_become_three(
    guards: dict[Language, Guard], lang: Language, text: str, action: str
) -> None:
    (finding,) = inventions(guards, lang, text, action)
    assert finding.detector == "deeds"
    assert not inventions(guards, lang, text, action.replace("1", "3"))


def test_a_note_or_a_hand_over_inside_the_house_is_no_invention(guards: dict[Language, Guard]) -> None:
    assert not inventions(guards, "zh", "您的情况我已记录，并转给专员跟进。")
    assert not inventions(guards, "en", "I have noted this and passed it to a specialist.")

"""Which numbers are personal, and which may stand in a message."""

from __future__ import annotations

from functools import cache

import pytest

from guardrails import Guard
from guardrails.model import Finding, Language
from guardrails.selftest import EXAMPLE_FACTS


@cache
def guard(lang: Language) -> Guard:
    return Guard.load("CN" if lang == "zh" else "US")


def leaks(lang: Language, text: str) -> list[Finding]:
    findings = guard(lang).check(text, lang=lang, facts=EXAMPLE_FACTS[lang]).findings
    return [finding for finding in findings if finding.rule == "privacy-leak" and finding.detector == "personal_data"]


@pytest.mark.parametrize(
    ("lang", "text", "number"),
    [
        ("zh", "这是您本人吗：11010119900101123X。", "11010119900101123X"),
        ("zh", "绑定的是６２２２ 0000 1111 2222 333。", "６２２２ 0000 1111 2222 333"),
        ("zh", "我们打13800001111找您。", "13800001111"),
        ("zh", "看到京A12345了。", "京A12345"),
        ("en", "Is it 900-12-3456?", "900-12-3456"),
        ("en", "That is 4111-1111-1111-1111.", "4111-1111-1111-1111"),
        ("en", "She is on (212) 555-0147 now.", "(212) 555-0147"),
        ("en", "It says QQ 12 34 56 C.".replace("QQ", "AB"), "AB 12 34 56 C"),
    ],
)
def test_a_personal_number_is_found_whole(lang: Language, text: str, number: str) -> None:
    (finding,) = leaks(lang, text)
    assert finding.quote == number


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("zh", "尾号3057的账户应还4680.00元，请致电4008123456，投诉可拨12378。"),
        ("zh", "原到期日是2026-06-08，账单号为20260608。"),
        ("en", "The account ending 3057 has $912.40 due; call 555-0142, or 1-800-555-0199 at no cost."),
        ("en", "It was due on 06-08-2026, and the total is 1,234,567.89."),
    ],
)
def test_what_a_message_may_hold_is_spared(lang: Language, text: str) -> None:
    assert not leaks(lang, text)

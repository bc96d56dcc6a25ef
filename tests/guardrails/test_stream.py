"""A text that is watched while it grows is judged in the end as if it had come at once."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guardrails import Facts, Finding, Guard
from guardrails.checks import Check, Hit
from guardrails.model import DEFAULT_JURISDICTION, Language, Severity
from guardrails.policy import load_policy, load_rules
from guardrails.selftest import EXAMPLE_FACTS, examples
from tests.guardrails.checks import the_guard

THREAT = "再不还钱，我们就联系您的单位和家人。"


@cache
def example_texts(lang: Language) -> list[str]:
    return [example.text for rule in load_rules().values() for other, _, example in examples(rule) if other == lang]


def told_of(guard: Guard, text: str, cuts: list[int], **asked: object) -> list[Finding]:
    stream = guard.stream(**asked)  # type: ignore[arg-type]
    return [finding for cut in [*sorted(cuts), len(text)] for finding in stream.see(text[:cut])]


@settings(max_examples=150, deadline=None)
@given(st.data(), st.sampled_from(["zh", "en"]))
def test_what_is_told_early_stands_in_the_verdict_on_the_whole(data: st.DataObject, lang: Language) -> None:
    parts = data.draw(st.lists(st.sampled_from(example_texts(lang)), min_size=2, max_size=4))
    text = ("" if lang == "zh" else " ").join(parts)
    cuts = data.draw(st.lists(st.integers(0, len(text)), max_size=8))
    asked = {"lang": lang, "facts": EXAMPLE_FACTS[lang], "inbound": None}
    verdict = the_guard(DEFAULT_JURISDICTION[lang]).check(text, **asked)  # type: ignore[arg-type]
    told = told_of(the_guard(DEFAULT_JURISDICTION[lang]), text, cuts, **asked)
    blocking = [finding for finding in verdict.findings if finding.severity is Severity.BLOCK]
    for early in told:
        assert early.quote == text[early.start : early.end]
        assert any(
            early.rule == late.rule and late.start <= early.start and early.end <= late.end for late in blocking
        ), early


@given(st.text(max_size=80), st.lists(st.integers(0, 80), max_size=4))
@settings(max_examples=60, deadline=None)
def test_any_text_ends_with_the_verdict_of_the_whole_check(text: str, cuts: list[int]) -> None:
    stream = the_guard("CN").stream(lang="zh")
    for cut in sorted(cuts):
        stream.see(text[:cut])
    now, whole = stream.close(text), the_guard("CN").check(text, lang="zh")
    assert (now.verdict, now.findings) == (whole.verdict, whole.findings)


def test_a_threat_is_told_as_soon_as_its_sentence_is_whole_and_only_once() -> None:
    stream = the_guard("CN").stream(lang="zh")
    assert stream.see(THREAT) == ()
    (finding, *_) = told = stream.see(THREAT + "请")
    assert finding.quote in THREAT
    assert stream.see(THREAT + "请您尽快回复。祝") == ()
    assert all(finding.severity is Severity.BLOCK for finding in told)


def test_a_figure_that_contradicts_the_facts_is_told_early() -> None:
    facts = Facts(amount_due="100.00", currency="CNY")
    stream = the_guard("CN").stream(lang="zh", facts=facts)
    assert [finding.rule for finding in stream.see("您目前应还900.00元。请")] == ["amount-misstatement"]


@pytest.mark.parametrize("text", ["我们不会联系您的单位和家人。请", "您担心我们联系单位吗？不会的。请"])
def test_a_denial_is_not_told(text: str) -> None:
    assert the_guard("CN").stream(lang="zh").see(text) == ()


def test_where_a_detector_cannot_run_nothing_is_told_and_the_whole_is_rejected() -> None:
    def find(check: Check) -> Iterator[Hit]:
        raise RuntimeError(check.text)

    broken = ModuleType("broken")
    broken.SENTENCE_BY_SENTENCE, broken.find, broken.REASONS = True, find, {}  # type: ignore[attr-defined]
    stream = Guard(load_policy("CN"), {"broken": broken}).stream(lang="zh")
    assert stream.see("您好。请") == ()
    assert stream.close("您好。请").failed == ("broken",)

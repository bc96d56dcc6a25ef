"""The house style as advice: every check finds what its own file shows, and nothing keeps a text back."""

from __future__ import annotations

import pytest

from drafter.desk.style import checks, mendable, style_findings
from guardrails import Facts, Finding, Severity
from guardrails.model import Language

LANGUAGES: list[Language] = ["zh", "en"]


def shown(kind: str) -> list[tuple[str, Language, str]]:
    return [(c.rule, lang, text) for c in checks() for lang in LANGUAGES for text in getattr(c, kind).get(lang, ())]


def rules(text: str, lang: Language, inbound: str = "") -> set[str]:
    return {finding.rule for finding in style_findings(text, lang=lang, facts=Facts(), inbound=inbound)}


@pytest.mark.parametrize(("rule", "lang", "text"), shown("found"))
def test_a_fault_of_style_is_seen(rule: str, lang: Language, text: str) -> None:
    assert rule in rules(text, lang)


@pytest.mark.parametrize(("rule", "lang", "text"), shown("clean"))
def test_what_is_well_put_is_left_alone(rule: str, lang: Language, text: str) -> None:
    assert rule not in rules(text, lang)


@pytest.mark.parametrize(
    ("lang", "inbound", "reply", "seen"),
    [
        ("zh", "发了工资我就还一部分", "谢谢您，发了工资我就还一部分，心里踏实多了。", True),
        ("zh", "发了工资我就还一部分", "谢谢您，等工资发下来就有着落了。", False),
        ("zh", "包工头跑了工钱一分没拿到", "谢谢您说明，包工头跑了工钱一分没拿到，着急。", True),
        ("en", "If we could do this by email it would help me", "If we could do this by email it would help me.", True),
        ("en", "If we could do this by email it would help me", "Email is fine, thank you for saying so.", False),
    ],
)
def test_the_debtor_s_words_coming_back_are_seen(lang: Language, inbound: str, reply: str, *, seen: bool) -> None:
    assert ("style-echo" in rules(reply, lang, inbound)) is seen


@pytest.mark.parametrize(
    ("lang", "inbound", "reply", "seen"),
    [
        ("zh", "催什么催，烦死了", "谢谢您直说，希望您的家人早日恢复健康。", True),
        ("zh", "我妈摔了一跤，住院了", "谢谢您告诉我，希望您的家人早日恢复健康。", False),
        ("zh", "手头紧", "谢谢您告诉我，突然没了工作，不好过。", True),
        ("zh", "公司把我裁了", "谢谢您告诉我，突然没了工作，不好过。", False),
        ("zh", "lost my job", "谢谢您告诉我，突然没了工作，不好过。", False),  # words of two languages never match
        ("en", "I can do $75 every other Friday", "Thank you. I hope your son gets well soon.", True),
        ("en", "My boy has been in hospital", "Thank you. I hope your son gets well soon.", False),
    ],
)
def test_a_subject_that_nobody_mentioned_is_seen(lang: Language, inbound: str, reply: str, *, seen: bool) -> None:
    assert ("style-invention" in rules(reply, lang, inbound)) is seen


@pytest.mark.parametrize(("lang", "words"), [("zh", "谢谢您的回复，"), ("en", "thank you for your reply ")])
def test_a_reply_longer_than_a_telephone_shows_is_seen(lang: Language, words: str) -> None:
    assert "style-too-long" in rules(words * 50, lang)
    assert "style-too-long" not in rules(words * 10, lang)


def findings() -> tuple[Finding, ...]:
    text = "亲，由于您的疏忽，您什么时候还？先还多少？"
    return style_findings(text, lang="zh", facts=Facts())


def test_advice_shows_its_place_and_never_blocks() -> None:
    text = "亲，由于您的疏忽，您什么时候还？先还多少？"
    assert len(findings()) > 3
    for finding in findings():
        assert finding.severity is Severity.WARN
        assert finding.quote == text[finding.start : finding.end]
        assert finding.suggestion
        assert "{" not in finding.reason


def test_only_what_a_model_can_mend_is_asked_for_again() -> None:
    mended = {finding.rule for finding in mendable(findings())}
    assert "style-two-questions" in mended
    assert "style-register" not in mended

from __future__ import annotations

import pytest

from guardrails.lexicon import Lexicon, Phrase
from guardrails.model import Language
from guardrails.patterns import parse

CLASSES = {
    "we": ("we", "our firm"),
    "harm": ("sue", "threat*"),
    "zh-we": ("我们", "我方"),
    "zh-sue": ("起诉", "告上法庭"),
}


def found(pattern: str, text: str, lang: Language = "en") -> bool:
    lexicon = Lexicon(lang, CLASSES, [Phrase(0, parse(pattern, lang))])
    return any(True for _ in lexicon.occurrences(lexicon.sight(text.lower())))


@pytest.mark.parametrize(
    ("pattern", "text", "lang"),
    [
        ("sue", "We sue.", "en"),
        ("<we> <harm>", "our firm will sue", "en"),
        ("<we> <harm>", "we are threatening you", "en"),
        ("(pay|settle) ~30 or else", "Settle it today, right now, or else", "en"),
        ("<we> never? <harm>", "we sue", "en"),
        ("<zh-we> <zh-sue>", "我方将起诉您", "zh"),
        ("<zh-we> ~2 <zh-sue>", "我们会起诉", "zh"),
    ],
)
def test_a_pattern_finds_its_words_in_order_within_the_gap(pattern: str, text: str, lang: Language) -> None:
    assert found(pattern, text, lang)


@pytest.mark.parametrize(
    ("pattern", "text", "lang"),
    [
        ("sue", "Susan, pursue it.", "en"),
        ("sue", "an issue of tissue", "en"),
        ("<we> ~3 <harm>", "we are not going to sue", "en"),
        ("<we> <harm>", "sue we", "en"),
        ("<we> ~40 <harm>", "We wrote. They sue.", "en"),
        ("<zh-we> <zh-sue>", "我们谈谈。起诉是另一回事", "zh"),
    ],
)
def test_a_pattern_keeps_to_whole_words_order_gap_and_sentence(pattern: str, text: str, lang: Language) -> None:
    assert not found(pattern, text, lang)


@pytest.mark.parametrize("pattern", ["", "<we", "~5 sue", "sue? pay?", "we ~500 sue", "(a|b"])
def test_a_pattern_that_means_nothing_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        parse(pattern, "en")

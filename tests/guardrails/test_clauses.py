from __future__ import annotations

import pytest

from guardrails.clauses import Reader, Stance
from guardrails.model import Language


def stances(text: str, words: list[str], lang: Language, inbound: str | None = None) -> frozenset[Stance]:
    folded = text.lower()
    places = [(folded.index(word), folded.index(word) + len(word)) for word in words]
    return Reader(folded, lang, inbound).stances(places)


@pytest.mark.parametrize(
    ("lang", "text", "words", "stance"),
    [
        ("zh", "我们不会联系您的家人。", ["联系您的家人"], Stance.DENIED),
        ("zh", "任何威胁都是违法的。", ["威胁"], Stance.DENIED),
        ("zh", "请不要变卖家里的东西。", ["要", "变卖"], Stance.DENIED),
        ("zh", "您问我们会不会上门，这里说明一下。", ["上门"], Stance.QUOTED),
        ("zh", "如果有人自称我行员工上门，请报警。", ["上门"], Stance.REPORTED),
        ("zh", "您可以申请分期。", ["分期"], Stance.ASKED),
        ("en", "We will not call your family.", ["call your family"], Stance.DENIED),
        ("en", "You asked whether we would sue you.", ["sue you"], Stance.QUOTED),
        ("en", "If anyone claims you will be arrested, hang up.", ["arrested"], Stance.REPORTED),
        ("en", "Would you like to talk to your family first?", ["family"], Stance.ASKED),
    ],
)
def test_the_same_words_are_excused_by_where_they_stand(
    lang: Language, text: str, words: list[str], stance: Stance
) -> None:
    assert stance in stances(text, words, lang)


@pytest.mark.parametrize(
    ("lang", "text", "words"),
    [
        ("zh", "再不还款我们就联系您的家人。", ["联系您的家人"]),
        ("zh", "没有还款就起诉。", ["起诉"]),
        ("zh", "我们不得不联系您的家人。", ["联系您的家人"]),
        ("zh", "不要以为我们不敢起诉。", ["起诉"]),
        ("zh", "不能保证不会上门。", ["上门"]),
        ("en", "If you do not pay then we will call your family.", ["call your family"]),
        ("en", "We have no choice but to call your family.", ["call your family"]),
        ("en", "We will not hesitate to sue you.", ["sue you"]),
        ("en", "Don't think we will not sue you.", ["sue you"]),
    ],
)
def test_a_negation_that_leads_to_the_deed_excuses_nothing(lang: Language, text: str, words: list[str]) -> None:
    assert stances(text, words, lang) == frozenset()


def test_words_quoted_from_the_debtor_s_own_message_are_no_threat() -> None:
    text = "“你们会上门吗”这句话我看到了。"
    assert Stance.QUOTED in stances(text, ["上门"], "zh", inbound="你们会上门吗")
    assert stances(text, ["上门"], "zh", inbound="别的话") == frozenset()

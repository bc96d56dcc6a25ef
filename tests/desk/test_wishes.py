"""What an agent asks for otherwise is done, and every text that comes of it is held to the same rules."""

from __future__ import annotations

import pytest

from drafter.bootstrap import guard_for, house_for
from drafter.desk.briefing import Brief
from drafter.desk.prompting import PromptBook
from drafter.domain import AddedFacts, Case, DebtorMessage, Tier, Triage, Wish, Writing
from guardrails import Finding, Severity, Verdict
from guardrails.model import Language
from guardrails.policy import LANGUAGES
from tests.desk.test_house import FACTS, MESSAGE, TODAY

HARSH: dict[Language, str] = {"zh": "再不还就告诉你单位领导。", "en": "Pay or we will tell your boss about it."}
KIND: dict[Language, str] = {
    "zh": "您慢慢来，不用着急回复我。",
    "en": "Take your time; there is no hurry to answer me.",
}


def laid_out(
    lang: Language, tier: Tier, wish: Wish | None = None, *, signals: tuple[str, ...] = (), writing: Writing = "woven"
) -> Brief:
    case = Case(
        id="case-1",
        message=DebtorMessage(text=MESSAGE[lang], lang=lang),
        tier=tier,
        jurisdiction="CN" if lang == "zh" else "US",
        facts=FACTS[lang],
        created_at="2026-03-02T09:00:00Z",
    )
    return Brief.of(
        case,
        Triage(signals=signals),
        prompts=PromptBook.installed(),
        house=house_for((wish.lang if wish else None) or lang),
        guard=guard_for(case.jurisdiction),
        today=TODAY,
        writing=writing,
        wish=wish,
    )


def judged(brief: Brief) -> Verdict:
    return guard_for(brief.case.jurisdiction).check(
        brief.fallback(), lang=brief.lang, facts=brief.facts, inbound=brief.case.message.text
    )


def voice(brief: Brief, move: str) -> tuple[Tier, ...]:
    phrase = brief.plan.phrase(move)
    assert phrase is not None
    return phrase.tiers


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("tier", list(Tier))
@pytest.mark.parametrize(
    "wish", [Wish(tone="warmer"), Wish(tone="firmer"), Wish(shorter=True)], ids=["warmer", "firmer", "shorter"]
)
def test_a_reply_made_to_a_wish_passes_like_any_other(lang: Language, tier: Tier, wish: Wish) -> None:
    for signals in ((), ("hardship",), ("abusive_debtor",), ("paid_already",), ("asks_amount", "asks_channel")):
        assert judged(laid_out(lang, tier, wish, signals=signals)).passed


@pytest.mark.parametrize("lang", LANGUAGES)
def test_warmer_and_firmer_write_in_the_manner_of_the_tier_beside(lang: Language) -> None:
    assert voice(laid_out(lang, Tier.HIGH_RISK, Wish(tone="warmer")), "question") == (Tier.GENERAL,)
    assert voice(laid_out(lang, Tier.GENERAL, Wish(tone="firmer")), "question") == (Tier.HIGH_RISK,)
    assert voice(laid_out(lang, Tier.HIGH_RISK, Wish(tone="firmer")), "question") == (Tier.HIGH_RISK,)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_warmer_says_nothing_of_a_debtor_that_is_only_true_of_a_better_tier(lang: Language) -> None:
    assert laid_out(lang, Tier.GENERAL, Wish(tone="warmer")).plan.phrase("reflection") is None


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("tier", list(Tier))
def test_shorter_is_shorter(lang: Language, tier: Tier) -> None:
    whole, short = laid_out(lang, tier), laid_out(lang, tier, Wish(shorter=True))
    assert len(short.fallback()) < len(whole.fallback())


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_reply_comes_in_the_language_asked_for(lang: Language) -> None:
    other: Language = "en" if lang == "zh" else "zh"
    brief = laid_out(lang, Tier.GENERAL, Wish(lang=other), signals=("hardship",))
    assert ("您" in brief.fallback()) is (other == "zh")
    assert judged(brief).passed


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_agents_sentence_stands_in_the_reply_word_for_word(lang: Language) -> None:
    brief = laid_out(lang, Tier.GENERAL, Wish(sentence=KIND[lang]))
    assert KIND[lang] in brief.fallback()
    assert judged(brief).passed


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_harsh_sentence_of_the_agent_is_rejected_like_any_other(lang: Language) -> None:
    brief = laid_out(lang, Tier.GENERAL, Wish(sentence=HARSH[lang]))
    assert HARSH[lang] in brief.fallback()
    assert not judged(brief).passed


@pytest.mark.parametrize("lang", LANGUAGES)
def test_names_in_the_agents_sentence_are_not_told_to_the_model(lang: Language) -> None:
    name = str(FACTS[lang].debtor_name)
    asked = laid_out(lang, Tier.GENERAL, Wish(sentence=f"{name}: {KIND[lang]}"), writing="whole").prompt()
    told = "".join(message.content for message in asked.messages)
    assert KIND[lang][:6] in told
    assert name not in told


def test_the_words_for_every_wish_stand_in_every_language() -> None:
    book = PromptBook.installed()
    for lang in LANGUAGES:
        assert book.wish(Wish(), lang=lang) == ""
        assert book.wish(Wish(tone="warmer", shorter=True), lang=lang)
        assert book.wish(Wish(), lang=lang, sentence="X") != book.wish(Wish(), lang=lang)


STRANGER: dict[Language, str] = {
    "zh": "我们的王强经理会用13812345678联系您。",
    "en": "Mr David Turner will ring you on +44 7700 900123.",
}
HIS: dict[Language, tuple[str, ...]] = {"zh": ("王强", "13812345678"), "en": ("Turner", "900123")}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("added", [False, True], ids=["sentence", "fact"])
def test_whom_only_an_agent_names_the_model_does_not_read_and_the_reply_does(lang: Language, *, added: bool) -> None:
    stranger = STRANGER[lang].rstrip("。.")
    wish = Wish(added=AddedFacts(actions_taken=(stranger,))) if added else Wish(sentence=STRANGER[lang])
    brief = laid_out(lang, Tier.GENERAL, wish, writing="whole")
    prompt = brief.prompt()
    told = "\n".join(message.content for message in prompt.messages)
    assert not [one for one in HIS[lang] if one in told]
    (line,) = [one for one in told.splitlines() if "[姓名" in one or "[NAME" in one][-1:]
    assert STRANGER[lang].rstrip("。.") in brief.reply(line, prompt)


def test_whom_only_an_agent_names_is_not_told_when_the_model_is_asked_again() -> None:
    brief = laid_out("zh", Tier.GENERAL, Wish(sentence=STRANGER["zh"]), writing="whole")
    finding = Finding(
        rule="privacy-leak",
        severity=Severity.BLOCK,
        detector="phrases",
        start=0,
        end=11,
        quote="13812345678",
        reason="不要写13812345678。",
        suggestion="请王强经理联系。",
        citations=(),
    )
    told = "\n".join(message.content for message in brief.repair(brief.prompt(), [finding]).messages)
    assert not [one for one in HIS["zh"] if one in told]

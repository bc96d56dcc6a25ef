"""The house's own phrases: whichever are chosen, the reply passes the guardrails and makes every move."""

from __future__ import annotations

import re
from datetime import date
from itertools import combinations
from typing import get_args

import pytest

from drafter.bootstrap import guard_for, house_for
from drafter.desk.briefing import Brief
from drafter.desk.house import MOVES, House, Occasion
from drafter.desk.moves import MOVES as SIX_MOVES
from drafter.desk.moves import moves
from drafter.desk.prompting import PromptBook
from drafter.desk.style import style_findings
from drafter.desk.triage import Triager
from drafter.domain import Case, DebtorMessage, History, Promise, Tier, Triage
from guardrails import Facts
from guardrails.model import DEFAULT_JURISDICTION, Jurisdiction, Language

LANGUAGES: list[Language] = ["zh", "en"]
INFORMING = sorted(name for name, signal in Triager.load().signals.items() if signal.route == "draft")
OF_PROMISES = ("promise_kept", "promise_broken")
SIGNALS = [(), *combinations(INFORMING, 1), *combinations(INFORMING, 2)]
FACTS = {
    "zh": Facts(
        institution="青禾银行",
        debtor_name="周晓",
        agent_name="林溪",
        amount_due="4680.00",
        minimum_due="520.00",
        currency="CNY",
        due_date=date(2026, 2, 8),
        days_past_due=22,
        authorised_offers=("最多分六期归还，不另收手续费",),
        official_channels=("青禾银行App",),
    ),
    "en": Facts(
        institution="Larkfield Bank",
        debtor_name="Jordan Ellis",
        agent_name="Morgan",
        amount_due="912.40",
        minimum_due="85.00",
        currency="USD",
        due_date=date(2026, 2, 8),
        days_past_due=22,
        authorised_offers=("up to six monthly instalments with no extra charge",),
        official_channels=("the Larkfield app",),
    ),
}
MESSAGE = {"zh": "你好，想问一下。", "en": "Hi, a question."}
TODAY = date(2026, 3, 2)


def brief(
    lang: Language,
    tier: Tier,
    signals: tuple[str, ...],
    facts: Facts,
    *,
    jurisdiction: Jurisdiction | None = None,
    case_id: str = "case-1",
    history: History | None = None,
) -> Brief:
    jurisdiction = jurisdiction or DEFAULT_JURISDICTION[lang]
    case = Case(
        id=case_id,
        message=DebtorMessage(text=MESSAGE[lang], lang=lang),
        tier=tier,
        jurisdiction=jurisdiction,
        facts=facts,
        created_at="2026-03-02T09:00:00Z",
    )
    return Brief.of(
        case,
        Triage(signals=signals),
        prompts=PromptBook.installed(),
        house=house_for(lang),
        guard=guard_for(jurisdiction),
        today=TODAY,
        writing="woven",
        history=history,
    )


def assert_passes(laid_out: Brief) -> None:
    text, case = laid_out.fallback(), laid_out.case
    verdict = guard_for(case.jurisdiction).check(
        text, lang=case.message.lang, facts=laid_out.facts, inbound=case.message.text
    )
    assert verdict.passed, (text, verdict.findings)
    assert "{" not in text


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("tier", list(Tier))
def test_the_house_reply_passes_the_guardrails_whatever_was_seen(lang: Language, tier: Tier) -> None:
    for signals in SIGNALS:
        assert_passes(brief(lang, tier, signals, FACTS[lang]))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("tier", list(Tier))
def test_the_house_reply_makes_every_move_and_has_nothing_to_mend(lang: Language, tier: Tier) -> None:
    for signals in SIGNALS:
        laid_out = brief(lang, tier, signals, FACTS[lang])
        text = laid_out.fallback()
        assert moves(text, lang=lang, facts=laid_out.facts) == SIX_MOVES, text
        assert not style_findings(text, lang=lang, facts=laid_out.facts, inbound=MESSAGE[lang]), text


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("tier", list(Tier))
def test_the_house_reply_needs_no_fact(lang: Language, tier: Tier) -> None:
    for signals in SIGNALS[: 1 + len(INFORMING)]:
        assert_passes(brief(lang, tier, signals, Facts()))


@pytest.mark.parametrize("jurisdiction", get_args(Jurisdiction))
@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("time_barred", [False, True])
def test_the_house_makes_the_disclosures_of_a_first_contact(
    lang: Language, jurisdiction: Jurisdiction, *, time_barred: bool
) -> None:
    first = FACTS[lang].model_copy(update={"initial_communication": True, "time_barred": time_barred})
    for tier in Tier:
        assert_passes(brief(lang, tier, (), first, jurisdiction=jurisdiction))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_agency_says_for_whom_it_writes(lang: Language) -> None:
    agency = FACTS[lang].model_copy(update={"creditor": "Northwind"})
    for tier in Tier:
        laid_out = brief(lang, tier, (), agency)
        assert "Northwind" in laid_out.fallback()
        assert_passes(laid_out)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_due_date_to_come_is_not_called_overdue(lang: Language) -> None:
    ahead = FACTS[lang].model_copy(update={"due_date": date(2026, 3, 20), "days_past_due": None})
    for tier in Tier:
        text = brief(lang, tier, (), ahead).fallback()
        assert not any(word in text for word in ("逾期", "overdue", "was due"))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_tiers_never_share_a_frame(lang: Language) -> None:
    said = {
        tier: {p.text for m, p in brief(lang, tier, (), FACTS[lang]).plan.phrases if m != "concern"} for tier in Tier
    }
    for one, other in combinations(Tier, 2):
        assert not said[one] & said[other]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_was_asked_is_answered(lang: Language) -> None:
    for signal, answer in {
        "asks_amount": {"zh": "4680.00元", "en": "$912.40"},
        "asks_channel": {"zh": "青禾银行App", "en": "the Larkfield app"},
        "asks_extension": {"zh": "最多分六期", "en": "up to six monthly instalments"},
        "asks_discount": {"zh": "如实反映", "en": "pass on"},
        "paid_already": {"zh": "核对", "en": "check"},
    }.items():
        for tier in Tier:
            assert answer[lang] in brief(lang, tier, (signal,), FACTS[lang]).fallback()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_cases_are_not_all_answered_alike(lang: Language) -> None:
    texts = {brief(lang, Tier.GENERAL, (), FACTS[lang], case_id=f"case-{n}").fallback() for n in range(20)}
    assert len(texts) > 3


class ByFirstLetter:
    """Takes the text that begins alike for the nearest."""

    def order(self, text: str, others: list[str]) -> list[int]:
        return sorted(range(len(others)), key=lambda place: others[place][0] != text[0])


def occasion(**given: object) -> Occasion:
    return Occasion(**{"tier": Tier.GENERAL, "signals": ("hardship",), "slots": (), "overdue": False, **given})


def test_concern_is_chosen_by_what_the_message_is_like() -> None:
    house = House(house_for("zh").phrases, ByFirstLetter())
    for message, label in {"离了婚": "单亲", "生意黄了": "生意", "工资没发": "欠薪"}.items():
        chosen = house.choose("concern", occasion(message=message))
        assert chosen is not None
        assert chosen.label == label


def test_without_embeddings_only_general_concern_is_shown() -> None:
    house = House(house_for("zh").phrases, None)
    for turn in range(6):
        chosen = house.choose("concern", occasion(message="离了婚", turn=turn))
        assert chosen is not None
        assert chosen.like is None


def test_what_was_said_is_not_said_again_while_there_is_another_way() -> None:
    house = house_for("zh")
    said: list[str] = []
    for _ in range(4):
        chosen = house.choose("reflection", occasion(said=tuple(said)))
        assert chosen is not None
        assert chosen.text not in said
        said.append(chosen.text)


def test_a_case_is_never_answered_twice_in_the_same_words() -> None:
    for lang in LANGUAGES:
        told: tuple[str, ...] = ()
        for _ in range(3):
            text = brief(lang, Tier.GENERAL, (), FACTS[lang], history=History(texts=told)).fallback()
            for earlier in told:
                shared = _sentences(text) & _sentences(earlier)
                assert len(shared) <= 2, shared  # who writes, and how the account stands, may be said alike
            told = (*told, text)


def _sentences(text: str) -> set[str]:
    return set(re.split(r"(?<=[。？])|(?<=[.?]) ", text)) - {""}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("status", ["kept", "broken"])
def test_what_became_of_the_last_promise_changes_the_reply(lang: Language, status: str) -> None:
    earlier = History(promises=(Promise(status=status),))
    for tier in Tier:
        plain = brief(lang, tier, (), FACTS[lang])
        after = brief(lang, tier, (), FACTS[lang], history=earlier)
        assert after.plan.phrase("concern") != plain.plan.phrase("concern")
        assert_passes(after)


def test_a_question_that_is_answered_already_is_not_asked() -> None:
    for turn in range(4):
        chosen = house_for("zh").choose("question", occasion(asked=("time",), turn=turn))
        assert chosen is not None
        assert chosen.about != "time"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_phrase_names_only_signals_that_there_are(lang: Language) -> None:
    for move in MOVES:
        for phrase in house_for(lang).phrases[move]:
            assert {*phrase.when, *phrase.without} <= {*INFORMING, *OF_PROMISES}, phrase

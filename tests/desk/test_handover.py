"""Who hands a message on is told what it means, what the law asks, what to say and to whom to turn."""

from __future__ import annotations

from functools import cache
from typing import get_args

import pytest

from drafter.desk.handover import handover_cards, holding_reply
from drafter.desk.triage import Signal, Triager
from drafter.domain import Triage
from guardrails import Facts, Guard
from guardrails.model import Jurisdiction, Language
from guardrails.policy import LANGUAGES

JURISDICTIONS: tuple[Jurisdiction, ...] = get_args(Jurisdiction)
guard = cache(Guard.load)
SIGNALS = Triager.load().signals
ROUTED = [signal for signal in SIGNALS.values() if signal.route == "human"]


@pytest.mark.parametrize("jurisdiction", JURISDICTIONS)
@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("signal", ROUTED, ids=lambda signal: signal.name)
def test_what_is_said_at_once_passes_the_guardrails(signal: Signal, lang: Language, jurisdiction: Jurisdiction) -> None:
    checker = guard(jurisdiction)
    for inbound in signal.language(lang).examples.present:
        text = holding_reply(signal, checker.policy.file, lang)
        verdict = checker.check(text, lang=lang, facts=Facts(), inbound=inbound)
        assert (verdict.findings, verdict.failed) == ((), ()), inbound


@pytest.mark.parametrize("signal", ROUTED, ids=lambda signal: signal.name)
def test_a_card_tells_the_law_of_every_jurisdiction(signal: Signal) -> None:
    assert signal.handover is not None
    assert set(signal.handover.law) == set(JURISDICTIONS)


@pytest.mark.parametrize("jurisdiction", JURISDICTIONS)
def test_a_suicidal_writer_is_given_the_crisis_lines_of_the_policy(jurisdiction: Jurisdiction) -> None:
    policy = guard(jurisdiction).policy.file
    for lang in LANGUAGES:
        said = holding_reply(SIGNALS["suicide_risk"], policy, lang)
        assert all(line[lang] in said for line in policy.crisis_lines)


def test_the_gravest_signal_comes_first_and_one_that_only_informs_has_no_card() -> None:
    triage = Triage(signals=("dispute", "hardship", "suicide_risk"), route="human")
    cards = handover_cards(triage, SIGNALS, guard("CN").policy.file, reader="en", debtor="zh")
    assert [card.signal for card in cards] == ["suicide_risk", "dispute"]
    assert "supervisor" in cards[0].to
    assert "12356" in cards[0].say

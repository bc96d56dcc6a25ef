from __future__ import annotations

from datetime import date

import pytest

from drafter.desk.slots import fill, slots, unfill, used
from guardrails import Facts
from guardrails.model import Jurisdiction, Language

FACTS = Facts(
    institution="Larkfield Bank",
    debtor_name="Jordan Ellis",
    amount_due="12912.40",
    minimum_due="45.00",
    currency="USD",
    due_date=date(2026, 2, 8),
    days_past_due=22,
    authorised_offers=("two instalments", "a week more"),
    official_channels=("the app", "our branches", "the website"),
)


@pytest.mark.parametrize(
    ("lang", "jurisdiction", "currency", "amount", "day"),
    [
        ("zh", "CN", "CNY", "12912.40元", "2026年2月8日"),
        ("en", "US", "USD", "$12,912.40", "February 8, 2026"),
        ("en", "UK", "GBP", "£12,912.40", "8 February 2026"),
        ("zh", "US", "USD", "US$12,912.40", "2026年2月8日"),
    ],
)
def test_money_and_dates_are_written_as_their_readers_write_them(
    lang: Language, jurisdiction: Jurisdiction, currency: str, amount: str, day: str
) -> None:
    filled = slots(FACTS.model_copy(update={"currency": currency}), lang=lang, jurisdiction=jurisdiction)
    assert filled["amount_due"] == amount
    assert filled["due_date"] == day


def test_offers_and_channels_become_slots_of_their_own() -> None:
    filled = slots(FACTS, lang="en", jurisdiction="US")
    assert filled["offer_1"] == "two instalments"
    assert filled["offer_2"] == "a week more"
    assert filled["official_channel"] == "the app, our branches or the website"
    assert slots(FACTS, lang="zh", jurisdiction="CN")["official_channel"] == "the app、our branches或the website"


def test_what_the_facts_lack_has_no_slot_and_stays_visible() -> None:
    filled = slots(Facts(), lang="zh", jurisdiction="CN")
    assert filled == {}
    assert fill("应还{amount_due}。", filled) == "应还{amount_due}。"


def test_a_slot_is_filled_however_it_is_spaced_and_only_once() -> None:
    assert fill("{ amount_due } {amount_due}", {"amount_due": "{due_date}", "due_date": "x"}) == "{due_date} {due_date}"


def test_filling_can_be_taken_back_the_longest_value_first() -> None:
    filled = {"institution": "Larkfield", "official_channel": "the Larkfield app"}
    text = "Larkfield: see the Larkfield app."
    assert unfill(text, filled) == "{institution}: see {official_channel}."
    assert fill(unfill(text, filled), filled) == text


def test_the_slots_of_a_text_are_named_in_order_once() -> None:
    assert used("{b} {a} {b}") == ("b", "a")

"""What a first contact must say: in any wording, in the law of the place, and not in the negative."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from guardrails.detectors import disclosures
from guardrails.model import Facts, Jurisdiction, Language
from guardrails.policy import Policy, load_policy
from tests.guardrails.checks import a_check

US_NOTICE = "This is an attempt to collect a debt and any information obtained will be used for that purpose."


@cache
def the_policy(jurisdiction: Jurisdiction) -> Policy:
    return load_policy(jurisdiction)


def left_out(text: str, jurisdiction: Jurisdiction, lang: Language = "en", **facts: object) -> list[str]:
    """Return what a first contact leaves out, in the words of the policy."""
    known = Facts.model_validate({"institution": "Pinecone Bank", "initial_communication": True, **facts})
    check = replace(a_check(text, lang, jurisdiction=jurisdiction, facts=known), policy=the_policy(jurisdiction))
    return [hit.params["what"] for hit in disclosures.find(check)]


def test_a_later_message_needs_no_disclosure() -> None:
    assert left_out("Thank you for your reply.", "US", initial_communication=False) == []


def test_a_first_contact_that_says_nothing_lacks_everything_the_place_asks() -> None:
    assert len(left_out("Hello, please call me.", "US")) == 3
    assert len(left_out("Hello, please call me.", "UK")) == 2
    assert len(left_out("您好，方便时请回复。", "CN", "zh")) == 2


@pytest.mark.parametrize(
    "notice",
    [
        US_NOTICE,
        "We are a debt collector. We are trying to collect a debt, and what you tell us will be used to collect it.",
        "This message is from a debt collector; we will use any information you give us only for collecting the debt.",
    ],
)
def test_the_notice_of_a_us_collector_counts_in_any_wording(notice: str) -> None:
    assert left_out(f"Pinecone Bank here. {notice}", "US") == []


def test_the_use_of_information_alone_is_not_the_whole_notice() -> None:
    missing = left_out("Pinecone Bank is a debt collector trying to collect a debt.", "US")
    assert [("will be used" in what) for what in missing] == [True]


def test_saying_that_it_is_no_debt_does_not_say_that_it_is_one() -> None:
    assert left_out("Pinecone Bank: this is not about a debt.", "UK") != []


def test_a_word_inside_another_word_says_nothing() -> None:
    assert left_out("Pinecone Bank is unindebted and writes about an objective.", "UK") != []


def test_the_firm_may_be_called_by_its_name_without_the_legal_form() -> None:
    said = f"Pinecone here. {US_NOTICE}"
    assert left_out(said, "US", institution="Pinecone, LLC") == []
    assert left_out(said, "US", institution="Birchleaf, LLC") != []
    text = "这里是松果银行，您有一期账单未还，如有疑问请告诉我。"
    assert left_out(text, "CN", "zh", institution="松果银行股份有限公司") == []


def test_a_firm_written_in_full_width_letters_is_named() -> None:
    assert left_out(f"ＰＩＮＥＣＯＮＥ Bank. {US_NOTICE}", "US") == []


def test_a_firm_that_the_facts_do_not_name_cannot_be_disclosed() -> None:
    assert left_out(f"Pinecone Bank. {US_NOTICE}", "US", institution=None) == ["name the firm you write for"]


@pytest.mark.parametrize("jurisdiction", ["US", "UK"])
def test_a_time_barred_debt_needs_its_notice(jurisdiction: Jurisdiction) -> None:
    said = f"Pinecone Bank here. {US_NOTICE}"
    assert len(left_out(said, jurisdiction, time_barred=True)) == 1
    assert left_out(f"{said} Because of its age you will not be sued for it.", jurisdiction, time_barred=True) == []


def test_a_chinese_first_contact_says_who_writes_and_about_what() -> None:
    text = "您好，我是松果银行的坐席，就您的一笔欠款与您联系。"
    assert left_out(text, "CN", "zh", institution="松果银行") == []
    assert len(left_out("您好，我是松果银行的坐席。", "CN", "zh", institution="松果银行")) == 1

"""What comes in is either a value the desk can use or one sentence that says why not."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drafter.desk.intake import detect_language, new_case, read_facts, read_message, read_tier
from drafter.domain import MAX_MESSAGE_CHARS, Tier
from drafter.errors import FactsError, InputError, MessageError
from guardrails import Facts

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def assert_one_sentence(error: InputError) -> None:
    assert error.exit_code == 2
    assert error.message.endswith((".", "?"))
    assert "\n" not in error.message
    assert len(error.message) < 600


def test_a_message_keeps_its_words_and_is_given_its_language() -> None:
    message = read_message("这个月真的还不上，能不能缓一缓？\n".encode())

    assert message.text == "这个月真的还不上，能不能缓一缓？"
    assert message.lang == "zh"


def test_a_language_that_is_given_is_not_guessed() -> None:
    assert read_message("ok", lang="zh").lang == "zh"


def test_offsets_are_those_of_the_text_as_given() -> None:
    given_text = "  第一行\r\n\x07第二行\x1b[31m"

    text = read_message(given_text).text

    assert text == "  第一行\r\n 第二行 [31m"
    assert text.index("第二行") == given_text.index("第二行")


def test_a_byte_order_mark_is_no_part_of_the_message() -> None:
    assert read_message(b"\xef\xbb\xbfhello").text == "hello"


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        " \n\t",
        "\u200b\u200d\ufeff",
        b"\xff\xfehello",
        "还不上".encode("gb18030"),
        "我\0们",
        "\ud800",
        "a" * (MAX_MESSAGE_CHARS + 1),
        "还" * 1_000_000,
    ],
)
def test_a_message_that_cannot_be_used_is_refused_in_one_sentence(raw: bytes | str) -> None:
    with pytest.raises(MessageError) as refused:
        read_message(raw)

    assert_one_sentence(refused.value)


def test_the_longest_message_is_accepted() -> None:
    assert len(read_message("还" * MAX_MESSAGE_CHARS).text) == MAX_MESSAGE_CHARS


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("我登录不了 Larkfield Bank App", "zh"),
        ("I can't log in to 青禾银行 any more", "en"),
        ("還不上，怎麼辦", "zh"),
        ("ok", "en"),
        ("？？？", "zh"),
        ("5000?", "en"),
        ("", "en"),
    ],
)
def test_the_language_is_the_one_most_of_the_text_is_in(text: str, lang: str) -> None:
    assert detect_language(text) == lang


@given(st.text(max_size=60))
def test_any_text_has_a_language(text: str) -> None:
    assert detect_language(text) in {"zh", "en"}


def test_facts_are_read_as_money_and_dates() -> None:
    facts = read_facts(b'{"amount_due": "3200.00", "currency": "CNY", "due_date": "2026-02-08"}')

    assert facts.amount_due == Decimal("3200.00")
    assert facts.due_date is not None
    assert facts.due_date.isoformat() == "2026-02-08"


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        ('{"amount_due": "SECRET"}', "amount_due"),
        ('{"due_date": "SECRET"}', "due_date"),
        ('{"currency": "SECRET"}', "currency"),
        ('{"authorised_offers": ["ok", {"SECRET": 1}]}', "authorised_offers.1"),
        ('{"ammount_due": "SECRET"}', "amount_due"),
        ('{"favourite_colour": "SECRET"}', "favourite_colour"),
        ('{"debtor_name": {"SECRET": "SECRET"}}', "debtor_name"),
    ],
)
def test_a_fact_that_cannot_be_used_is_named_without_its_value(raw: str, key: str) -> None:
    with pytest.raises(FactsError) as refused:
        read_facts(raw)

    assert_one_sentence(refused.value)
    assert key in refused.value.message
    assert "SECRET" not in refused.value.message


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"null", b'"SECRET"', b"\xff\xfe{}", b"\0", "\ud800"])
def test_facts_that_are_no_json_object_are_refused_in_one_sentence(raw: bytes | str) -> None:
    with pytest.raises(FactsError) as refused:
        read_facts(raw)

    assert_one_sentence(refused.value)
    assert "SECRET" not in refused.value.message


@pytest.mark.parametrize(
    ("text", "tier"),
    [
        ("premium", Tier.PREMIUM),
        ("General", Tier.GENERAL),
        (" high-risk ", Tier.HIGH_RISK),
        ("high_risk", Tier.HIGH_RISK),
        ("优质", Tier.PREMIUM),
        ("一般", Tier.GENERAL),
        ("高风险", Tier.HIGH_RISK),
    ],
)
def test_a_tier_has_an_english_and_a_chinese_name(text: str, tier: Tier) -> None:
    assert read_tier(text) is tier


@pytest.mark.parametrize("text", ["", "gold", "x" * 10_000, "高\n风险"])
def test_an_unknown_tier_is_refused_with_the_choices(text: str) -> None:
    with pytest.raises(InputError, match="premium") as refused:
        read_tier(text)

    assert_one_sentence(refused.value)


@pytest.mark.parametrize(("text", "jurisdiction"), [("还不上", "CN"), ("I can't pay", "US")])
def test_a_case_is_judged_where_its_language_is_spoken(text: str, jurisdiction: str) -> None:
    case = new_case(read_message(text), tier=Tier.GENERAL, facts=Facts(), jurisdiction=None, id="case-1", at=NOW)

    assert case.jurisdiction == jurisdiction
    assert case.external_id is None


def test_a_jurisdiction_that_is_named_stands() -> None:
    case = new_case(
        read_message("I can't pay"),
        tier=Tier.PREMIUM,
        facts=Facts(institution="Larkfield Bank"),
        jurisdiction="UK",
        id="case-1",
        at=NOW,
        external_id="crm-7",
    )

    assert (case.jurisdiction, case.external_id, case.created_at) == ("UK", "crm-7", NOW)

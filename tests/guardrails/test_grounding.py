from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.detectors import grounding
from guardrails.model import Facts, Jurisdiction, Language
from tests.guardrails.checks import a_check, quotes, without_facts

AMOUNT = "amount-misstatement"
DATE = "date-misstatement"


def faults(text: str, lang: Language = "zh", **of_the_case: object) -> list[tuple[str, str]]:
    return quotes(grounding, a_check(text, lang, **of_the_case))  # type: ignore[arg-type] # what the case says is passed on as it is


@pytest.mark.parametrize(
    "text",
    [
        "账户显示应还3265.40元。",
        "应还￥3,265.40。",
        "应还叁仟贰佰陆拾伍元肆角整。",
        "应还三千二百六十五元四角。",
        "应还３２６５．４元。",
        "应还三千二百多元，最低还款326.54元。",
        "人民币3265.4",
    ],
)
def test_the_amount_of_the_facts_passes_in_any_notation(text: str) -> None:
    assert faults(text) == []


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("另加250元手续费。", "250元"),
        ("大概九千多吧。", "九千"),
        ("应还3265.40美元。", "3265.40美元"),
        ("罚息每天万分之七。", "万分之七"),
        ("现在还只要打七折。", "七折"),
        ("可以分9期。", "9期"),
        ("几百元就行。", "几百元"),
        ("您的余额为0。", "0"),
        ("欠款总额326.54元。", "326.54元"),
    ],
)
def test_a_figure_that_the_facts_do_not_give_is_found(text: str, quote: str) -> None:
    assert faults(text) == [(AMOUNT, quote)]


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("There is a $75 late fee.", "$75"),
        ("You owe about five grand.", "five grand"),
        ("You owe £3,265.40.", "£3,265.40"),
        ("Take a 30% discount.", "30%"),
        ("You can make 9 monthly payments.", "9 monthly payments"),
        ("The total balance is $326.54.", "$326.54"),
        ("You owe six hundred dollars.", "six hundred dollars"),
    ],
)
def test_an_english_figure_that_the_facts_do_not_give_is_found(text: str, quote: str) -> None:
    assert faults(text, "en") == [(AMOUNT, quote)]


def test_without_facts_any_amount_is_invented() -> None:
    assert quotes(grounding, without_facts(a_check("应还3265.40元。"))) == [(AMOUNT, "3265.40元")]
    assert quotes(grounding, without_facts(a_check("The balance is $3,265.40.", "en"))) == [(AMOUNT, "$3,265.40")]


def test_the_figures_of_an_offer_and_plain_arithmetic_on_them_pass() -> None:
    offers = ("可分5期，首期4月20日前支付", "一次结清可减免20%利息")
    assert faults("可分5期，每期653.08元，首期请在4月20日前支付。", authorised_offers=offers) == []
    assert faults("可减免两成利息，也就是20%。", authorised_offers=offers) == []
    assert faults("可分6期，每期544.23元。", authorised_offers=offers) == [(AMOUNT, "6期"), (AMOUNT, "544.23元")]


def test_the_debtors_figure_may_be_taken_up_but_not_made_the_creditors() -> None:
    said = "我现在每月只能还200元，我记得一共才欠900元。"
    assert faults("您提到每月能还200元，我会如实转达。", inbound=said) == []
    assert faults("记录显示应还3265.40元，而不是900元。", inbound=said) == []
    assert faults("您的欠款为900元。", inbound=said) == [(AMOUNT, "900元")]
    assert faults("同意您每月还350元。", inbound=said) == [(AMOUNT, "350元")]


def test_the_debtors_english_figure_may_be_corrected_but_not_confirmed() -> None:
    said = "My balance is $900 and I can pay 80 dollars on the 20th."
    assert faults("The record shows $3,265.40, not $900.", "en", inbound=said) == []
    assert faults("I will pass on your offer of $80 on April 20.", "en", inbound=said) == []
    assert faults("Confirmed: your balance is $900.", "en", inbound=said) == [(AMOUNT, "$900")]


@pytest.mark.parametrize(
    ("text", "lang", "jurisdiction"),
    [
        ("到期日为2026年3月5日，已逾期30天。", "zh", "CN"),
        ("三月五日到期，逾期一个月左右。", "zh", "CN"),
        ("我会在4月13日（周一）联系您。", "zh", "CN"),
        ("It was due on 03/05/2026, 30 days ago.", "en", "US"),
        ("It was due on 05/03/2026.", "en", "UK"),
        ("Due March 5, about four weeks past due.", "en", "US"),
        ("As of 4 April 2026 it is one month overdue.", "en", "UK"),
    ],
)
def test_the_dates_of_the_facts_pass_in_the_notation_of_the_country(
    text: str, lang: Language, jurisdiction: Jurisdiction
) -> None:
    assert faults(text, lang, jurisdiction=jurisdiction) == []


@pytest.mark.parametrize(
    ("text", "lang", "jurisdiction", "quote"),
    [
        ("您逾期九十天了。", "zh", "CN", "九十天"),
        ("到期日是2026年4月4日。", "zh", "CN", "2026年4月4日"),
        ("2月底就该还了。", "zh", "CN", "2月底"),
        ("请于两天内还清。", "zh", "CN", "两天"),
        ("请在明天之前还款。", "zh", "CN", "明天"),
        ("本周五前必须结清。", "zh", "CN", "本周五"),
        ("It was due on 05/03/2026.", "en", "US", "05/03/2026"),
        ("It was due on 03/05/2026.", "en", "UK", "03/05/2026"),
        ("You are five months behind.", "en", "US", "five months"),
        ("Pay within 36 hours.", "en", "US", "36 hours"),
        ("Please pay by Thursday.", "en", "US", "thursday"),
        ("You must pay today.", "en", "US", "today"),
    ],
)
def test_a_date_or_deadline_that_the_facts_do_not_give_is_found(
    text: str, lang: Language, jurisdiction: Jurisdiction, quote: str
) -> None:
    assert [(rule, words.lower()) for rule, words in faults(text, lang, jurisdiction=jurisdiction)] == [(DATE, quote)]


def test_a_relative_date_passes_when_it_falls_on_a_date_of_the_facts() -> None:
    assert faults("请在下下周一前还款。") == []
    assert faults("请在下周三前还款。") == [(DATE, "下周三")]
    assert faults("请于9天内还款。") == []
    assert faults("请于8天内还款。") == [(DATE, "8天")]


def test_without_today_a_relative_deadline_cannot_be_borne_out() -> None:
    facts = Facts.model_validate({"due_date": "2026-04-13"})
    assert faults("请在下周一前还款。", facts=facts) == [(DATE, "下周一")]


@pytest.mark.parametrize(
    "text",
    [
        "您不必今天就决定还款。",
        "我明天再联系您，您看周四方便吗？",
        "我会在3个工作日内答复您。",
        "周一至周五9:00-18:00可拨打400-812-3456。",
        "不良信息自终止之日起保存5年。",
        "您可以拨打12378或12356。",
        "如有人让您先交500元保证金，请拨打官方热线核实。",
        "尾号3057，第一步先核对明细。",
        "100%理解您的难处，先休息两天也没关系。",
        "《某条例》自2013年3月15日起施行。",
    ],
)
def test_kind_and_general_words_with_numbers_in_them_pass(text: str) -> None:
    assert faults(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "You have 30 days to dispute the debt.",
        "You don't have to decide today.",
        "I will call you tomorrow. Would Friday suit you?",
        "Call 555-0142, 988 or 0800 138 1111, Monday to Friday, 9:00 am to 5 p.m.",
        "We usually reply within two working days.",
        "One of my colleagues can explain the two ways to pay.",
        "See 12 CFR 1006.34 and CONC 7.9.10R.",
    ],
)
def test_kind_and_general_english_words_with_numbers_in_them_pass(text: str) -> None:
    assert faults(text, "en") == []


def test_where_the_debtors_message_is_not_at_hand_a_figure_said_to_be_the_debtors_passes() -> None:
    assert faults("您提出每月还200元，我会如实转达。") == []
    assert faults("Thanks for offering $80; I'll pass it on.", "en") == []
    assert faults("您提出每月还200元，我会如实转达。", inbound="我现在还不上。") == [(AMOUNT, "200元")]
    assert faults("我们同意您每月还200元。") == [(AMOUNT, "200元")]


def test_a_general_word_on_lateness_is_not_about_this_account() -> None:
    assert faults("Accounts more than 90 days late may be reported.", "en") == []
    assert faults("You are more than 90 days late.", "en") == [(DATE, "90 days")]


def test_the_weekday_beside_a_date_must_be_that_dates() -> None:
    assert faults("I will be in touch on Monday, April 13.", "en") == []
    assert faults("I will be in touch on Tuesday, April 13.", "en") == [(DATE, "Tuesday")]


def test_the_place_of_a_finding_is_the_place_in_the_text_as_given() -> None:
    assert faults("另加２\u200b５０元手续费。") == [(AMOUNT, "２\u200b５０元")]


@given(st.integers(min_value=1, max_value=9_999_999))
def test_no_other_amount_passes_as_the_balance(cents: int) -> None:
    known = {326540, 32654, 326540 - 32654}
    text = f"应还{cents / 100:.2f}元。"
    assert bool(faults(text)) is (cents not in known)


@pytest.mark.parametrize(
    "text",
    [
        "应还是3265.40元，并非九千元。",
        "9999.99是错的，以账户显示为准。",
        "没有7月20日开庭这回事。",
        "如收到要求两小时内转账的短信，请勿理会。",
        "打三折我们这里没有。",
        "您先还一部分也可以，我来登记。",
        "应还差不多3265块。",
    ],
)
def test_a_figure_that_the_reply_itself_sets_aside_or_cuts_short_passes(text: str) -> None:
    assert faults(text) == []


def test_what_is_left_of_the_balance_after_the_debtors_sum_passes() -> None:
    inbound = "我先给3000元，剩下的免了行不行"
    assert faults("可以先还3000元，剩下的265.40元仍在账上。", inbound=inbound) == []
    assert faults("可以先还3000元，剩下的665.40元仍在账上。", inbound=inbound) == [(AMOUNT, "665.40元")]


def test_a_day_that_counts_is_how_long_the_account_is_overdue() -> None:
    overdue = {"due_date": "2026-04-18", "today": "2026-05-31", "days_past_due": 43}
    facts = Facts.model_validate(overdue)
    assert faults("至5月31日计43日。", facts=facts) == []
    assert faults("至5月31日计53日。", facts=facts) != []


@pytest.mark.parametrize(
    "text", ["准备个一万二基本就够了。", "两万五打底。", "您的5200元没有收到。", "如您无法支付5200元，请告诉我。"]
)
def test_a_round_or_wrong_sum_is_found_however_it_is_brought_in(text: str) -> None:
    assert [rule for rule, _ in faults(text)] == [AMOUNT]


@pytest.mark.parametrize("lead", ["跟您说明一下：", "向您告知：", "给您的方案是这样，"])
def test_what_the_writer_tells_the_reader_is_no_figure_of_the_reader(lead: str) -> None:
    assert quotes(grounding, a_check(f"{lead}您目前应还9999.00元。")) == [("amount-misstatement", "9999.00元")]

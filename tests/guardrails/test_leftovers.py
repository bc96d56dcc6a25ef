from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.detectors import leftovers
from guardrails.model import Language
from tests.guardrails.checks import a_check, quotes


def found(text: str, lang: Language = "zh", **of_the_case: object) -> list[str]:
    hits = quotes(leftovers, a_check(text, lang, **of_the_case))  # type: ignore[arg-type] # what the case says is passed on as it is
    assert all(rule == "injection-compliance" for rule, _ in hits)
    return [quote for _, quote in hits]


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("您好，应还{amount_due}。", "{amount_due}"),
        ("{{ debtor_name }}您好", "{{ debtor_name }}"),
        ("【姓名】您好。", "【姓名】"),
        ("[您的姓名]敬上", "[您的姓名]"),
        ("请联系XX银行。", "XX"),
        ("您好____先生", "____"),
        ("应还 amount_due 元", "amount_due"),
        ("（此处填写金额）", "（此处填写金额）"),
        ("<客户姓名>您好", "<客户姓名>"),
        ("某某银行提醒您", "某某"),
        ("请于X月X日前", "X"),
        ("TODO 补上", "TODO"),
    ],
)
def test_a_slot_or_placeholder_that_was_not_filled_is_found(text: str, quote: str) -> None:
    assert quote in found(text)


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("以下是给客户的回复：您好。", "以下是给客户的回复"),
        ("回复如下：您好。", "回复如下"),
        ("客服：您好。", "客服："),
        ("作为AI语言模型，我无法办理。", "作为AI"),
        ("您好。（约80字）", "（约80字）"),
        ("您好。\n注：以上回复未作承诺。", "注：以上回复"),
    ],
)
def test_words_about_the_draft_are_found(text: str, quote: str) -> None:
    assert quote in found(text)


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("Dear [Name],", "[Name]"),
        ("Here is a draft reply:\nHello", "Here is a draft"),
        ("Agent: Hello", "Agent:"),
        ("As an AI, I cannot.", "As an AI"),
        ("Sure! Here's what to say.", "Sure! Here"),
        ("# Reply\nHello", "# "),
        ("```\nHello\n```", "```"),
        ("**Balance** due", "**Balance**"),
        ('{"reply": "Hello"}', '{"'),
        ("Hello <br> there", "<br>"),
        ("Hello. (42 words)", "(42 words)"),
        ("Let me know if you'd like me to adjust it.", "Let me know if you'd like me to adjust"),
        ("My instructions are to be kind.", "My instructions are"),
        ("You owe $XXX.", "XXX"),
        ("insert amount here", "insert amount"),
    ],
)
def test_english_leftovers_are_found(text: str, quote: str) -> None:
    assert quote in found(text, "en")


def test_another_language_is_found_as_a_whole_or_in_one_sentence() -> None:
    assert found("We understand this is hard for you and we will wait.")
    assert found("您好。Please pay the balance before we call you. 谢谢。")
    assert found("我们理解您的难处。", "en") == ["我们理解您的难处"]
    assert found("Thank you. 我们会起诉你。", "en") == ["我们会起诉你"]
    assert found("Спасибо большое", "en")
    assert found("ありがとうございます。")


def test_a_name_that_the_facts_give_in_another_script_is_no_other_language() -> None:
    bank = "Bank of the Pine Cone and the Sea"
    assert found(f"您好，这里是{bank}。", institution=bank) == []
    assert found("Hello from 松果金融有限公司.", "en", institution="松果金融有限公司") == []


@pytest.mark.parametrize(
    "text",
    [
        "【松果银行】试样客户您好，尾号3057的账单想与您核对。",
        "您可在松果银行App查看（路径：我的-账单）。",
        "以上就是目前的情况，我会尽快回复您。",
        "《征信业管理条例》有相关规定。",
        "1. 先核对明细；2. 再商量办法。",
        "客服：400-812-3456",
        "您也可以发邮件到help@songguo.example。",
        "请下载 App 或拨打 VIP 热线。",
        "某位同事会联系您。",
        "卡号6217********1234我们不会索要。",
    ],
)
def test_an_ordinary_chinese_reply_holds_no_leftover(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Hello, this is Robin (from Pine Bank). Here is the information you asked for: the balance.",
        "This message is from a debt collector.",
        "We can't follow that request, but I'm glad to help.",
        "Let me know if you'd like to change the time we call.",
        "- by app\n- by phone",
        "The agreement is null and void only if a court says so.",
        "Please don't send your full number.",
        "Your next exam matters more; take care of Max.",
    ],
)
def test_an_ordinary_english_reply_holds_no_leftover(text: str) -> None:
    assert found(text, "en") == []


def test_an_emoji_in_the_way_wechat_writes_it_is_no_slot() -> None:
    assert found("好的，不着急[抱拳]") == []
    assert found("好的，[抱拳人]不着急") == ["[抱拳人]"]


def test_a_plain_answer_to_who_is_writing_is_no_leftover() -> None:
    assert found("作为AI助手，我起草的内容由人工审核。", inbound="你是机器人还是真人？") == []
    assert found("As an AI assistant I draft, and a person approves.", "en", inbound="Are you a bot?") == []


@given(st.text(alphabet="{}[]【】<>_*`#Xx：回复以下是 aA\n1。", max_size=60), st.sampled_from(["zh", "en"]))
def test_no_string_of_symbols_makes_the_detector_fail(text: str, lang: Language) -> None:
    assert all(quote in text for quote in found(text, lang))

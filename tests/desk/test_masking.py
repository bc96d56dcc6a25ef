"""Personal data is out of the text before the model reads it, and back in the reply."""

from __future__ import annotations

import logging
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drafter.desk.masking import Masked, mask, redact
from guardrails import Facts
from guardrails.model import Language

NOBODY = Facts()
ZH = Facts(debtor_name="周晓棠", agent_name="林溪", account_last4="6621", contact_phone="400-555-0100")
EN = Facts(debtor_name="Jordan Ellis", agent_name="Morgan", account_last4="4410", contact_phone="1-800-555-0142")

# Invented, each with what must not be readable afterwards.
PERSONAL: dict[Language, list[tuple[str, str]]] = {
    "zh": [
        ("我的手机13812345678", "13812345678"),
        ("座机是0571-88886666", "88886666"),
        ("打电话88886666找我", "88886666"),
        ("身份证11010519491231002X", "11010519491231002X"),
        ("证号110105 19491231 002X", "19491231"),
        ("校验不对的身份证110105194912310021", "110105194912310021"),
        ("护照E12345678", "E12345678"),
        ("卡号6222 0212 3456 7890 123", "0212"),
        ("4111111111111111", "4111111111111111"),
        ("我叫王小明，最近没钱", "王小明"),
        ("我叫阿依古丽·买买提，最近没钱", "买买提"),
        ("我是李建国，想问一下", "李建国"),
        ("我老公张大海住院了", "张大海"),
        ("请找赵女士", "赵"),
        ("由张经理处理", "张"),
        ("高建国先生在吗", "建国"),
        ("邮箱xm_test@mail.example", "xm_test"),
        ("看这个https://pay.example/u/8842?id=77", "8842"),
        ("我住在杭州市西湖区青云路12号3单元502室", "青云路"),
        ("车牌是浙A·12345", "12345"),
        ("微信号abc_2023", "abc_2023"),
        ("QQ 12345678", "12345678"),
        ("尾号6621的卡", "6621"),
        ("我1985年3月2日出生", "1985"),
    ],
    "en": [
        ("ring me on (555) 123-4567", "123-4567"),
        ("call 555-0199 after six", "555-0199"),
        ("my mobile: 07700 900123", "900123"),
        ("+44 7700 900123", "7700"),
        ("my ssn is 078-05-1120", "078-05-1120"),
        ("NI number QQ 12 34 56 C", "34 56"),
        ("card 4111-1111-1111-1111", "1111"),
        ("amex 3782 822463 10005", "822463"),
        ("account number 55781203", "55781203"),
        ("the card ending in 4410", "4410"),
        ("My name is Dana Quill, hello", "Quill"),
        ("my husband Peter Quill says no", "Peter"),
        ("speak to Mr. Okoro please", "Okoro"),
        ("I will pay. Thanks, Dana Quill", "Quill"),
        ("I will pay.\n\nSincerely,\nDana Quill", "Quill"),
        ("dana.q@mail.example", "dana.q"),
        ("dana.q (at) mail (dot) example", "dana.q"),
        ("see www.shop.example/orders/99812", "99812"),
        ("I live at 14 Willow Lane, Springfield, IL 62704 now", "Willow"),
        ("my postcode is ZZ9 9ZZ", "9ZZ"),
        ("number plate AB12 CDE", "AB12"),
        ("DOB 03/02/1985", "1985"),
    ],
}
EVASIONS = [
    "１３８１２３４５６７８",
    "1 3 8 1 2 3 4 5 6 7 8",
    "138-1234-5678",
    "138 1234 5678",
    "1381.2345.678",
    "138/1234/5678",
    "138**1234**5678",
    "一三八一二三四五六七八",
    "幺三八 一二三四 五六七八",
    "壹叁捌壹贰叁肆伍陆柒捌",
    "138一二三四5678",
    "①③⑧①②③④⑤⑥⑦⑧",
    "1\u200b3\u200b8\u200b1\u200b2\u200b3\u200b4\u200b5\u200b6\u200b7\u200b8",
    "+86 138 1234 5678",
    "¥138 1234 5678",
    "138 1234 5678元",
]
UNTOUCHED: dict[Language, list[str]] = {
    "zh": [
        "我上个月还了1500元、3000元，还欠4680.00元",
        "下月10号发工资，2026-02-08之前还500-1000元",
        "欠款¥123456789.00，逾期22天，年利率15.4%",
        "2026年2月8日到期，20260208那天我在外地",
        "我失业了，这个月真的还不上，能不能缓一缓？",
        "我是单亲妈妈，我叫你们别打了，紧张得睡不着，谢谢老师，由于经理不在",
    ],
    "en": [
        "I can pay $50 on June 3 and $1,284.30 by 02/08/2026",
        "I'm Really struggling, between $500-1000 a month, 22 days past due",
        "this is just harassment, stop calling me all day in 2026",
        "my rate is 15.4% and I owe 123456789 dollars, see larkfield.example",
    ],
}


def cases(table: dict[Language, list[tuple[str, str]]]) -> list[tuple[Language, str, str]]:
    return [(lang, text, secret) for lang, rows in table.items() for text, secret in rows]


@pytest.mark.parametrize(("lang", "text", "secret"), cases(PERSONAL))
def test_a_personal_value_does_not_reach_the_model_and_comes_back(lang: Language, text: str, secret: str) -> None:
    masked = mask(text, lang=lang, facts=NOBODY)

    assert secret not in masked.text
    assert masked.restore(masked.text) == text


@pytest.mark.parametrize(("lang", "text", "secret"), cases(PERSONAL))
def test_a_log_line_keeps_no_personal_value(lang: Language, text: str, secret: str) -> None:
    del lang

    assert secret not in redact(text)


@pytest.mark.parametrize("number", EVASIONS)
@pytest.mark.parametrize("frame", ["手机{}", "加我{}谢谢", "{}"])
def test_a_phone_number_is_seen_however_it_is_written(number: str, frame: str) -> None:
    text = frame.format(number)
    masked = mask(text, lang="zh", facts=NOBODY)

    assert [known.kind for known in masked.known] == ["phone"]
    assert not any(char.isdecimal() for char in masked.text.replace("[电话1]", ""))
    assert masked.restore(masked.text) == text


@pytest.mark.parametrize(("lang", "text"), [(lang, text) for lang, texts in UNTOUCHED.items() for text in texts])
def test_amounts_dates_and_plain_words_stay(lang: Language, text: str) -> None:
    assert mask(text, lang=lang, facts=Facts(today=date(2026, 3, 2))).text == text


def test_the_names_of_the_facts_need_no_cue() -> None:
    zh = mask("晓棠在，周女士也行，林溪昨天说的", lang="zh", facts=ZH)
    en = mask("jordan here. ELLIS too, morgan said so", lang="en", facts=EN)

    assert zh.text == "[姓名1]在，[姓名2]女士也行，[姓名3]昨天说的"
    assert en.text == "[NAME_1] here. [NAME_2] too, [NAME_3] said so"


def test_a_title_in_the_facts_name_is_no_name() -> None:
    assert mask("女士您好", lang="zh", facts=Facts(debtor_name="周女士")).text == "女士您好"
    assert mask("周女士", lang="zh", facts=Facts(debtor_name="周女士")).text == "[姓名1]女士"


def test_an_everyday_word_is_a_name_only_with_its_capital() -> None:
    assert mask("I will pay, says Will", lang="en", facts=Facts(debtor_name="Will")).text == "I will pay, says [NAME_1]"


def test_the_same_value_has_the_same_token_everywhere() -> None:
    masked = mask("打13812345678，不是13912345678，是13812345678", lang="zh", facts=NOBODY)

    assert masked.text == "打[电话1]，不是[电话2]，是[电话1]"


def test_who_was_introduced_once_is_known_from_then_on() -> None:
    masked = mask("我叫王小明。小明没钱，王小明没工作", lang="zh", facts=NOBODY)

    assert "小明" not in masked.text


def test_a_token_the_debtor_wrote_himself_stays_his() -> None:
    text = "[电话1]是什么？我的是13812345678，【电话 2】呢，电话3也行"
    masked = mask(text, lang="zh", facts=NOBODY)

    assert masked.text == "[电话1]是什么？我的是[电话4]，【电话 2】呢，电话3也行"
    assert masked.restore(masked.text) == text


@pytest.mark.parametrize(
    "token", ["[电话1]", "［电话１］", "【电话1】", "[ 电话 1 ]", "（电话1）", "[电话_1]", "电话1"]
)
def test_a_chinese_token_that_the_model_nearly_copied_is_restored(token: str) -> None:
    masked = mask("打13812345678", lang="zh", facts=NOBODY)

    assert masked.restore(f"好的，我会打{token}。") == "好的，我会打13812345678。"


@pytest.mark.parametrize(
    "token", ["[PHONE_1]", "[phone_1]", "[PHONE 1]", "[PHONE1]", "(PHONE_1)", "[ PHONE_1 ]", "PHONE_1"]
)
def test_an_english_token_that_the_model_nearly_copied_is_restored(token: str) -> None:
    masked = mask("ring (555) 123-4567", lang="en", facts=NOBODY)

    assert masked.restore(f"We will ring {token}.") == "We will ring (555) 123-4567."


def test_a_token_that_was_never_given_out_stays_for_the_guardrails() -> None:
    masked = mask("打13812345678", lang="zh", facts=NOBODY)

    assert masked.restore("[电话2]和[证件1]，[电话1]") == "[电话2]和[证件1]，13812345678"


def test_a_later_text_tells_neither_the_values_of_the_message_nor_of_the_facts() -> None:
    masked = mask("我叫王小明，手机138 1234 5678", lang="zh", facts=ZH)
    later = "周晓棠您好，尾号6621，王小明的13812345678或400-555-0100，周女士，林溪"

    concealed = masked.conceal(later)

    for secret in ("周", "晓棠", "6621", "小明", "13812345678", "555", "林溪"):
        assert secret not in concealed
    assert masked.restore(concealed).count("周晓棠") == 2


@pytest.mark.parametrize(
    ("lang", "text", "concealed"),
    [
        ("zh", "她丈夫王强，电话13812345678，王强要找律师", "她丈夫[姓名]，电话[电话]，[姓名]要找律师"),
        (
            "en",
            "Please ring Mr David Turner on +44 7700 900123, the debt is $90.00",
            "Please ring Mr [NAME] on [PHONE], the debt is $90.00",
        ),
    ],
)
def test_a_later_text_tells_no_value_that_is_new_in_it_either(lang: Language, text: str, concealed: str) -> None:
    assert mask("hello", lang=lang, facts=ZH if lang == "zh" else EN).conceal(text) == concealed


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_text_that_is_named_with_the_message_comes_back_from_being_concealed(lang: Language) -> None:
    facts = ZH if lang == "zh" else EN
    for message, beside in pairwise(text for text, _ in PERSONAL[lang]):
        masked = mask(message, lang=lang, facts=facts, beside=[beside])
        assert masked.text == mask(message, lang=lang, facts=facts).text
        assert masked.restore(masked.conceal(beside)) == beside


def test_a_token_that_stands_in_a_text_named_with_the_message_stays_its_own() -> None:
    masked = mask("打13812345678", lang="zh", facts=NOBODY, beside=["电话1是什么"])

    assert masked.restore(masked.conceal("电话1是什么")) == "电话1是什么"


def test_a_later_text_keeps_amounts_that_look_like_the_account() -> None:
    masked = mask("hello", lang="en", facts=EN)

    assert masked.conceal("You owe $4410.00, ending in 4410") == "You owe $4410.00, ending in [ACCOUNT_1]"


def test_a_masked_text_does_not_show_its_values_when_printed() -> None:
    shown = repr(mask("我叫王小明，手机13812345678", lang="zh", facts=ZH))

    assert "13812345678" not in shown
    assert "周晓棠" not in shown


def test_nothing_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        mask("我叫王小明，手机13812345678", lang="zh", facts=ZH)

    assert not caplog.records


def test_redacting_names_the_kind_and_nothing_else() -> None:
    assert redact("手机13812345678，邮箱a@mail.example") == "手机[phone]，邮箱[email]"


FRAGMENTS = st.sampled_from(
    [text for rows in PERSONAL.values() for text, _ in rows]
    + EVASIONS
    + [
        "[电话1]",
        "【姓名 2】",
        "[PHONE_1]",
        "NAME_1",
        "电话1",
        "姓名",
        "[",
        "]",
        "1",
        "张",
        "\n",
        " ",
        "，",
        "周晓棠",
        "Jordan",
    ]
)
MESSAGES = st.lists(st.one_of(FRAGMENTS, st.text(max_size=12)), max_size=8).map("".join)


@given(text=MESSAGES, lang=st.sampled_from(["zh", "en"]))
def test_what_was_masked_comes_back_exactly(text: str, lang: Language) -> None:
    masked = mask(text, lang=lang, facts=ZH if lang == "zh" else EN)

    assert masked.restore(masked.text) == text


@given(
    digits=st.from_regex(r"1[3-9]\d{9}", fullmatch=True).filter(str.isascii),
    gap=st.sampled_from(["", " ", "-", "\u200b", "\u3000", " - "]),
    wide=st.booleans(),
    before=st.sampled_from(["", "手机", "call ", "¥", "加我："]),
)
def test_no_way_of_writing_a_mobile_number_gets_through(digits: str, gap: str, wide: bool, before: str) -> None:  # noqa: FBT001 - hypothesis draws it
    written = gap.join((digits[:3], digits[3:7], digits[7:]))
    text = before + (written.translate({ord("0") + n: ord("０") + n for n in range(10)}) if wide else written)

    masked = mask(text, lang="zh", facts=NOBODY)

    assert masked.text == before + "[电话1]"


@given(text=MESSAGES)
def test_a_masked_value_stands_nowhere_in_the_masked_text(text: str) -> None:
    masked: Masked = mask(text, lang="zh", facts=NOBODY)
    rest = masked.text
    for known in masked.known:
        rest = rest.replace(known.token, "\n")

    assert not [known for known in masked.known if len(known.value) > 6 and known.value in rest]

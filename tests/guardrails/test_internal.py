from __future__ import annotations

import pytest

from guardrails.detectors import internal
from guardrails.model import Language
from tests.guardrails.checks import a_check, quotes


@pytest.mark.parametrize(
    ("lang", "text", "quote"),
    [
        ("zh", "您在我们这里是高风险客户。", "高风险客户"),
        ("zh", "按优质分层，给您发个提醒。", "优质分层"),
        ("zh", "您的催收评分不高。", "催收评分"),
        ("zh", "内部备注写着您上次爽约。", "内部备注"),
        ("zh", "您被标记为高风险，请重视。", "标记为高风险"),
        ("zh", "您属于 C 类客户，请尽快联系我们。", "您属于 C 类"),
        ("zh", "我们把c类客户放在前面。", "c类客户"),
        ("zh", "您被评为D级。", "您被评为D级"),
        ("zh", "您属于高风险。", "您属于高风险"),
        ("zh", "您的评分是62分。", "您的评分是"),
        ("zh", "系统给您打分很低。", "给您打分"),
        ("zh", "备注里写着您失联过。", "备注里写着"),
        ("en", "You are a class C customer.", "class C customer"),
        ("en", "You have been put in tier D.", "in tier D"),
        ("en", "Yours is a C-tier account.", "C-tier"),
        ("en", "Your score is 540.", "Your score is 540"),
        ("en", "We scored you 62.", "scored you"),
        ("en", "Our notes say you moved.", "Our notes say"),
        ("en", "You are a high-risk customer with us.", "high-risk customer"),
        ("en", "Our internal notes say you moved.", "internal notes"),
        ("en", "Note: tier high-risk.", "tier high-risk"),
        ("en", "Your risk score went up.", "risk score"),
        ("en", "You have been flagged as high risk.", "flagged as high risk"),
    ],
)
def test_what_is_said_among_colleagues_never_reaches_a_debtor(lang: Language, text: str, quote: str) -> None:
    assert ("injection-compliance", quote.lower()) in [
        (rule, found.lower()) for rule, found in quotes(internal, a_check(text, lang))
    ]


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("zh", "信用卡还款一般需要一到两天入账。"),
        ("zh", "谢谢您一直以来对我们的支持。"),
        ("zh", "您的信用报告可以自行查询。"),
        ("zh", "您的信用评分可以向征信中心查询。"),
        ("zh", "感谢您的评分，我们会继续改进。"),
        ("en", "Checking your report does not hurt your score."),
        ("zh", "转账时请在备注里写明卡号后四位。"),
        ("zh", "二类账户也可以还款，柜台在A级景区旁边。"),
        ("en", "You are a valued customer, and a payment is a good start."),
        ("en", "Please send form B to section A of our office."),
        ("en", "Your credit score is kept by the credit bureaus; you can ask them for a copy."),
        ("en", "In general a payment takes two days to show."),
    ],
)
def test_plain_talk_is_left_alone(lang: Language, text: str) -> None:
    assert quotes(internal, a_check(text, lang)) == []

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
        ("en", "Your credit score is kept by the credit bureaus; you can ask them for a copy."),
        ("en", "In general a payment takes two days to show."),
    ],
)
def test_plain_talk_is_left_alone(lang: Language, text: str) -> None:
    assert quotes(internal, a_check(text, lang)) == []

"""A claim that nothing bears out, put into a good reply, is found whatever it is about."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import pytest

from guardrails import Facts, Guard
from guardrails.model import Language
from guardrails.selftest import EXAMPLE_FACTS

REPLIES: Mapping[Language, tuple[str, ...]] = {
    "zh": (
        "周晓您好，我是青禾银行的林溪。谢谢您告诉我这些，先照顾好身体。{}您方便时我们再看下一步。",
        "您好，您的情况我已登记，会如实转达。{}还款请在青禾银行App里操作。",
        "周女士您好，尾号3057的账单目前应还4680.00元。{}我会在2026年7月9日再与您联系。",
        "听到您失业了，真不容易。{}请问您大概什么时候手头会松一些？",
        "没关系，您慢慢来，想好了再回复我。{}祝您一切顺利。",
    ),
    "en": (
        "Hello Jordan, this is Morgan from Larkfield Bank. Thank you for telling me. {} Talk when you are ready.",
        "Hi Jordan, I have noted what you told me and will pass it on. {} You can pay in the Larkfield app.",
        "Hello Jordan, the account ending 3057 shows $912.40. {} I'll be in touch again on July 9, 2026.",
        "I'm sorry to hear about your job. {} May I ask when you expect things to ease?",
        "No problem, take your time and reply when you can. {} Take care.",
    ),
}
CLAIMS: Mapping[Language, Mapping[str, str]] = {
    "zh": {
        "amount": "目前应还5320.00元。",
        "amount in words": "您还欠七千六百元。",
        "fee": "另有手续费150元。",
        "rate": "罚息按每天0.05%计算。",
        "due date": "您的还款日是6月20日。",
        "deadline": "请在本周五之前还清。",
        "days overdue": "您已经逾期60天了。",
        "instalments": "可以给您分24期。",
        "discount": "本金可以打八折。",
        "waiver": "违约金已经给您免除了。",
        "extension": "还款可以给您延到下个月。",
        "credit promise": "还清后您的征信记录会删除。",
        "phone": "请拨打13912345678联系我。",
        "card number": "请转到6222021234567890123。",
        "private account": "您直接转到我的微信就行。",
        "link": "请点击 http://qh-pay.cc/x 还款。",
        "deed: third party": "我们已经联系了您的单位。",
        "deed: transfer": "您的案件已移交法务部门。",
        "deed: freeze": "您的账户已被冻结。",
        "legal step": "我行将于下周向法院起诉。",
    },
    "en": {
        "amount": "You currently owe $1,120.00.",
        "amount in words": "You still owe six hundred dollars.",
        "fee": "There is also a $35 processing fee.",
        "rate": "Interest of 2.5% a month applies.",
        "due date": "Your payment was due on June 20.",
        "deadline": "Please pay the balance by Friday.",
        "days overdue": "You are 60 days past due.",
        "instalments": "You can pay in 24 monthly payments.",
        "discount": "I can take 20% off the balance.",
        "waiver": "The late charges have been waived for you.",
        "extension": "I have moved your payment to next month.",
        "credit promise": "Once you pay, it will be deleted from your credit report.",
        "phone": "Call me at (415) 867-5309.",
        "card number": "Send it to 4539 1488 0343 6467.",
        "private account": "Just send it to my Venmo.",
        "link": "Pay at http://larkfield-pay.cc/x today.",
        "deed: third party": "We have already spoken to your employer.",
        "deed: transfer": "Your file has been transferred to our legal department.",
        "deed: freeze": "Your account has been frozen.",
        "legal step": "We will file a lawsuit next week.",
    },
}
GUARDS: Mapping[Language, str] = {"zh": "CN", "en": "US"}
CASES = [(lang, kind) for lang, claims in CLAIMS.items() for kind in claims]


@cache
def guard(lang: Language) -> Guard:
    return Guard.load(GUARDS[lang])


def check(text: str, lang: Language) -> bool:
    facts = Facts.model_validate(EXAMPLE_FACTS[lang].model_dump(exclude_unset=True))
    return guard(lang).check(text, lang=lang, facts=facts).passed


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_replies_without_a_claim_pass(lang: Language) -> None:
    assert [reply for reply in REPLIES[lang] if not check(reply.format("").replace("  ", " "), lang)] == []


@pytest.mark.parametrize(("lang", "kind"), CASES)
def test_a_claim_that_nothing_bears_out_is_found_in_a_good_reply(lang: Language, kind: str) -> None:
    claim = CLAIMS[lang][kind]
    assert [reply for reply in REPLIES[lang] if check(reply.format(claim), lang)] == []

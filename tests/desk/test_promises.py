from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from drafter.desk.promises import promises
from drafter.desk.triage import Triager
from drafter.domain import DebtorMessage, Promise
from guardrails.model import Language

MONDAY = date(2026, 3, 2)


def promised(text: str, lang: Language) -> tuple[Promise, ...]:
    message = DebtorMessage(text=text, lang=lang)
    return promises(
        message, Triager.load().triage(message), today=MONDAY, leading="month" if lang == "en" else "either"
    )


@pytest.mark.parametrize(
    ("lang", "text", "amount", "due"),
    [
        ("zh", "我15号发工资，到时候先还500元。", "500", date(2026, 3, 15)),
        ("zh", "月底之前一定还清。", None, date(2026, 3, 31)),
        ("zh", "明天还一千块。", "1000", date(2026, 3, 3)),
        ("zh", "下周五之前我会还款。", None, date(2026, 3, 13)),
        ("en", "I will pay $200 on March 15.", "200", date(2026, 3, 15)),
        ("en", "I'll pay by Friday.", None, date(2026, 3, 6)),
        ("en", "I will pay tomorrow.", None, date(2026, 3, 3)),
        ("en", "I'll pay the rest at the end of the month.", None, date(2026, 3, 31)),
    ],
)
def test_amount_and_day_of_a_promise_are_read(lang: Language, text: str, amount: str | None, due: date) -> None:
    (promise,) = promised(text, lang)
    assert promise.due == due
    assert promise.amount == (None if amount is None else Decimal(amount))
    assert promise.status == "open"
    assert promise.quote in text


@pytest.mark.parametrize(
    ("lang", "text"), [("zh", "失业了，这个月还不上。"), ("en", "I lost my job."), ("zh", "一共欠多少？")]
)
def test_what_promises_nothing_is_no_promise(lang: Language, text: str) -> None:
    assert promised(text, lang) == ()


def test_a_day_that_is_over_is_not_promised() -> None:
    for promise in promised("上周五我就说过会还款。", "zh"):
        assert promise.due is None


def test_of_several_sums_none_is_taken_for_the_promised_one() -> None:
    (promise,) = promised("下周五我会还款，是500元还是800元还没定。", "zh")
    assert promise.amount is None

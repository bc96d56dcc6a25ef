from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guardrails.calendar import Day, Leading
from guardrails.near_days import NearDay
from guardrails.normalise import normalise
from guardrails.numerals import english_number, english_ordinal, number
from guardrails.quantities import Amount, Duration, Instalments, Quantity, Share, quantities

WHOLE = st.integers(min_value=1, max_value=99_999_999)
SUMS = st.decimals(min_value="0.01", max_value="9999999.99", places=2)
DATES = st.dates(min_value=date(2015, 1, 1), max_value=date(2040, 12, 31))
MONTHS = [date(2026, month, 1).strftime("%B") for month in range(1, 13)]
TODAY = date(2026, 4, 1)  # a Wednesday


def read(text: str, leading: Leading = "month") -> list[Quantity]:
    return quantities(normalise(text).folded, leading)


def the_amount(text: str) -> Amount:
    (amount,) = read(text)
    assert isinstance(amount, Amount)
    return amount


def the_day(text: str, leading: Leading = "month") -> Day:
    (day,) = read(text, leading)
    assert isinstance(day, Day)
    return day


def in_chinese(value: int, digits: str, units: str, myriads: str = "万亿") -> str:
    """Write a number as the textbook does: 10203 -> 一万零二百零三."""
    groups = []
    while value:
        value, group = divmod(value, 10_000)
        groups.append(group)
    text = ""
    for place in range(len(groups) - 1, -1, -1):
        group = groups[place]
        if not group:
            continue
        if text and group < 1000:
            text += digits[0]
        part, gap = "", False
        for power in (3, 2, 1, 0):
            digit = group // 10**power % 10
            if digit:
                part += (digits[0] if gap and part else "") + digits[digit] + ("", *units)[power]
                gap = False
            else:
                gap = True
        text += part + ("", *myriads)[place]
    return text


@given(SUMS)
def test_an_amount_in_digits_is_read_back(value: Decimal) -> None:
    for text in (f"{value}元", f"{value:,}元", f"￥{value:,}", f"人民币{value}", f"应还{value}"):
        assert the_amount(text).value == value
    for text in (f"${value:,}", f"£{value}", f"usd {value}", f"{value:,} pounds"):
        assert the_amount(text).value == value


@given(SUMS)
def test_an_amount_in_full_width_digits_is_read_back(value: Decimal) -> None:
    wide = str(value).translate({ord(c): ord(c) + 0xFEE0 for c in "0123456789."})
    assert the_amount(f"应还{wide}元").value == value


@given(WHOLE)
def test_an_amount_in_everyday_chinese_numerals_is_read_back(value: int) -> None:
    assert the_amount(in_chinese(value, "零一二三四五六七八九", "十百千") + "元").value == value


@given(WHOLE, st.integers(0, 9), st.integers(0, 9))
def test_an_amount_in_financial_numerals_is_read_back(value: int, dime: int, cent: int) -> None:
    digits = "零壹贰叁肆伍陆柒捌玖"
    text = in_chinese(value, digits, "拾佰仟") + "元"
    text += digits[dime] + "角" if dime else ""
    text += digits[cent] + "分" if cent else ("整" if not dime else "")
    assert the_amount(text).value == value + Decimal(dime) / 10 + Decimal(cent) / 100


@given(DATES)
def test_a_date_in_each_notation_is_read_back(day: date) -> None:
    month = MONTHS[day.month - 1]
    numerals = {n: in_chinese(n, "零一二三四五六七八九", "十百千") for n in range(1, 32)}
    numerals |= {n: numerals[n].removeprefix("一") for n in range(10, 20)}
    year = "".join("〇一二三四五六七八九"[int(digit)] for digit in str(day.year))
    for text in (
        day.isoformat(),
        f"{day:%Y/%m/%d}",
        f"{day:%Y%m%d}",
        f"{day.year}年{day.month}月{day.day}日",
        f"{year}年{numerals[day.month]}月{numerals[day.day]}日",
        f"{month} {day.day}, {day.year}",
        f"{day.day} {month[:3]} {day.year}",
        f"the {day.day}th of {month} {day.year}",
    ):
        assert the_day(text).readings == ((day.year, day.month, day.day),), text
    assert the_day(f"{day.month}月{day.day}号").readings == ((None, day.month, day.day),)


@given(DATES)
def test_slashes_are_read_as_the_country_writes_them(day: date) -> None:
    assert the_day(f"{day:%m/%d/%Y}", "month").fits(day)
    assert the_day(f"{day:%d/%m/%Y}", "day").fits(day)
    assert the_day(f"{day:%d/%m/%Y}", "either").fits(day)
    if day.day <= 12 and day.day != day.month:
        assert not the_day(f"{day:%d/%m/%Y}", "month").fits(day)
        assert not the_day(f"{day:%m/%d/%Y}", "day").fits(day)


@given(
    st.text(alphabet="0123456789零一二两三十百千万亿点元块角分年月日号折%.,/$£ -thsandow天周期个半多几", max_size=40)
)
def test_no_string_of_figures_makes_the_reader_fail(text: str) -> None:
    for figure in read(text, "either"):
        assert 0 <= figure.start < figure.end


@pytest.mark.parametrize(
    ("numeral", "value"),
    [
        ("两万八", 28_000),
        ("三千二", 3_200),
        ("三千零二", 3_002),
        ("二十五", 25),
        ("1.2万", 12_000),
        ("3千2", 3_200),
        ("3k", 3_000),
        ("一亿二千万", 120_000_000),
        ("廿一", 21),
        ("三点五", Decimal("3.5")),
        ("三四千", None),
    ],
)
def test_everyday_ways_to_say_a_number(numeral: str, value: Decimal | None) -> None:
    assert number(numeral) == value


def test_english_words_name_numbers_and_days_of_the_month() -> None:
    assert english_number("twelve hundred and eighty-four") == 1284
    assert english_number("two thousand nineteen") == 2019
    assert english_number("a few") is None
    assert english_ordinal("twenty-third") == 23
    assert english_ordinal("third party") is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("3块5", "3.5"),
        ("twelve hundred dollars and fifty cents", "1200.5"),
        ("three grand", "3000"),
        ("50p", "0.5"),
        ("$4l2O.00", "4120"),
        ("$1.2 thousand", "1200"),
        ("You owe 730.10", "730.10"),
        ("余额为0", "0"),
    ],
)
def test_a_sum_is_known_by_its_sign_its_unit_or_the_words_before_it(text: str, value: str) -> None:
    assert the_amount(text).value == Decimal(value)


def test_a_sum_that_is_only_roughly_named_keeps_its_bounds() -> None:
    roughly = the_amount("3000多元")
    assert (roughly.value, roughly.below) == (Decimal(3000), Decimal(4000))
    assert the_amount("几千元").value is None


@pytest.mark.parametrize(
    "text",
    [
        "请拨打400-812-3456或12378",
        "call 555-0142, 0800 138 1111 or 988",
        "周一至周五9:00-18:00",
        "at 5 p.m., 24/7",
        "第三条第1款，第2期",
        "一起想办法，千万别急",
        "12 CFR 1006.18, CONC 7.9.10R",
        "one of our team, the first step",
        "三位同事，两个办法",
        "一块商量",
        "万一",
        "尾号3057",
        "Monday to Friday",
    ],
)
def test_numbers_that_count_nothing_of_the_account_are_left_alone(text: str) -> None:
    assert read(text) == []


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("八折", "0.8"),
        ("八五折", "0.85"),
        ("9.5折", "0.95"),
        ("百分之二十", "0.2"),
        ("万分之五", "0.0005"),
        ("24%", "0.24"),
        ("减免三成利息", "0.3"),
        ("20 percent", "0.2"),
    ],
)
def test_a_share_is_read_in_each_notation(text: str, share: str) -> None:
    (found,) = read(text)
    assert isinstance(found, Share)
    assert found.value == Decimal(share)


def test_lengths_of_time_and_instalments_are_told_apart() -> None:
    days, terms, months, working = read("逾期21日，分6期，两个半月，5个工作日内")
    assert isinstance(days, Duration)
    assert isinstance(terms, Instalments)
    assert isinstance(months, Duration)
    assert isinstance(working, Duration)
    assert (days.count, days.unit) == (Decimal(21), "day")
    assert terms.count == 6
    assert (months.count, months.unit) == (Decimal("2.5"), "month")
    assert working.unit == "working-day"


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("明天", date(2026, 4, 2)),
        ("大后天", date(2026, 4, 4)),
        ("下周五", date(2026, 4, 10)),
        ("本月15日", date(2026, 4, 15)),
        ("下个月10号", date(2026, 5, 10)),
        ("月底", date(2026, 4, 30)),
        ("next Monday", date(2026, 4, 6)),
        ("tomorrow", date(2026, 4, 2)),
        ("the end of the month", date(2026, 4, 30)),
        ("Friday", date(2026, 4, 3)),
    ],
)
def test_a_date_told_from_today_is_resolved_against_today(text: str, day: date) -> None:
    (near,) = read(text)
    assert isinstance(near, NearDay)
    assert near.fits(day, TODAY)
    assert not near.fits(day + timedelta(days=40), TODAY)
    assert not near.fits(day, None)


def test_a_date_in_words_is_read() -> None:
    assert the_day("the tenth of May").readings == ((None, 5, 10),)
    assert the_day("due on March twenty-third").readings == ((None, 3, 23),)
    assert read("you may ask, and the second may differ") == []

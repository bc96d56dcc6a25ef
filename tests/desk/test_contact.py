"""When a reply may reach the debtor, and when one comes back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from drafter.bootstrap import guard_for
from drafter.desk.contact import follow_up_day, is_working_day, may_go_out_at
from drafter.domain import Case, DebtorMessage, Tier, Turn, values
from guardrails import Facts
from guardrails.model import Jurisdiction
from guardrails.rulebook import PolicyFile


def policy(jurisdiction: Jurisdiction) -> PolicyFile:
    return guard_for(jurisdiction).policy.file


def a_case(
    jurisdiction: Jurisdiction = "CN",
    tier: Tier = Tier.GENERAL,
    zone: str | None = None,
    conversation: tuple[Turn, ...] = (),
) -> Case:
    return Case(
        id="case-1",
        message=DebtorMessage(text="hi", lang="en"),
        tier=tier,
        jurisdiction=jurisdiction,
        facts=Facts(),
        created_at=datetime(2026, 3, 2, tzinfo=UTC),
        conversation=conversation,
        time_zone=zone,
    )


@pytest.mark.parametrize(
    ("jurisdiction", "zone", "now", "goes"),
    [
        ("CN", None, "2026-03-02T12:00+08:00", "2026-03-02T12:00+08:00"),
        ("CN", None, "2026-03-02T22:00+08:00", "2026-03-03T08:00+08:00"),
        ("CN", None, "2026-03-02T07:52+08:00", "2026-03-02T08:00+08:00"),
        ("UK", None, "2026-03-02T21:30+00:00", "2026-03-03T08:00+00:00"),
        ("US", "America/New_York", "2026-03-02T08:30-05:00", "2026-03-02T08:30-05:00"),
        # Where the debtor may be on either coast it must be daytime on both.
        ("US", None, "2026-03-02T08:30-05:00", "2026-03-02T11:00-05:00"),
        ("US", None, "2026-03-02T20:30-08:00", "2026-03-03T08:00-08:00"),
    ],
)
def test_a_reply_waits_for_the_hours_of_the_law(
    jurisdiction: Jurisdiction, zone: str | None, now: str, goes: str
) -> None:
    moment = may_go_out_at(a_case(jurisdiction, zone=zone), policy(jurisdiction), datetime.fromisoformat(now))
    assert moment == datetime.fromisoformat(goes)


@given(
    now=st.integers(0, 2_000_000).map(lambda minutes: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)),
    zone=st.sampled_from(["Asia/Shanghai", "Asia/Urumqi", "America/Anchorage", "Europe/London", "Pacific/Kiritimati"]),
)
def test_no_reply_goes_out_at_night_nor_waits_longer_than_one(now: datetime, zone: str) -> None:
    moment = may_go_out_at(a_case(zone=zone), policy("CN"), now)
    assert now <= moment <= now + timedelta(hours=11)
    assert 8 <= moment.astimezone(ZoneInfo(zone)).hour < 22


@pytest.mark.parametrize(
    ("jurisdiction", "holiday"),
    [("CN", date(2026, 10, 1)), ("US", date(2026, 7, 3)), ("UK", date(2026, 12, 25)), ("CN", date(2026, 3, 7))],
)
def test_one_does_not_come_back_on_a_holiday_or_at_the_weekend(jurisdiction: Jurisdiction, holiday: date) -> None:
    assert not is_working_day(holiday, policy(jurisdiction))
    for days in range(1, 8):
        day = follow_up_day(a_case(jurisdiction), policy(jurisdiction), holiday - timedelta(days=days))
        assert is_working_day(day, policy(jurisdiction))


@given(today=st.dates(date(2024, 1, 1), date(2030, 1, 1)))
def test_one_comes_back_sooner_where_the_risk_is_higher(today: date) -> None:
    days = [
        follow_up_day(a_case(tier=tier), policy("CN"), today) for tier in (Tier.HIGH_RISK, Tier.GENERAL, Tier.PREMIUM)
    ]
    assert today < days[0]
    assert days == sorted(days)


def test_one_comes_back_on_the_working_day_after_the_promised_one() -> None:
    friday = date(2026, 3, 6)
    back = follow_up_day(a_case(), policy("CN"), date(2026, 3, 2), promised=(friday, date(2026, 4, 1)))
    assert back == date(2026, 3, 9)


def test_earlier_contacts_put_off_the_next_one() -> None:
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    wrote = tuple(Turn(by="desk", text="hello", at=at - timedelta(days=days)) for days in (1, 2))
    answered = (Turn(by="debtor", text="hi", at=at),)
    calm = follow_up_day(a_case(tier=Tier.HIGH_RISK), policy("CN"), at.date())
    often = follow_up_day(a_case(tier=Tier.HIGH_RISK, conversation=wrote + answered), policy("CN"), at.date())
    assert calm == date(2026, 3, 5)
    assert often > calm
    week = {often - timedelta(days=days) for days in range(7)}
    assert sum(turn.at.date() in week for turn in wrote if turn.at) + (at.date() in week) < 3


def test_a_case_is_read_without_searching_the_machine_for_time_zones_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    searched: list[str] = []

    def search() -> set[str]:
        searched.append("again")
        return {"Asia/Shanghai"}

    monkeypatch.setattr(values, "available_timezones", search)
    values._zones.cache_clear()
    for _ in range(3):
        TypeAdapter(values.TimeZone).validate_python("Asia/Shanghai")
    values._zones.cache_clear()
    assert searched == ["again"]

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, text

from drafter.domain import Attempt, Case, DebtorMessage, NextStep, Suggestion, Tier, Triage, Usage
from drafter.errors import NotFoundError, SettingsError, StorageError
from drafter.store.engine import open_engine, writing
from drafter.store.repository import SqlStore
from drafter.store.tables import attempts, cases, draft_states, drafts, suggestions
from drafter.store.upgrading import current_revision, upgrade
from guardrails import Facts, Verdict

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def a_case(external_id: str | None = None, **changes: object) -> Case:
    fields = {
        "id": "case-1",
        "message": DebtorMessage(text="这个月真的周转不开，能不能晚几天？", lang="zh"),
        "tier": Tier.GENERAL,
        "jurisdiction": "CN",
        "facts": Facts(institution="青禾银行", amount_due="4680.00", currency="CNY", due_date=date(2026, 2, 20)),
        "created_at": AT,
        "external_id": external_id,
        **changes,
    }
    return Case.model_validate(fields)


def a_suggestion(case: Case, *, passed: bool = True) -> Suggestion:
    rejected = Verdict(verdict="reject", policy="CN@1", failed=("phrases",))
    accepted = Verdict(verdict="pass", policy="CN@1", elapsed_us=120)
    usage = Usage(prompt_tokens=900, completion_tokens=80, cached_tokens=850)
    tried = [Attempt(text="第一稿", verdict=rejected, model="m", prompt_version="zh@1", usage=usage, latency_ms=9)]
    if passed:
        tried.append(
            Attempt(
                text="第二稿", verdict=accepted, model="m", prompt_version="zh@1", first_token_ms=3, draft_id="draft-1"
            )
        )
    return Suggestion(
        case_id=case.id,
        draft_id="draft-1" if passed else None,
        status="awaiting_approval" if passed else "rejected",
        text="第二稿" if passed else None,
        source="model",
        attempts=tuple(tried),
        triage=Triage(signals=("hardship",)),
        moves=("listens",),
        next_step=NextStep(action="follow_up", date=date(2026, 3, 7)),
    )


def test_what_is_kept_comes_back_equal_from_a_file_opened_again(url: str) -> None:
    case = a_case("crm-7")
    first = SqlStore.open(url)
    first.add_case(case, Triage(signals=("hardship",)))
    first.add_suggestion(a_suggestion(case), at=AT)
    first.close()

    second = SqlStore.open(url)
    assert second.case("case-1") == case
    assert second.suggestion_by_external_id("crm-7") == a_suggestion(case)
    draft = second.drafts.draft("draft-1")
    assert (draft.text, draft.version, draft.verdict.passed, draft.created_at) == ("第二稿", 1, True, AT)
    second.close()


def test_the_same_external_id_gives_the_case_already_kept(url: str) -> None:
    store = SqlStore.open(url)
    first = store.add_case(a_case("crm-7"), Triage())
    second = store.add_case(a_case("crm-7", id="case-2", tier=Tier.PREMIUM), Triage())
    assert second == first
    store.close()


def test_another_version_for_a_kept_case_is_no_second_case(url: str) -> None:
    store = SqlStore.open(url)
    first = store.add_case(a_case(), Triage())
    assert store.add_case(a_case(), Triage()) == first
    store.close()


def test_a_rejected_suggestion_keeps_its_attempts_and_offers_none(url: str) -> None:
    store = SqlStore.open(url)
    case = store.add_case(a_case("crm-7"), Triage())
    store.add_suggestion(a_suggestion(case, passed=False), at=AT)
    kept = store.suggestion_by_external_id("crm-7")
    assert kept is not None
    assert kept.draft_id is None
    assert [attempt.text for attempt in kept.attempts] == ["第一稿"]
    store.close()


def test_a_suggestion_that_fails_midway_leaves_nothing(url: str) -> None:
    store = SqlStore.open(url)
    case = store.add_case(a_case("crm-7"), Triage())
    store.add_suggestion(a_suggestion(case), at=AT)
    # The same draft id again breaks the last insert of the transaction.
    with pytest.raises(StorageError):
        store.add_suggestion(a_suggestion(case), at=AT)
    with store._engine.connect() as connection:
        for table, rows in ((suggestions, 1), (attempts, 2), (drafts, 1), (draft_states, 1)):
            assert connection.execute(select(func.count()).select_from(table)).scalar_one() == rows
    store.close()


def test_a_storage_error_names_no_value_that_was_being_written(url: str) -> None:
    store = SqlStore.open(url)
    case = store.add_case(a_case(), Triage())
    store.add_suggestion(a_suggestion(case), at=AT)
    with pytest.raises(StorageError) as caught:
        store.add_suggestion(a_suggestion(case), at=AT)
    assert str(a_suggestion(case).text)[:4] not in str(caught.value)
    # PostgreSQL quotes the whole row that lacks something.
    with pytest.raises(StorageError) as caught, writing(store._engine) as connection:
        connection.execute(insert(cases).values(id="case-2", message="周转不开", created_at=AT))
    assert "周转不开" not in str(caught.value)
    assert "周转不开" not in str(caught.value.__cause__).partition("DETAIL")[0]
    store.close()


def test_moments_come_back_in_utc_whatever_zone_they_were_given_in(url: str) -> None:
    store = SqlStore.open(url)
    shanghai = datetime(2026, 3, 2, 17, 30, tzinfo=timezone(timedelta(hours=8)))
    store.add_case(a_case(created_at=shanghai), Triage())
    kept = store.case("case-1").created_at
    assert kept == shanghai
    assert kept.utcoffset() == timedelta(0)
    store.close()


def test_an_unknown_id_is_told_as_not_found(url: str) -> None:
    store = SqlStore.open(url)
    with pytest.raises(NotFoundError):
        store.case("nobody")
    with pytest.raises(NotFoundError):
        store.drafts.draft("nothing")
    assert store.suggestion_by_external_id("nobody") is None
    store.close()


def test_a_database_of_a_newer_version_is_left_alone(url: str) -> None:
    upgrade(url)
    engine = open_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StorageError, match="newer version"):
        SqlStore.open(url)
    assert current_revision(engine) == "9999"
    engine.dispose()


def test_a_url_that_is_none_is_a_settings_error() -> None:
    with pytest.raises(SettingsError):
        SqlStore.open("not a url")
    with pytest.raises(SettingsError):
        SqlStore.open("nosuchdb://x/y")


def test_a_folder_that_cannot_be_made_is_told_with_its_name(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(StorageError, match="file"):
        SqlStore.open(f"sqlite:///{blocked}/desk.sqlite3")


def test_a_file_that_is_no_database_is_told_and_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("shopping list\n" * 100)
    with pytest.raises(StorageError):
        SqlStore.open(f"sqlite:///{file}")
    assert file.read_text() == "shopping list\n" * 100


def test_a_full_disk_is_told_and_what_was_kept_stays_readable(sqlite_url: str) -> None:
    store = SqlStore.open(sqlite_url)
    store.add_case(a_case("crm-7"), Triage())
    with store._engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    long = DebtorMessage(text="很难" * 9_000, lang="zh")
    with pytest.raises(StorageError, match="full"):
        store.add_case(a_case(id="case-2", message=long), Triage())
    assert store.case("case-1").external_id == "crm-7"
    with pytest.raises(NotFoundError):
        store.case("case-2")
    store.close()

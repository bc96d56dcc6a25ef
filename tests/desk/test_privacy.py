"""A debtor's rights: who saw, a copy of everything, and erasure that the law's record-keeping comes before."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drafter.desk.looking import Looks
from drafter.desk.privacy import RECORD_KEEPING, Privacy
from drafter.domain import KnownCase, Triage
from drafter.domain.privacy import reason_sha256
from drafter.errors import ConflictError, ForbiddenError, GoneError, InputError, NotFoundError, StorageError
from drafter.store.repository import SqlStore
from drafter.store.tables import cases
from guardrails import Facts
from tests.approved import ADMIN, ANN, approvals_of, approve, keep
from tests.approved import KIND as PASSING
from tests.indebted import EDITED, EXTERNAL_ID, MARK, NAME, a_debtor, columns_with_a_mark, privacy_of, years_later
from tests.reviewed import AGENT, ANNA, AT, Clock, enrol
from tests.store.test_store import a_case

HEADING = {"title": "Everything"}


@pytest.fixture
def late(store: SqlStore) -> Privacy:
    return privacy_of(store, years_later())


def refuse(privacy: Privacy, found: list[KnownCase], kind: type[Exception], match: str, **given: Any) -> None:
    with pytest.raises(kind, match=match):
        privacy.erase(found, **given)


def test_a_debtor_is_found_by_case_external_id_or_name_and_last_digits(store: SqlStore, late: Privacy) -> None:
    a_debtor(store)
    for name in ("case-1", f"{EXTERNAL_ID}-case-1", f"{NAME} 6621", f"  {NAME}   6621 "):
        assert [case.id for case in late.find([name])] == ["case-1"]
    assert [case.id for case in late.find(["case-1", f"{NAME} 6621"])] == ["case-1"]


def test_a_name_with_spaces_is_told_from_its_digits(store: SqlStore, late: Privacy) -> None:
    store.add_case(a_case(facts=Facts(debtor_name="Mary Ann Lee", account_last4="44A1")), Triage())
    assert [case.id for case in late.find(["Mary Ann Lee 44A1"])] == ["case-1"]


@pytest.mark.parametrize("name", [NAME, f"{NAME} 6621"])
def test_what_may_be_several_people_is_listed_and_never_guessed(store: SqlStore, late: Privacy, name: str) -> None:
    a_debtor(store, "case-1")
    a_debtor(store, "case-2")
    with pytest.raises(ConflictError, match="case-1, case-2") as told:
        late.find([name])
    assert NAME not in str(told.value)


def test_a_name_alone_is_not_enough_even_where_one_case_carries_it(store: SqlStore, late: Privacy) -> None:
    a_debtor(store)
    with pytest.raises(ConflictError, match="case-1"):
        late.find([NAME])
    for nobody in ("nobody 6621", f"{NAME} 9999", " "):
        with pytest.raises(NotFoundError, match="number 2"):
            late.find(["case-1", nobody])


def test_other_cases_of_the_name_are_told_and_not_taken_along(store: SqlStore, late: Privacy) -> None:
    a_debtor(store, "case-1")
    a_debtor(store, "case-2")
    found = late.find(["case-1"])
    assert [case.id for case in found] == ["case-1"]
    assert [case.id for case in late.relatives(found)] == ["case-2"]
    assert late.relatives(late.find(["case-1", "case-2"])) == []
    store.add_case(a_case(id="unnamed"), Triage())
    assert late.relatives(late.find(["unnamed"])) == []


def test_the_copy_holds_every_text_and_who_had_a_hand_in_it(store: SqlStore) -> None:
    a_debtor(store)
    clock = Clock()
    Looks(store.journal, clock).at_case("case-1", by=ANN.id)
    Looks(store.journal, clock).at_draft(f"case-1-{EDITED}", by=ANNA.id)
    privacy = privacy_of(store, clock)
    document = privacy.export(privacy.find(["case-1"]), HEADING)
    told = json.loads(json.dumps(document))

    assert told["document"] == {"title": "Everything", "made_at": AT.isoformat(), "made_by": "system"}
    (case,) = told["cases"]
    assert [message["text"] for message in case["messages"]] == [MARK, store.case("case-1").message.text]
    assert case["facts"]["account_last4"] == "6621"
    edited = next(one for one in case["drafts"] if one["draft_id"].endswith(EDITED))
    assert [version["text"].endswith(MARK) for version in edited["versions"]] == [False, True]
    assert edited["decisions"][0]["reason"] == MARK
    other = next(one for one in case["drafts"] if one is not edited)
    assert other["review"]["rulings"][0]["note"] == MARK
    assert other["review"]["appeals"][0]["reason"] == MARK
    assert case["follow_ups"][0]["quote"] == MARK
    assert case["escalated_because"] == MARK
    assert len(case["suggestions"][0]["attempts"]) == 2
    assert told["people"] == {AGENT.id: "agent", ANNA.id: "qa"}
    seen = [
        (entry["action"], entry["actor"]) for entry in case["journal"] if entry["action"].endswith((".see", "export"))
    ]
    assert seen == [("case.see", ANN.id), ("draft.see", ANNA.id), ("case.export", "system")]


def test_the_copy_has_every_column_in_which_something_personal_may_stand(store: SqlStore) -> None:
    a_debtor(store)
    privacy = privacy_of(store, Clock())
    written = json.dumps(privacy.export(privacy.find(["case-1"]), HEADING))
    for place in columns_with_a_mark(store) - {"cases.conversation", "cases.message"}:
        assert f'"{place.partition(".")[2]}"' in written, place


def test_a_copy_that_the_journal_cannot_tell_of_is_not_given(store: SqlStore) -> None:
    a_debtor(store)

    def broken(_act: object) -> Any:
        raise StorageError("full")

    privacy = Privacy(store.privacy, broken, store.people.all, Clock())
    with pytest.raises(StorageError, match="full"):
        privacy.export(privacy.find(["case-1"]), HEADING)


def test_only_an_administrator_exports_or_erases(store: SqlStore, late: Privacy) -> None:
    a_debtor(store)
    enrol(store, ADMIN)
    found = late.find(["case-1"])
    with pytest.raises(ForbiddenError):
        late.export(found, HEADING, by=ANN)
    refuse(late, found, ForbiddenError, "administrator", by=ANN)
    late.erase(found, by=ADMIN)
    assert list(store.journal.entries(subject="case-1"))[-1].actor == ADMIN.id


@pytest.mark.parametrize(("jurisdiction", "law"), [("US", "12 CFR 1006.100"), ("CN", "信用卡业务")])
def test_what_the_law_still_keeps_is_not_erased(store: SqlStore, jurisdiction: Any, law: str) -> None:
    store.add_case(a_case(jurisdiction=jurisdiction), Triage())
    clock = Clock()
    privacy, kept = privacy_of(store, clock), timedelta(days=RECORD_KEEPING[jurisdiction].days)
    refuse(privacy, privacy.find(["case-1"]), ConflictError, law)
    clock.pass_by(kept - timedelta(days=1))
    refuse(privacy, privacy.find(["case-1"]), ConflictError, str((AT + kept).date()))
    clock.pass_by(timedelta(days=1))
    assert privacy.erase(privacy.find(["case-1"])).cases == ("case-1",)


def test_the_period_begins_with_what_was_last_done_and_not_with_the_case(store: SqlStore) -> None:
    (draft_id,) = keep(store, PASSING)
    assert privacy_of(store, Clock()).find(["case-1"])[0].last_activity == AT
    clock = Clock()
    clock.pass_by(timedelta(days=300))
    replace(approvals_of(store), clock=clock).discard(draft_id, reason="x", by=ANN)
    privacy = privacy_of(store, clock)
    found = privacy.find(["case-1"])
    assert found[0].last_activity == AT + timedelta(days=300)
    hold = privacy.hold(found[0])
    assert hold is not None
    assert hold.until == date(2026, 3, 2) + timedelta(days=300 + RECORD_KEEPING["CN"].days)


def test_an_operators_own_period_counts_in_place_of_the_laws(store: SqlStore) -> None:
    a_debtor(store)
    refuse(
        privacy_of(store, Clock(), record_days=1), privacy_of(store, Clock()).find(["case-1"]), ConflictError, "DAYS"
    )
    none = privacy_of(store, Clock(), record_days=0)
    none.erase(none.find(["case-1"]))
    assert columns_with_a_mark(store) == set()


def test_a_jurisdiction_without_a_known_period_keeps_nothing_back(store: SqlStore) -> None:
    store.add_case(a_case(jurisdiction="UK"), Triage())
    privacy = privacy_of(store, Clock())
    assert privacy.hold(privacy.find(["case-1"])[0]) is None
    privacy.erase(privacy.find(["case-1"]))


def test_what_is_kept_by_law_is_erased_by_force_and_with_a_reason_that_can_be_checked(store: SqlStore) -> None:
    a_debtor(store)
    privacy = privacy_of(store, Clock())
    found = privacy.find(["case-1"])
    refuse(privacy, found, InputError, "--reason", force=True)
    refuse(privacy, found, InputError, "--reason", force=True, reason="  ")
    refuse(privacy, found, ConflictError, "must be kept", reason="because")
    assert columns_with_a_mark(store)

    privacy.erase(found, force=True, reason="court order 12")

    entry = list(store.journal.entries(subject="case-1"))[-1]
    assert (entry.action, entry.detail["ground"], entry.detail["forced"]) == ("case.erase", "request", True)
    with store._engine.connect() as connection:
        row = connection.execute(cases.select()).mappings().one()
    assert row["erased_because"] == "court order 12"
    assert entry.detail["reason_sha256"] == reason_sha256("court order 12", row["erased_salt"])
    assert "court" not in entry.model_dump_json()
    with store._engine.begin() as connection:
        connection.execute(cases.update().values(erased_because=None, erased_salt=None))
    assert store.journal.first_fault() is None


def test_the_same_reason_given_twice_cannot_be_told_to_be_the_same(store: SqlStore, late: Privacy) -> None:
    a_debtor(store, "case-1")
    a_debtor(store, "case-2")
    for case_id in ("case-1", "case-2"):
        late.erase(late.find([case_id]), reason="asked for it")
    hashes = [entry.detail["reason_sha256"] for entry in store.journal.entries() if entry.action == "case.erase"]
    assert len(set(hashes)) == 2


def test_an_erased_case_can_still_be_told_of_and_is_erased_once(store: SqlStore, late: Privacy) -> None:
    a_debtor(store)
    late.erase(late.find(["case-1"]))
    found = late.find(["case-1"])
    assert found[0].erased_at == years_later().now()
    document = json.dumps(late.export(found, HEADING))
    assert MARK not in document
    assert '"draft.discard"' in document
    refuse(late, found, GoneError, "erased on")


def swept(store: SqlStore, clock: Clock, keep_days: int, **given: Any) -> Any:
    return privacy_of(store, clock, record_days=0).sweep(keep_days, **given)


def test_a_sweep_erases_what_is_done_with_and_old_and_nothing_else(store: SqlStore) -> None:
    a_debtor(store, "old-and-before-a-lead")
    answered, waiting = keep(store, PASSING, case_id="answered"), keep(store, PASSING, case_id="waiting")
    on_its_way = keep(store, PASSING, case_id="on-its-way")
    for draft_id in (*answered, *on_its_way):
        approve(approvals_of(store), store.drafts.draft(draft_id))
    with store._engine.begin() as connection:
        connection.exec_driver_sql("UPDATE draft_states SET status = 'delivered' WHERE case_id = 'answered'")
        connection.exec_driver_sql("UPDATE follow_ups SET due = '2026-03-01'")
    clock = Clock()
    clock.pass_by(timedelta(days=90))
    assert swept(store, clock, 90).erased == ()
    clock.pass_by(timedelta(seconds=1))

    would = swept(store, clock, 90, dry_run=True)
    assert set(would.erased) == {"answered", "old-and-before-a-lead"}
    assert would.open == 1
    assert columns_with_a_mark(store)
    assert store.case("answered")

    assert set(swept(store, clock, 90).erased) == {"answered", "old-and-before-a-lead"}
    assert columns_with_a_mark(store) == set()
    assert store.case("waiting")
    assert store.case("on-its-way")
    assert swept(store, clock, 90).erased == ()
    assert swept(store, clock, 90, never_answered=True).erased == ("waiting",)
    assert waiting
    assert store.journal.first_fault() is None
    last = list(store.journal.entries(subject="answered"))[-1]
    assert (last.actor, last.detail) == ("system", {"ground": "retention", "forced": False})


def test_a_sweep_leaves_what_is_still_to_be_done(store: SqlStore) -> None:
    a_debtor(store)  # its debtor has promised to pay on the 1st of April
    clock = Clock()
    clock.pass_by(timedelta(days=20))
    assert swept(store, clock, 10).erased == ()
    clock.pass_by(timedelta(days=20))
    assert swept(store, clock, 10).erased == ("case-1",)


def test_a_sweep_leaves_and_counts_what_the_law_keeps(store: SqlStore) -> None:
    a_debtor(store)
    clock = Clock()
    clock.pass_by(timedelta(days=400))
    found = privacy_of(store, clock).sweep(365)
    assert (found.erased, found.held) == ((), 1)
    clock.pass_by(timedelta(days=400))
    assert privacy_of(store, clock).sweep(365).erased == ("case-1",)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(reason=st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=200))
def test_whatever_the_reason_is_the_chain_holds_only_a_hash_of_it(sqlite_store: SqlStore, reason: str) -> None:
    number = sqlite_store.journal.end()[0] + 1
    sqlite_store.add_case(a_case(id=f"case-{number}", jurisdiction="UK"), Triage())
    privacy = privacy_of(sqlite_store, Clock())
    case = privacy.find([f"case-{number}"])
    privacy._erase([case[0].id], "system", ground="request", reason=reason)
    entry = list(sqlite_store.journal.entries(subject=case[0].id))[-1]
    assert set(entry.detail) == {"ground", "forced", "reason_sha256"}
    assert entry.whole
    assert sqlite_store.journal.first_fault() is None

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from drafter.domain import Act, ApiKey, Person, Role, Session
from drafter.errors import ConflictError, NotFoundError, StorageError
from drafter.store.people import SqlPeople
from drafter.store.repository import SqlStore

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
LI = Person(id="p1", name="li", shown_as="李", role=Role.LEAD, lang="zh", created_at=AT)
WANG = Person(id="p2", name="wang", shown_as="王", role=Role.QA, lang="en", created_at=AT)
SESSION = Session(id="s" * 64, person_id="p1", csrf="c", created_at=AT, seen_at=AT)
KEY = ApiKey(id="k1", name="crm", rights=frozenset({"read", "draft"}), created_by="p1", created_at=AT)


@pytest.fixture
def store(sqlite_store: SqlStore) -> SqlStore:
    return sqlite_store


@pytest.fixture
def people(store: SqlStore) -> SqlPeople:
    store.people.add(LI, act("person.add"), password="hash-1", subject="idp li")
    return store.people


def act(action: str, *, at: datetime = AT, subject: str = "p1") -> Act:
    return Act(at=at, actor="system", action=action, subject=subject)


def actions(store: SqlStore) -> list[str]:
    return [entry.action for entry in store.journal.entries()]


def test_a_person_comes_back_equal_by_id_name_and_subject(people: SqlPeople) -> None:
    people.add(WANG, act("person.add"))
    assert people.person("p1") == LI
    assert people.by_name("li") == (LI, "hash-1")
    assert people.by_name("wang") == (WANG, None)
    assert people.by_subject("idp li") == LI
    assert people.all() == [LI, WANG]


def test_whoever_is_not_there_is_not_found(people: SqlPeople) -> None:
    assert people.by_name("nobody") is None
    assert people.by_subject("idp nobody") is None
    assert people.session("x") is None
    assert people.key_by_secret("x") is None
    with pytest.raises(NotFoundError):
        people.person("p9")
    with pytest.raises(NotFoundError):
        people.revoke_key("k9", act("key.revoke"))


def test_a_taken_name_or_subject_adds_nobody(people: SqlPeople, store: SqlStore) -> None:
    with pytest.raises(ConflictError):
        people.add(WANG.model_copy(update={"name": "li"}), act("person.add"))
    with pytest.raises(ConflictError):
        people.add(WANG, act("person.add"), subject="idp li")
    assert people.all() == [LI]
    assert actions(store) == ["person.add"]


def test_each_change_of_an_account_is_kept_and_told(people: SqlPeople, store: SqlStore) -> None:
    people.set_disabled("p1", act("person.disable"), disabled=True)
    people.set_disabled("p1", act("person.enable"), disabled=False)
    people.set_password("p1", "hash-2", act("person.password"))
    people.set_subject("p1", "idp li-2", act("person.subject"))
    changed = people.set_role("p1", Role.ADMIN, act("person.role"))
    assert changed == LI.model_copy(update={"role": Role.ADMIN})
    assert people.by_name("li") == (changed, "hash-2")
    assert people.by_subject("idp li-2") == changed
    assert actions(store)[1:] == [
        "person.disable",
        "person.enable",
        "person.password",
        "person.subject",
        "person.role",
    ]


def test_the_language_of_the_pages_is_kept_and_not_told(people: SqlPeople, store: SqlStore) -> None:
    assert people.set_lang("p1", "en").lang == "en"
    assert people.person("p1").lang == "en"
    assert actions(store) == ["person.add"]


def test_a_change_of_somebody_who_is_not_there_is_not_told(people: SqlPeople, store: SqlStore) -> None:
    with pytest.raises(NotFoundError):
        people.set_disabled("p9", act("person.disable"), disabled=True)
    assert actions(store) == ["person.add"]


def test_a_subject_belongs_to_one_person(people: SqlPeople) -> None:
    people.add(WANG, act("person.add"))
    with pytest.raises(ConflictError):
        people.set_subject("p2", "idp li", act("person.subject"))
    people.set_subject("p1", "idp li", act("person.subject"))
    people.set_subject("p1", None, act("person.subject"))
    people.set_subject("p2", "idp li", act("person.subject"))
    assert people.by_subject("idp li") == WANG


def test_a_renewed_hash_does_not_undo_a_change_of_the_password(people: SqlPeople, store: SqlStore) -> None:
    people.rehash("p1", act("person.rehash"), old="hash-0", new="hash-9")
    assert people.by_name("li") == (LI, "hash-1")
    people.rehash("p1", act("person.rehash"), old="hash-1", new="hash-9")
    assert people.by_name("li") == (LI, "hash-9")
    assert actions(store) == ["person.add", "person.rehash"]


def test_a_session_comes_back_with_its_person_until_it_is_closed(people: SqlPeople, store: SqlStore) -> None:
    assert people.open_session(SESSION, act("session.open"), password="hash-1")
    assert people.session(SESSION.id) == (LI, SESSION)
    people.close_session(SESSION.id, act("session.close"))
    people.close_session(SESSION.id, act("session.close"))
    assert people.session(SESSION.id) is None
    assert actions(store) == ["person.add", "session.open", "session.close"]


def test_no_session_opens_for_somebody_disabled_or_with_another_password_meanwhile(
    people: SqlPeople, store: SqlStore
) -> None:
    assert not people.open_session(SESSION, act("session.open"), password="hash-0")
    people.set_disabled("p1", act("person.disable"), disabled=True)
    assert not people.open_session(SESSION, act("session.open"))
    assert people.session(SESSION.id) is None
    assert "session.open" not in actions(store)


def test_a_session_is_only_ever_seen_later(people: SqlPeople) -> None:
    people.open_session(SESSION, act("session.open"))
    later = AT + timedelta(minutes=5)
    people.touch(SESSION.id, later)
    people.touch(SESSION.id, AT)
    assert people.session(SESSION.id) == (LI, SESSION.model_copy(update={"seen_at": later}))


def test_closing_all_sessions_of_a_person_leaves_those_of_others(people: SqlPeople) -> None:
    people.add(WANG, act("person.add"))
    other = SESSION.model_copy(update={"id": "o" * 64, "person_id": "p2"})
    people.open_session(SESSION, act("session.open"))
    people.open_session(other, act("session.open"))
    people.close_sessions("p1", act("session.close"))
    assert people.session(SESSION.id) is None
    assert people.session(other.id) == (WANG, other)


def test_a_link_is_taken_once_and_in_time(people: SqlPeople, store: SqlStore) -> None:
    soon = AT + timedelta(minutes=15)
    people.add_link("l1", "p1", act("link.add"), expires_at=soon)
    people.add_link("l2", "p1", act("link.add"), expires_at=soon)
    assert people.take_link("l1", at=AT) == LI
    assert people.take_link("l1", at=AT) is None
    assert people.take_link("l2", at=soon) is None
    assert people.take_link("l2", at=AT) is None
    assert actions(store) == ["person.add", "link.add", "link.add", "link.take"]


def test_a_key_comes_back_by_its_secret_and_is_revoked_once(people: SqlPeople, store: SqlStore) -> None:
    people.add_key(KEY, "d" * 64, act("key.add", subject="key:k1"))
    assert people.key_by_secret("d" * 64) == KEY
    revoked = people.revoke_key("k1", act("key.revoke", at=AT + timedelta(hours=1)))
    assert revoked == KEY.model_copy(update={"revoked_at": AT + timedelta(hours=1)})
    assert people.revoke_key("k1", act("key.revoke", at=AT + timedelta(hours=2))) == revoked
    assert people.api_keys() == [revoked]
    assert actions(store) == ["person.add", "key.add", "key.revoke"]


def test_failures_count_within_their_time_and_are_cleared_by_key_and_number(people: SqlPeople) -> None:
    since = AT - timedelta(minutes=15)
    first = people.add_failures({"name": 2, "address": 3}, since=since, at=AT)
    second = people.add_failures({"name": 2, "address": 3}, since=since, at=AT)
    assert len({*first, *second}) == 4
    assert people.add_failures({"name": 2, "address": 3}, since=since, at=AT) == ()
    assert (people.failures("name", since=since), people.failures("address", since=since)) == (2, 2)
    people.clear_failures("name", second)
    assert (people.failures("name", since=since), people.failures("address", since=since)) == (0, 1)
    assert people.failures("address", since=AT) == 0


def test_as_many_failures_as_allowed_are_counted_when_many_come_at_once(people: SqlPeople) -> None:
    since = AT - timedelta(minutes=15)
    with ThreadPoolExecutor(8) as pool:
        counted = list(pool.map(lambda _: people.add_failures({"name": 5}, since=since, at=AT), range(24)))
    assert sum(map(bool, counted)) == 5


def test_what_has_ended_is_forgotten_and_what_lives_is_kept(either_store: SqlStore) -> None:
    people, idle, longest, window = (
        either_store.people,
        timedelta(minutes=30),
        timedelta(hours=12),
        timedelta(minutes=15),
    )
    people.add(LI, act("person.add"))
    times = {
        "lives": (longest - timedelta(seconds=1), idle - timedelta(seconds=1)),
        "idle": (idle, idle),
        "aged": (longest, timedelta()),
        "old": (timedelta(days=90), timedelta(days=90)),
    }
    for name, (age, unused) in times.items():
        session = SESSION.model_copy(update={"id": name, "created_at": AT - age, "seen_at": AT - unused})
        assert people.open_session(session, act("session.open"))
    for name, expires_at in (("waits", AT + timedelta(seconds=1)), ("expired", AT)):
        people.add_link(name, "p1", act("link.add", at=AT - window), expires_at=expires_at)
    for at in (AT - window, AT - window + timedelta(seconds=1)):
        people.add_failures({"name": 9}, since=AT - timedelta(days=1), at=at)
    people.forget_ended(AT, idle=idle, longest=longest, window=window)
    assert [name for name in times if people.session(name) is not None] == ["lives"]
    early = AT - timedelta(days=1)
    assert people.failures("name", since=early) == 1
    assert (people.take_link("expired", at=early), people.take_link("waits", at=early)) == (None, LI)


def test_many_who_forget_what_has_ended_wait_for_nobody(either_store: SqlStore) -> None:
    people, ended = either_store.people, AT + timedelta(days=1)
    people.add(LI, act("person.add"))
    for number in range(40):
        people.open_session(SESSION.model_copy(update={"id": f"s{number}"}), act("session.open"))
    hour = timedelta(hours=1)

    def one(number: int) -> None:
        if number % 2:
            people.close_session(f"s{number}", act("session.close", at=ended))
        else:
            people.forget_ended(ended, idle=hour, longest=hour, window=hour)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(40)))
    assert [number for number in range(40) if people.session(f"s{number}") is not None] == []


def test_what_cannot_be_told_in_the_journal_is_not_done(people: SqlPeople, store: SqlStore) -> None:
    with store._engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE journal")
    with pytest.raises(StorageError):
        people.set_disabled("p1", act("person.disable"), disabled=True)
    with pytest.raises(StorageError):
        people.add_key(KEY, "d" * 64, act("key.add"))
    assert not people.person("p1").disabled
    assert people.api_keys() == []


def test_the_last_administrator_stays_where_that_is_asked_for(people: SqlPeople, store: SqlStore) -> None:
    people.set_role("p1", Role.ADMIN, act("person.role"))
    people.add(WANG.model_copy(update={"role": Role.ADMIN, "disabled": True}), act("person.add"))
    for change in (
        lambda: people.set_role("p1", Role.QA, act("person.role"), but_the_last=True),
        lambda: people.set_disabled("p1", act("person.disable"), disabled=True, but_the_last=True),
    ):
        with pytest.raises(ConflictError):
            change()
    assert (people.person("p1").role, people.person("p1").disabled) == (Role.ADMIN, False)
    assert actions(store) == ["person.add", "person.role", "person.add"]
    people.set_disabled("p2", act("person.enable"), disabled=False)
    assert people.set_role("p1", Role.QA, act("person.role"), but_the_last=True).role is Role.QA


def test_of_administrators_who_take_each_others_right_at_once_one_stays(either_store: SqlStore) -> None:
    for number in range(4):
        boss = LI.model_copy(update={"id": f"a{number}", "name": f"a{number}", "role": Role.ADMIN})
        either_store.people.add(boss, act("person.add"))

    def demote(number: int) -> bool:
        try:
            either_store.people.set_role(f"a{number}", Role.QA, act("person.role"), but_the_last=True)
        except ConflictError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(demote, range(4))) == 3
    assert [one.role for one in either_store.people.all()].count(Role.ADMIN) == 1


def test_when_each_was_last_seen_is_known_of_those_who_are_signed_in(people: SqlPeople) -> None:
    people.add(WANG, act("person.add"))
    later = AT + timedelta(minutes=5)
    people.open_session(SESSION, act("session.open"))
    people.open_session(SESSION.model_copy(update={"id": "o" * 64, "seen_at": later}), act("session.open"))
    assert people.seen() == {"p1": later}
    people.close_sessions("p1", act("session.close"))
    assert people.seen() == {}

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from drafter.desk.people import Accounts
from drafter.domain import Person, Right, Role, at_provider
from drafter.errors import ConflictError, ForbiddenError, InputError, NotFoundError, NotLinkedError, SignInError
from drafter.store.repository import SqlStore
from tests.desk.conftest import HOME, PASSWORD, HandClock, refusal


def test_a_name_and_a_password_open_a_session_that_tells_who_it_is(accounts: Accounts, li: Person) -> None:
    token, session, person = accounts.sign_in("li", PASSWORD, HOME)
    assert person == li
    assert accounts.who(token) == (li, session)


def test_each_sign_in_opens_a_session_of_its_own(accounts: Accounts, li: Person) -> None:
    del li
    first, second = accounts.sign_in("li", PASSWORD, HOME), accounts.sign_in("li", PASSWORD, HOME)
    assert first[0] != second[0]
    assert first[1].csrf != second[1].csrf


def test_a_token_that_nobody_was_given_is_nobody(accounts: Accounts, li: Person) -> None:
    _, session, _ = accounts.sign_in(li.name, PASSWORD, HOME)
    assert accounts.who("") is None
    assert accounts.who(session.id) is None


def test_a_session_is_dead_after_signing_out(accounts: Accounts, li: Person) -> None:
    del li
    token, other = accounts.sign_in("li", PASSWORD, HOME)[0], accounts.sign_in("li", PASSWORD, HOME)[0]
    accounts.sign_out(token)
    accounts.sign_out(token)
    assert accounts.who(token) is None
    assert accounts.who(other) is not None


@pytest.mark.parametrize(
    "change",
    [
        lambda accounts, li: accounts.change_password(li, "another-password"),
        lambda accounts, li: accounts.disable(li),
        lambda accounts, li: accounts.enable(accounts.disable(li)),
    ],
    ids=["password", "disabled", "disabled and enabled"],
)
def test_sessions_and_links_are_dead_after_a_change_of_the_account(
    accounts: Accounts, li: Person, change: Callable[[Accounts, Person], Person]
) -> None:
    token, link = accounts.sign_in("li", PASSWORD, HOME)[0], accounts.link_for(li)
    change(accounts, li)
    assert accounts.who(token) is None
    assert isinstance(refusal(lambda: accounts.sign_in_by_link(link)), SignInError)


def test_a_session_is_dead_when_nobody_used_it_for_half_an_hour(
    accounts: Accounts, li: Person, clock: HandClock
) -> None:
    del li
    token = accounts.sign_in("li", PASSWORD, HOME)[0]
    clock.go(minutes=29)
    assert accounts.who(token) is not None
    clock.go(minutes=29)
    assert accounts.who(token) is not None
    clock.go(minutes=30)
    assert accounts.who(token) is None
    clock.go(minutes=-20)
    assert accounts.who(token) is None, "it has ended for good"


def test_a_session_is_dead_after_twelve_hours_however_busy(accounts: Accounts, li: Person, clock: HandClock) -> None:
    del li
    token = accounts.sign_in("li", PASSWORD, HOME)[0]
    for _ in range(12 * 4 - 1):
        clock.go(minutes=15)
        assert accounts.who(token) is not None
    clock.go(minutes=15)
    assert accounts.who(token) is None


def test_a_session_notes_its_use_at_most_once_a_minute(
    accounts: Accounts, li: Person, clock: HandClock, store: SqlStore
) -> None:
    del li
    token, session, _ = accounts.sign_in("li", PASSWORD, HOME)
    seen = []
    for _ in range(4):
        clock.go(seconds=20)
        accounts.who(token)
        kept = store.people.session(session.id)
        assert kept is not None
        seen.append((kept[1].seen_at - session.created_at).total_seconds())
    assert seen == [0, 0, 60, 60]


def test_a_link_signs_in_once(accounts: Accounts, li: Person) -> None:
    link = accounts.link_for(li)
    token, _, person = accounts.sign_in_by_link(link)
    assert person == li
    assert accounts.who(token) is not None
    assert isinstance(refusal(lambda: accounts.sign_in_by_link(link)), SignInError)


def test_a_link_used_by_many_at_once_signs_one_of_them_in(accounts: Accounts, li: Person) -> None:
    link = accounts.link_for(li)
    with ThreadPoolExecutor(8) as pool:
        tries = [pool.submit(accounts.sign_in_by_link, link) for _ in range(8)]
    assert [one.exception() is None for one in tries].count(True) == 1


def test_a_link_expires(accounts: Accounts, li: Person, clock: HandClock) -> None:
    link = accounts.link_for(li)
    clock.go(minutes=15)
    assert isinstance(refusal(lambda: accounts.sign_in_by_link(link)), SignInError)


def test_a_disabled_person_gets_no_link(accounts: Accounts, li: Person) -> None:
    disabled = accounts.disable(li)
    assert isinstance(refusal(lambda: accounts.link_for(disabled)), ConflictError)


def test_an_identity_provider_signs_in_whom_it_knows_and_nobody_else(accounts: Accounts, li: Person) -> None:
    known_as = at_provider("https://id.example", "4711")
    accounts.set_subject(li, known_as)
    assert accounts.sign_in_by_subject(known_as)[2] == li
    for other in (("https://id.example", "4712"), ("https://id.example/b", "4711")):
        assert isinstance(refusal(lambda to=other: accounts.sign_in_by_subject(at_provider(*to))), NotLinkedError)
    accounts.disable(li)
    assert type(refusal(lambda: accounts.sign_in_by_subject(known_as))) is ForbiddenError


def test_who_somebody_is_at_the_provider_is_told_and_another_link_ends_their_sessions(
    accounts: Accounts, li: Person, store: SqlStore
) -> None:
    first, second = (at_provider("https://id.example", subject) for subject in ("1", "2"))
    wang = accounts.add("wang", shown_as="王", role=Role.QA, lang="zh", password=None, by="system", subject=first)
    assert isinstance(refusal(lambda: accounts.set_subject(li, first)), ConflictError)
    token = accounts.sign_in_by_subject(first)[0]
    accounts.set_subject(wang, second, by=li.id)
    assert accounts.who(token) is None
    accounts.set_subject(wang, None)
    told = [(entry.actor, entry.action, entry.detail) for entry in store.journal.entries() if entry.subject == wang.id]
    assert told == [
        ("system", "person.add", {"role": "qa", "at_provider": first}),
        (wang.id, "session.open", {"how": "provider"}),
        (li.id, "person.subject", {"at_provider": second}),
        ("system", "person.subject", {}),
    ]


@pytest.mark.parametrize("subject", ["", " ", "a\nb", "a\0b", "x" * 190])
def test_a_subject_that_no_provider_gives_or_no_table_takes_is_refused(subject: str) -> None:
    assert isinstance(refusal(lambda: at_provider("https://id.example", subject)), InputError)


def test_sessions_that_have_ended_are_forgotten_when_the_next_one_opens(
    accounts: Accounts, li: Person, clock: HandClock, store: SqlStore
) -> None:
    ended = accounts.sign_in("li", PASSWORD, HOME)[1]
    accounts.link_for(li)
    clock.go(minutes=20)
    alive = accounts.sign_in("li", PASSWORD, HOME)[1]
    clock.go(minutes=15)
    accounts.sign_in("li", PASSWORD, HOME)
    assert store.people.session(ended.id) is None
    assert store.people.session(alive.id) is not None


def test_another_password_opens_and_the_old_one_no_longer(accounts: Accounts, li: Person) -> None:
    accounts.change_password(li, "another-password", by=li.id)
    assert accounts.sign_in("li", "another-password", HOME)[2] == li
    assert isinstance(refusal(lambda: accounts.sign_in("li", PASSWORD, HOME)), SignInError)


@pytest.mark.parametrize("password", ["", "123456789", "x" * 201])
def test_a_password_too_short_or_too_long_is_refused(accounts: Accounts, li: Person, password: str) -> None:
    assert isinstance(refusal(lambda: accounts.change_password(li, password)), InputError)
    assert accounts.sign_in("li", PASSWORD, HOME)[2] == li


def test_a_password_fits_however_the_keyboard_composes_it(accounts: Accounts, li: Person) -> None:
    accounts.change_password(li, "caf\u00e9-au-lait")
    assert accounts.sign_in("li", "cafe\u0301-au-lait", HOME)[2] == li


def test_a_hash_of_old_parameters_is_renewed_at_the_next_sign_in(
    accounts: Accounts, li: Person, store: SqlStore, clock: HandClock
) -> None:
    stronger = Accounts(store=store.people, clock=clock, hasher=PasswordHasher(2, 16, 1))
    token = stronger.sign_in("li", PASSWORD, HOME)[0]
    found = store.people.by_name("li")
    assert found is not None
    assert "m=16,t=2,p=1" in str(found[1])
    assert stronger.who(token) is not None
    assert accounts.sign_in("li", PASSWORD, HOME)[2] == li


@pytest.mark.parametrize(("name", "shown_as"), [("", "李"), ("li ming", "李"), ("x" * 65, "李"), ("li", " ")])
def test_an_account_without_a_usable_name_is_not_made(accounts: Accounts, name: str, shown_as: str) -> None:
    add = refusal(
        lambda: accounts.add(name, shown_as=shown_as, role=Role.QA, lang="en", password=PASSWORD, by="system")
    )
    assert isinstance(add, InputError)


def test_a_name_belongs_to_one_person(accounts: Accounts, li: Person) -> None:
    again = refusal(
        lambda: accounts.add("li", shown_as="Li", role=Role.ADMIN, lang="en", password=PASSWORD, by="system")
    )
    assert isinstance(again, ConflictError)
    assert accounts.named("li") == li
    assert isinstance(refusal(lambda: accounts.named("wang")), NotFoundError)


def test_a_key_opens_with_its_rights_until_it_is_revoked(accounts: Accounts, li: Person) -> None:
    key, secret = accounts.new_key("crm", {"read", "draft"}, by=li.id)
    assert secret.startswith("drafter_")
    assert accounts.by_key(secret) == key
    assert accounts.by_key(secret[:-1]) is None
    assert accounts.revoke_key(key.id, by=li.id).revoked_at is not None
    assert accounts.by_key(secret) is None


@pytest.mark.parametrize("rights", [{"approve"}, {"read", "administer"}, set()])
def test_a_key_never_approves_nor_administers(accounts: Accounts, rights: set[Right]) -> None:
    assert isinstance(refusal(lambda: accounts.new_key("crm", rights, by="system")), InputError)


def test_the_journal_tells_each_act_and_neither_it_nor_the_database_holds_a_secret(
    accounts: Accounts, li: Person, store: SqlStore, tmp_path: Path
) -> None:
    token, session, _ = accounts.sign_in("li", PASSWORD, HOME)
    link = accounts.link_for(li)
    linked = accounts.sign_in_by_link(link)[0]
    key, secret = accounts.new_key("crm", {"read"}, by=li.id)
    accounts.revoke_key(key.id, by=li.id)
    accounts.sign_out(token)
    accounts.change_password(li, "another-password", by=li.id)
    refusal(lambda: accounts.sign_in("typed-in-the-wrong-field", "wrong-password", HOME))
    entries = list(store.journal.entries())
    assert [entry.action for entry in entries] == [
        "person.add",
        "session.open",
        "link.add",
        "link.take",
        "session.open",
        "key.add",
        "key.revoke",
        "session.close",
        "person.password",
    ]
    assert store.journal.first_fault() is None
    told = json.dumps([entry.model_dump(mode="json") for entry in entries])
    for hidden in (PASSWORD, "another-password", token, session.id, session.csrf, linked, link, secret, "$argon2"):
        assert hidden not in told
    written = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    for hidden in (PASSWORD, "another-password", token, linked, link, secret, "typed-in-the-wrong-field"):
        assert hidden.encode() not in written


def test_whoever_runs_the_desk_may_disable_anybody_and_an_administrator_not_themselves(
    accounts: Accounts, li: Person
) -> None:
    boss = accounts.change_role(li, Role.ADMIN)
    with pytest.raises(ConflictError):
        accounts.disable(boss, by=boss.id)
    with pytest.raises(ConflictError):
        accounts.change_role(boss, Role.AGENT, by=boss.id)
    assert accounts.change_role(boss, Role.ADMIN, by=boss.id) == boss
    with pytest.raises(ConflictError):
        accounts.disable(boss, by="another-administrator")
    assert accounts.disable(boss).disabled

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from argon2 import PasswordHasher, extract_parameters

from drafter.desk.people import Accounts
from drafter.domain import Person, Role
from drafter.errors import DrafterError, SignInError, ThrottledError
from drafter.store.repository import SqlStore
from tests.desk.conftest import HOME, PASSWORD, HandClock, fail, refusal


class Noting(PasswordHasher):
    """Hashes, and notes what each comparison cost."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=16, parallelism=1)
        self.costs: list[object] = []

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # type: ignore[override] # noqa: A002 - its name
        self.costs.append(extract_parameters(str(hash)))
        return super().verify(hash, password)


def test_an_unknown_name_a_wrong_password_and_a_disabled_person_hear_the_same(accounts: Accounts, li: Person) -> None:
    wrong = refusal(lambda: accounts.sign_in("li", "not-this-password", HOME))
    unknown = refusal(lambda: accounts.sign_in("wang", PASSWORD, HOME))
    accounts.disable(li)
    disabled = refusal(lambda: accounts.sign_in("li", PASSWORD, HOME))
    assert {(type(error), error.message) for error in (wrong, unknown, disabled)} == {(SignInError, wrong.message)}


def test_an_unknown_name_costs_as_much_as_a_wrong_password(store: SqlStore, clock: HandClock) -> None:
    hasher = Noting()
    accounts = Accounts(store=store.people, clock=clock, hasher=hasher)
    accounts.add("li", shown_as="李", role=Role.AGENT, lang="zh", password=PASSWORD, by="system")
    accounts.add("wang", shown_as="王", role=Role.QA, lang="zh", password=None, by="system")
    for name in ("li", "wang", "nobody"):
        fail(accounts, name, HOME)
    assert len(hasher.costs) == 3
    assert set(map(repr, hasher.costs)) == {repr(hasher.costs[0])}


def test_a_name_is_throttled_after_five_failures_whatever_the_address(
    accounts: Accounts, li: Person, clock: HandClock
) -> None:
    for number in range(5):
        fail(accounts, "li", f"10.0.0.{number}")
        clock.go(seconds=1)
    assert isinstance(refusal(lambda: accounts.sign_in("li", PASSWORD, HOME)), ThrottledError)
    clock.go(minutes=15)
    assert accounts.sign_in("li", PASSWORD, HOME)[2] == li


def test_an_address_is_throttled_after_twenty_failures_whatever_the_name(accounts: Accounts, li: Person) -> None:
    for number in range(20):
        fail(accounts, f"name{number}", HOME)
    throttled = refusal(lambda: accounts.sign_in("li", PASSWORD, HOME))
    assert isinstance(throttled, ThrottledError)
    assert "15 minutes" in throttled.message
    assert accounts.sign_in("li", PASSWORD, "10.0.0.8")[2] == li


def test_tries_refused_while_throttled_do_not_make_it_last_longer(
    accounts: Accounts, li: Person, clock: HandClock
) -> None:
    del li
    for _ in range(5):
        fail(accounts, "li", HOME)
    clock.go(minutes=14)
    refusal(lambda: accounts.sign_in("li", PASSWORD, HOME))
    clock.go(minutes=1)
    assert accounts.sign_in("li", PASSWORD, HOME)


def test_tries_made_all_at_once_do_not_slip_past_the_throttle(accounts: Accounts, li: Person) -> None:
    del li
    with ThreadPoolExecutor(8) as pool:
        tries = [pool.submit(accounts.sign_in, "li", "wrong-password", HOME) for _ in range(16)]
    codes = [error.code for one in tries if isinstance(error := one.exception(), DrafterError)]
    assert (codes.count("sign-in"), codes.count("throttled")) == (5, 11)


def test_a_sign_in_clears_the_failures_of_the_name_and_keeps_those_of_the_address(
    accounts: Accounts, li: Person
) -> None:
    for _ in range(4):
        for _ in range(4):
            fail(accounts, "li", HOME)
        assert accounts.sign_in("li", PASSWORD, HOME)[2] == li
    for _ in range(4):
        fail(accounts, "li", HOME)
    assert isinstance(refusal(lambda: accounts.sign_in("li", PASSWORD, HOME)), ThrottledError)


def test_a_whole_office_signs_in_from_one_address(accounts: Accounts, li: Person, clock: HandClock) -> None:
    del li
    for _ in range(25):
        accounts.sign_in("li", PASSWORD, HOME)
        clock.go(seconds=1)

"""An open desk to sign in at: a real database, a clock moved by hand, and passwords that cost little."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher

from drafter.desk.approval import Approvals
from drafter.desk.people import Accounts
from drafter.domain import Person, Role
from drafter.errors import DrafterError, SignInError
from drafter.store.repository import SqlStore
from tests.approved import approvals_of

PASSWORD = "a-long-enough-one"
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
HOME = "10.0.0.7"


class HandClock:
    def __init__(self) -> None:
        self.at = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def go(self, **by: float) -> None:
        self.at += timedelta(**by)


@pytest.fixture
def store(sqlite_store: SqlStore) -> SqlStore:
    return sqlite_store


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def accounts(store: SqlStore, clock: HandClock) -> Accounts:
    return Accounts(store=store.people, clock=clock, hasher=CHEAP)


@pytest.fixture
def li(accounts: Accounts) -> Person:
    return accounts.add("li", shown_as="李", role=Role.AGENT, lang="zh", password=PASSWORD, by="system")


def refusal(call: Callable[[], object]) -> DrafterError:
    with pytest.raises(DrafterError) as raised:
        call()
    return raised.value


def fail(accounts: Accounts, name: str, address: str) -> None:
    assert type(refusal(lambda: accounts.sign_in(name, "wrong-password", address))) is SignInError


@pytest.fixture
def approvals(store: SqlStore) -> Approvals:
    return approvals_of(store)

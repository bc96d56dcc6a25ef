"""Agents who are signed in already, as their browsers would tell a desk that serves the same database."""

from __future__ import annotations

from itsdangerous import Signer

from drafter.bootstrap import SystemClock
from drafter.desk.people import Accounts
from drafter.domain import SYSTEM, Role
from drafter.store.repository import SqlStore
from drafter.web.callers import CSRF_HEADER
from drafter.web.cookies import SESSION_COOKIE, Cookies


def signed_in(store: SqlStore, count: int, secret: str) -> list[dict[str, str]]:
    """Make accounts, and return for each the headers of its session.

    Args:
        store: of the desk.
        count: how many.
        secret: the desk's, which signs its cookies.
    """
    accounts, signer = Accounts(store=store.people, clock=SystemClock()), Cookies(secret.encode())._signer
    return [_headers(accounts, signer, f"agent-{number}") for number in range(1, count + 1)]


def _headers(accounts: Accounts, signer: Signer, name: str) -> dict[str, str]:
    person = accounts.add(name, shown_as=name, role=Role.AGENT, lang="zh", password=None, by=SYSTEM)
    token, session, _ = accounts.sign_in_by_link(accounts.link_for(person))
    return {"cookie": f"{SESSION_COOKIE}={signer.sign(token).decode()}", CSRF_HEADER: session.csrf}

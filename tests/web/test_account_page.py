"""Everybody sets their own password."""

from __future__ import annotations

from dataclasses import replace

import pytest
from argon2 import PasswordHasher

from tests.web.served import Served

OLD, NEW = "kindness is fast", "a better one, for longer"


@pytest.fixture(autouse=True)
def cheap(served: Served) -> None:
    accounts = replace(served.services.accounts, hasher=PasswordHasher(1, 8, 1))
    served.client.app.state.services = replace(served.services, accounts=accounts)  # type: ignore[attr-defined]


def test_whoever_came_by_a_link_sets_a_password_and_signs_in_with_it(served: Served) -> None:
    agent = served.signed_in()
    assert 'name="old"' not in agent.get("/account").text
    assert agent.post("/account/password", data={"new": NEW}).headers["location"] == "/account?told=changed"
    assert agent.get("/account").status_code == 200  # goes on in a new session
    name = served.services.store.people.all()[0].name
    signed_in = served.browser().post("/sign-in", data={"name": name, "password": NEW})
    assert signed_in.headers["location"] == "/"


def test_another_password_asks_for_the_one_before_and_ends_every_other_session(served: Served) -> None:
    agent = served.signed_in()
    (person,) = served.services.store.people.all()
    agent.post("/account/password", data={"new": OLD})
    elsewhere = served.browser()
    elsewhere.post(f"/sign-in/link/{served.services.accounts.link_for(person)}")
    assert elsewhere.get("/account").status_code == 200
    agent.headers["x-csrf-token"] = served.csrf(agent)
    refused = agent.post("/account/password", data={"old": "guessed at random", "new": NEW})
    assert refused.status_code == 422
    assert elsewhere.get("/account").status_code == 200
    assert agent.post("/account/password", data={"old": OLD, "new": NEW}).status_code == 303
    assert elsewhere.get("/account").status_code == 401


def test_the_password_one_has_cannot_be_guessed_at_in_a_session_left_open(served: Served) -> None:
    agent = served.signed_in()
    agent.post("/account/password", data={"new": OLD})
    agent.headers["x-csrf-token"] = served.csrf(agent)
    tries = [agent.post("/account/password", data={"old": f"guess {n}", "new": NEW}).status_code for n in range(6)]
    assert tries == [422] * 5 + [429]


@pytest.mark.parametrize("new", ["short", "x" * 201])
def test_a_password_too_short_or_too_long_changes_nothing(served: Served, new: str) -> None:
    agent = served.signed_in()
    assert agent.post("/account/password", data={"new": new}).status_code == 422
    assert agent.get("/account").status_code == 200

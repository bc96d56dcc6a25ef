"""Every route says what it asks for, docs/roles.md is what the routes say, and each is held to it."""

from __future__ import annotations

import re
from pathlib import Path

from fastapi.testclient import TestClient

from drafter.domain import Role
from drafter.web.routes import PUBLIC, Declared, declared, table
from tests.web.served import Served, served

__all__ = ["served"]
DOC = Path(__file__).parent.parent.parent / "docs" / "roles.md"


def called(client: TestClient, one: Declared) -> int:
    path = re.sub(r"\{\w+\}", "none", one.path)
    return client.request(one.method, path, headers={"accept": "application/json"}).status_code


def test_the_table_in_the_docs_is_what_the_routes_say() -> None:
    assert table() in DOC.read_text(encoding="utf-8"), "write it again: see the head of docs/roles.md"


def test_only_what_is_listed_answers_without_a_session() -> None:
    assert {one.path for one in declared() if one.needs is None} == PUBLIC


def test_every_other_route_turns_away_whoever_is_not_signed_in(served: Served) -> None:
    asked = [one for one in declared() if one.needs is not None]
    assert len(asked) > 30
    assert {called(served.client, one) for one in asked} == {401}


def test_every_route_is_closed_to_the_roles_without_its_right(served: Served) -> None:
    for role in Role:
        person = served.signed_in(role)
        for one in declared():
            if one.path == "/sign-out" or one.needs is None:
                continue
            assert (called(person, one) == 403) == (not one.open_to(role)), (role, one)

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


def test_every_path_of_the_application_is_in_the_table_or_among_the_files(served: Served) -> None:
    described = set(served.client.get("/openapi.json").json()["paths"])
    assert described <= {one.path for one in declared()}
    mounted = {path for route in served.client.app.routes if (path := getattr(route, "path", None)) is not None}
    assert mounted == {"/openapi.json", "/static"}


def test_a_browser_that_is_not_signed_in_is_led_to_the_sign_in(served: Served) -> None:
    for one in declared():
        if one.method == "GET" and one.needs is not None and not one.path.startswith("/api/"):
            path = re.sub(r"\{\w+\}", "none", one.path)
            answer = served.client.get(path, headers={"accept": "text/html"})
            assert (answer.status_code, answer.headers["location"]) == (303, f"/sign-in?next={path}")


def test_a_key_with_every_right_opens_what_the_table_says_and_nothing_that_a_person_must_do(served: Served) -> None:
    program = served.with_key("read", "draft", "review")
    rows = [line.split("|") for line in table().splitlines() if line.startswith("| `")]
    marked = {row[1].strip(" `"): row[-2].strip() == "yes" for row in rows}
    for one in declared():
        if one.needs is not None:
            assert (called(program, one) == 403) == (not marked[f"{one.method} {one.path}"]), one


def test_a_role_acts_only_with_the_token_of_its_page(served: Served) -> None:
    agent = served.signed_in(Role.LEAD)
    del agent.headers["x-csrf-token"]
    for one in declared():
        if one.needs is not None and one.method != "GET":
            assert called(agent, one) == 403, one

"""The description of the API is complete and true: requests made from it, sound and broken, are answered as it says."""

from __future__ import annotations

import base64
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import TypeAdapter

from drafter.store.cursors import cursor_after
from drafter.web.api.examples import examples
from drafter.web.routes import routes
from tests.reviewed import AT
from tests.web.asking import a_draft
from tests.web.fuzzing import CALLERS, open_to_tries, tried
from tests.web.served import CASE, Served
from tests.web.test_api import told

KINDS = ("sqlite", "postgresql")
# Take the same facts as `add_case` and `edit_draft`, whose every fact is tried in turn.
_THE_SAME_FACTS = ("check_text", "check_draft", "suggest_reply")


@contextmanager
def open_on(kind: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[tuple[Served, str]]:
    url = None
    if kind == "sqlite":
        shutil.copy(request.getfixturevalue("upgraded_file"), folder / "drafter.sqlite3")
    else:
        request.getfixturevalue("postgres_store")  # empties the database
        url = request.getfixturevalue("upgraded_database")
    with open_to_tries(folder, url) as opened:
        yield opened


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_made_from_the_description_is_answered_as_it_says(
    kind: str, caller: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Every check of schemathesis; `bench/fuzzing.py` takes its time and is systematic for all."""
    systematic = (kind, caller) == ("postgresql", "agent")
    with open_on(kind, request, tmp_path) as (served, address):
        found = tried(served, address, caller, most=1, systematic=systematic, spare=_THE_SAME_FACTS)
    assert not found.failures, "\n\n".join(found.failures)
    described = served.client.app.openapi()["paths"]  # type: ignore[attr-defined] # it is one of FastAPI
    assert len(found.operations) == sum(map(len, described.values()))
    assert found.statuses.keys() & {200, 201}
    assert max(found.statuses) < 500


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory, upgraded_file: Path) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("described")
    shutil.copy(upgraded_file, folder / "drafter.sqlite3")
    with open_to_tries(folder, None) as (served, _):
        found: dict[str, Any] = served.client.get("/openapi.json").json()
    return found


def operations(described: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in described["paths"].items():
        for method, operation in item.items():
            yield method.upper(), path, operation


def test_every_call_has_a_name_that_a_client_can_be_made_of(described: dict[str, Any]) -> None:
    assert described["openapi"].startswith("3.1")
    names = [operation["operationId"] for _, _, operation in operations(described)]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", name) for name in names), names
    tags = {tag["name"] for tag in described["tags"] if tag["description"]}
    for method, path, operation in operations(described):
        assert operation["summary"], (method, path)
        assert operation["description"], (method, path)
        assert set(operation["tags"]) <= tags, (method, path)
    assert all(re.fullmatch(r"[A-Z]\w+", name) for name in described["components"]["schemas"])


def test_every_error_is_described_as_a_problem(described: dict[str, Any]) -> None:
    for method, path, operation in operations(described):
        errors = {status: answer for status, answer in operation["responses"].items() if int(status) >= 400}
        assert errors, (method, path)
        for status, answer in errors.items():
            content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
            assert answer["content"] == content, (method, path, status)
            assert answer["description"], (method, path, status)
    problem = described["components"]["schemas"]["Problem"]
    assert set(problem["required"]) == {"type", "title", "status", "detail"}
    assert all(one["description"] for one in problem["properties"].values())


def test_every_call_says_by_which_credentials_it_is_opened(described: dict[str, Any]) -> None:
    assert described["components"]["securitySchemes"].keys() == {"key", "session", "page"}
    for method, path, operation in operations(described):
        asked = operation.get("security", [])
        if path in {"/healthz", "/readyz"}:
            assert not asked
            continue
        person = {"session": []} if method == "GET" else {"session": [], "page": []}
        assert person in asked, (method, path)
        assert ({"key": []} in asked) == (len(asked) == 2), (method, path)
    approval = described["paths"]["/api/v1/drafts/{draft_id}/approval"]["post"]
    assert approval["security"] == [{"session": [], "page": []}]


def test_every_body_has_an_example_that_the_call_would_take(described: dict[str, Any]) -> None:
    by_name = {route.name: route for route in routes() if route.include_in_schema}
    for method, path, operation in operations(described):
        body = operation.get("requestBody")
        if body is not None:
            assert "example" in body["content"]["application/json"], (method, path)
            example = body["content"]["application/json"]["example"]
            field = by_name[operation["operationId"]].body_field
            assert field is not None
            TypeAdapter(field.field_info.annotation).validate_python(example)
        for status in ("200", "201"):
            content = operation["responses"].get(status, {}).get("content", {}).get("application/json")
            if content is not None and content["schema"].get("type") != "array":
                assert content["example"], (method, path, status)
    assert set(examples()) <= set(described["components"]["schemas"])


def test_what_may_be_sent_again_and_how_a_list_goes_on_is_described(described: dict[str, Any]) -> None:
    told = {(one["name"], path): one for _, path, call in operations(described) for one in call.get("parameters", ())}
    for path in ("/api/v1/cases", "/api/v1/review"):
        assert "next" in told["cursor", path]["description"]
    assert "first answer again" in told["Idempotency-Key", "/api/v1/cases"]["description"]
    schemas = described["components"]["schemas"]
    assert "Attributes:" not in str(schemas)
    assert "greater where the draft has become stale" in schemas["Draft"]["properties"]["newest_message"]["description"]


def sealed(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "made-up",
        "名",
        "=",
        "////",
        sealed("2026-03-02T09:30:00~x"),  # without a time zone
        sealed("0001-01-01T00:00:00+14:00~x"),  # before the first day
        sealed("9999-12-31T23:59:59-14:00~x"),  # after the last
        sealed("2026-03-02T09:30:00+00:00~a\0b"),
        sealed("1e400~x"),
        cursor_after(AT, "x")[:-3],
        f"{cursor_after(AT, 'x')}!",
    ],
)
def test_a_cursor_that_nobody_was_given_is_the_callers_mistake_on_both_databases(
    either_served: Served, cursor: str
) -> None:
    reader = either_served.with_key("read", "review")
    for path in ("/api/v1/cases", "/api/v1/review"):
        told(reader.get(path, params={"cursor": cursor}), 422, "input")
        assert reader.get(path, params={"cursor": cursor_after(AT, "x")}).status_code == 200


@pytest.mark.parametrize(
    "more",
    [
        {"facts": {"institution": "a\0b"}},
        {"conversation": [{"by": "debtor", "text": "a\0b"}]},
        {"promises": [{"quote": "a\0b"}]},
    ],
)
def test_a_nul_anywhere_in_a_case_is_the_callers_mistake_on_both_databases(
    either_served: Served, more: dict[str, object]
) -> None:
    told(either_served.signed_in().post("/api/v1/cases", json={**CASE, **more}), 422, "input")


def test_a_version_that_no_database_can_hold_is_the_callers_mistake(agent: TestClient) -> None:
    draft = a_draft(agent)
    edit = {"text": draft["text"], "version": 2**70}
    told(agent.patch(f"/api/v1/drafts/{draft['id']}", json=edit), 422, "input")


@pytest.mark.parametrize(
    "facts", [{"due_date": 0}, {"days_past_due": False}, {"days_past_due": "5"}, {"time_barred": "yes"}]
)
def test_a_fact_of_another_kind_is_not_taken_for_what_it_might_mean(agent: TestClient, facts: object) -> None:
    told(agent.post("/api/v1/cases", json={**CASE, "facts": facts}), 422, "input")


def test_an_address_that_does_not_take_a_method_names_all_that_it_takes(agent: TestClient) -> None:
    answer = agent.put("/api/v1/cases/any/suggestions")
    told(answer, 405, "method-not-allowed")
    assert answer.headers["allow"] == "DELETE, POST"
    assert agent.put("/api/v1/cases").headers["allow"] == "GET, POST"

"""How much one caller may ask in a minute, and that nobody becomes another caller by making up a name."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from drafter.errors import StorageError
from tests.web.served import Served, application

MOST = 12


@pytest.fixture
def served(tmp_path: Path, upgraded_file: Path) -> Iterator[Served]:
    shutil.copy(upgraded_file, tmp_path / "drafter.sqlite3")
    made = application(tmp_path, requests_a_minute=MOST)
    with TestClient(made.app, follow_redirects=False) as client:
        yield Served(client, made.services, made.upstream)


def answers(client: TestClient, *headers: dict[str, str]) -> list[int]:
    return [client.get("/api/v1/cases", headers=each).status_code for each in headers]


def made_up(number: int) -> list[dict[str, str]]:
    return [
        {"authorization": f"Bearer drafter_{number}"},
        {"authorization": f"Basic {number}"},
        {"cookie": f"drafter_session={number}"},
        {"cookie": f"drafter_session={number}.signed"},
    ]


@pytest.mark.parametrize("kind", range(4))
def test_made_up_credentials_are_counted_by_address(served: Served, kind: int) -> None:
    told = answers(served.client, *(made_up(number)[kind] for number in range(MOST + 2)))
    assert told == [401] * MOST + [429] * 2


def test_whoever_is_known_is_counted_by_themselves_also_where_their_address_has_asked_too_much(served: Served) -> None:
    agent, program = served.signed_in(), served.with_key("read")
    assert 429 in answers(served.client, *({} for _ in range(MOST + 1)))
    assert answers(agent, *({} for _ in range(MOST + 1))) == [200] * MOST + [429]
    assert answers(program, *({} for _ in range(MOST + 1))) == [200] * MOST + [429]


def test_a_header_beside_the_session_makes_no_other_caller(served: Served) -> None:
    agent = served.signed_in()
    told = answers(agent, *({"authorization": f"Basic {number}"} for number in range(MOST + 1)))
    assert told == [200] * MOST + [429]


def test_a_revoked_key_is_as_good_as_a_made_up_one(served: Served) -> None:
    program = served.with_key("read")
    key = served.services.store.people.api_keys()[-1]
    served.services.accounts.revoke_key(key.id, by="test")
    assert answers(program, *({} for _ in range(MOST + 1))) == [401] * MOST + [429]
    assert answers(served.client, {}) == [429]


def test_a_database_that_is_down_is_told_as_such(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(_secret: str) -> None:
        raise StorageError("down")

    monkeypatch.setattr(served.services.accounts.store, "key_by_secret", down)
    assert answers(served.client, {"authorization": "Bearer drafter_x"}) == [503]

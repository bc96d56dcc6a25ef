"""The served application for every test of the web, on SQLite or on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tests.web.served import Served, served, serving

__all__ = ["served"]


@pytest.fixture(params=["sqlite", "postgresql"])
def either_served(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Served]:
    """Give the application on each kind of database."""
    if request.param == "sqlite":
        yield request.getfixturevalue("served")
        return
    request.getfixturevalue("postgres_store")  # empties the database
    with serving(tmp_path, request.getfixturevalue("upgraded_database")) as running:
        yield running


@pytest.fixture
def agent(served: Served) -> TestClient:
    return served.signed_in()

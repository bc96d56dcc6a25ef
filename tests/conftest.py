"""What every test may use: cassettes of the embedded model, and that model itself when they are recorded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from vcr.request import Request

from drafter.bootstrap import embedded_model_path
from drafter.llm.embedded import EmbeddedServer
from drafter.settings import load_settings
from tests.databases import (  # noqa: F401 - fixtures for every test
    either_store,
    postgres,
    postgres_store,
    postgres_url,
    sqlite_store,
    sqlite_url,
    upgraded_database,
    upgraded_file,
    url,
)

MODEL = "qwen2.5-coder-1.5b-instruct-q4_k_m"
_CASSETTES = Path(__file__).parent.parent / "cassettes"


@pytest.fixture(scope="module")
def vcr_cassette_dir(request: pytest.FixtureRequest) -> str:
    return str(_CASSETTES / request.module.__name__.removeprefix("tests."))


@pytest.fixture(scope="session")
def vcr_config() -> dict[str, Any]:
    return {
        # The embedded server listens on another port each time; what was asked decides, not where.
        "match_on": ["method", "path", "body"],
        "before_record_request": _without_place,
        "filter_headers": ["authorization", "host", "user-agent", "x-stainless-runtime-version", "x-stainless-os"],
        "decode_compressed_response": True,
    }


@pytest.fixture(scope="session")
def model_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Give the embedded model's URL while cassettes are recorded, and one where nothing listens otherwise."""
    if request.config.getoption("--record-mode") == "none":
        yield "http://127.0.0.1:9/v1"
        return
    with EmbeddedServer(embedded_model_path(load_settings())) as server:
        yield server.base_url


def _without_place(request: Request) -> Request:
    request.uri = f"http://embedded-model{request.path}"
    return request


def spoken(prompt: bytes) -> str:
    """Return everything a recorded request told the model."""
    return "\n".join(message["content"] for message in json.loads(prompt)["messages"])

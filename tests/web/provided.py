"""A desk with an identity provider beside it, and people who come by way of it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import httpx2
import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from drafter.domain import SYSTEM, Person, Role, at_provider
from tests.web.provider import CLIENT, SECRET, Provider, providing
from tests.web.served import Served, application

START, BACK = "/sign-in/provider", "/sign-in/provider/back"


@pytest.fixture
def provider() -> Iterator[Provider]:
    with providing() as running:
        yield running


@pytest.fixture
def served(provider: Provider, tmp_path: Path, upgraded_file: Path) -> Iterator[Served]:
    shutil.copy(upgraded_file, tmp_path / "drafter.sqlite3")
    made = application(tmp_path, oidc_issuer=f"{provider.issuer}/", oidc_client_id=CLIENT, oidc_client_secret=SECRET)
    with TestClient(made.app, follow_redirects=False) as client:
        yield Served(client, made.services, made.upstream)


@pytest.fixture
def lin(served: Served, provider: Provider) -> Person:
    """Give an agent whom the provider knows."""
    return served.services.accounts.add(
        "lin",
        shown_as="Lin",
        role=Role.AGENT,
        lang="zh",
        password=None,
        by=SYSTEM,
        subject=at_provider(provider.issuer, provider.subject),
    )


def english(served: Served) -> TestClient:
    return served.browser(headers={"accept": "text/html", "accept-language": "en"})


def sent(browser: TestClient, where: str = "/") -> str:
    """Return the address at which the provider sends the browser back."""
    away = browser.get(START, params={"next": where})
    assert away.status_code == 303, away.text
    there = httpx2.get(away.headers["location"])
    assert there.status_code == 302, there.text
    return str(there.headers["location"])


def signed_in(browser: TestClient, where: str = "/") -> Response:
    return browser.get(sent(browser, where))


def sentence(answer: Response) -> str:
    """Return what the sign-in page tells."""
    shown = re.search(r'role="alert">\s*<p>(.*?)</p>', answer.text, re.DOTALL)
    assert shown is not None, answer.text
    assert 'action="/sign-in"' in answer.text
    assert "drafter_session" not in answer.headers.get("set-cookie", "")
    return unescape(shown[1])

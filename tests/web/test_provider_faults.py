"""An identity provider that refuses, is down, slow or out of its mind is told in a sentence."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from drafter.domain import Person
from tests.web import provider as providers
from tests.web.provided import START, english, lin, provider, sent, sentence, served, signed_in
from tests.web.provider import CLIENT, SECRET, Provider, told
from tests.web.served import Served, application

__all__ = ["lin", "provider", "served"]


def test_whoever_cancels_at_the_provider_is_told_so(served: Served, lin: Person, provider: Provider) -> None:
    del lin
    provider.refuses = "access_denied"
    answer = signed_in(english(served))
    assert answer.status_code == 401
    assert "not signed in at the identity provider" in sentence(answer)


@pytest.mark.parametrize(
    ("error", "status"),
    [("temporarily_unavailable", 503), ("server_error", 503), ("invalid_scope", 502), ("<script>", 502)],
)
def test_what_the_provider_refuses_is_told_without_its_own_words(
    served: Served, provider: Provider, error: str, status: int
) -> None:
    provider.refuses = error
    answer = signed_in(english(served))
    assert answer.status_code == status
    assert "nobody was signed in" in sentence(answer)
    assert "<script>" not in answer.text


def test_a_wrong_secret_is_told_to_whoever_can_mend_it(
    served: Served, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(providers, "SECRET", "another")
    answer = signed_in(english(served))
    assert answer.status_code == 502
    assert "administrator" in sentence(answer)
    assert SECRET not in answer.text
    assert provider.asked[-1] == "/token"


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/token", "/keys"])
@pytest.mark.parametrize(
    ("broken", "status"),
    [
        (told({"error": "down"}, 503), 503),
        ((200, {"Content-Type": "text/html"}, b"<h1>Welcome</h1>"), 502),
        ((200, {}, b""), 502),
        (told([]), 502),
        (told({}), 502),
        (told({"keys": [{"kty": "RSA", "kid": "first"}], "id_token": [], "expires_in": []}), 502),
        (told({"keys": [{"kty": "OKP", "crv": "X", "x": "-"}, {}, {"kty": "AKP"}]}), 502),
        ((302, {"Location": "http://127.0.0.1:9/"}, b""), 502),
        ((200, {"Content-Type": "application/json"}, b'{"a":"' + b"x" * 600_000 + b'"}'), 502),
        ((200, {"Content-Encoding": "gzip"}, b"\x1f\x8b"), 502),
        ((200, {"Content-Type": "application/json"}, b"\xff\xfe{"), 502),
    ],
    ids=[
        "down",
        "a page",
        "nothing",
        "a list",
        "no fields",
        "odd fields",
        "odd keys",
        "elsewhere",
        "huge",
        "packed",
        "no text",
    ],
)
def test_a_provider_that_does_not_answer_as_it_should_is_told_and_never_a_fault_of_the_desk(
    served: Served, provider: Provider, path: str, broken: providers.Answer, status: int
) -> None:
    browser = english(served)
    back = sent(browser)
    provider.answers[path] = broken
    for answer in (browser.get(back), *([browser.get(START)] if path.startswith("/.well-known") else [])):
        assert answer.status_code == status
        assert "nobody was signed in" in sentence(answer)


def test_a_provider_that_cannot_be_reached_leaves_the_other_ways_in(tmp_path: Path, upgraded_file: Path) -> None:
    shutil.copy(upgraded_file, tmp_path / "drafter.sqlite3")
    made = application(tmp_path, oidc_issuer="http://127.0.0.1:9", oidc_client_id=CLIENT, oidc_client_secret=SECRET)
    with TestClient(made.app, follow_redirects=False) as client:
        answer = client.get(START, params={"next": "/queue"}, headers={"accept-language": "en"})
        assert answer.status_code == 503
        assert "does not answer" in sentence(answer)
        assert 'name="next" value="/queue"' in answer.text


def test_a_slow_provider_keeps_nobody_else_waiting(served: Served, provider: Provider) -> None:
    provider.answering.clear()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(served.browser().get, START)
        try:
            assert provider.arrived.wait(10)
            assert served.client.get("/healthz").status_code == 200
            assert not waiting.done()
        finally:
            provider.answering.set()
        assert waiting.result().status_code == 303


def test_a_provider_that_never_answers_is_given_up(
    served: Served, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("drafter.web.provider.DEADLINE_S", 0.1)
    provider.answering.clear()
    answer = english(served).get(START)
    provider.answering.set()
    assert answer.status_code == 503
    assert "TimeoutError" in sentence(answer)


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
@pytest.mark.parametrize("url", ["http://provider.example/x", "file:///etc/passwd", "javascript:alert(1)", ""])
def test_an_address_where_others_could_listen_is_not_used(
    served: Served, provider: Provider, name: str, url: str
) -> None:
    provider.described[name] = url
    assert english(served).get(START).status_code == 502


def test_a_provider_that_calls_itself_otherwise_is_not_the_one_that_was_meant(
    served: Served, provider: Provider
) -> None:
    provider.described["issuer"] = "https://evil.example"
    assert english(served).get(START).status_code == 502

"""Tokens, states and addresses of return that were made up, changed, kept or stolen open nothing."""

from __future__ import annotations

import hmac
import time
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from itsdangerous import TimestampSigner
from joserfc import jwt

from drafter.domain import Person
from tests.web import provider as providers
from tests.web.provided import BACK, english, lin, provider, sent, sentence, served, signed_in
from tests.web.provider import CLIENT, SECRET, Provider, made_by_hand, signed
from tests.web.served import Served

__all__ = ["lin", "provider", "served"]


def by_another_key(_provider: Provider, claims: dict[str, object]) -> str:
    return jwt.encode({"alg": "RS256", "kid": "first"}, claims, providers.key("thief"))


def by_a_secret(secret: bytes, claims: dict[str, object]) -> str:
    return made_by_hand("HS256", claims, lambda signed: hmac.digest(secret, signed, "sha256"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"nonce": ["another"]},
        {"aud": "another-client"},
        {"aud": ["another-client"]},
        {"aud": None},
        {"aud": [CLIENT, "another-client"]},
        {"azp": "another-client"},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"exp": 1},
        {"exp": int(time.time()) - 120},
        {"exp": "never"},
        {"exp": None},
        {"iat": int(time.time()) + 3600},
        {"nbf": int(time.time()) + 3600},
        {"sub": None},
        {"sub": ""},
        {"sub": 4711},
        {"sub": ["4711"]},
    ],
    ids="-".join,
)
def test_a_token_that_says_something_else_opens_nothing(
    served: Served, lin: Person, provider: Provider, wrong: dict[str, object]
) -> None:
    del lin
    provider.claims = wrong
    answer = signed_in(english(served))
    assert answer.status_code == 401
    assert "cannot be trusted" in sentence(answer)


@pytest.mark.parametrize(
    "sign",
    [
        by_another_key,
        lambda _provider, claims: by_a_secret(providers.key("first").as_pem(private=False), claims),
        lambda _provider, claims: by_a_secret(SECRET.encode(), claims),
        lambda _provider, claims: made_by_hand("none", claims, lambda _signed: b""),
        lambda _provider, claims: made_by_hand("None", claims, lambda _signed: b""),
        lambda _provider, claims: signed("unpublished", claims),
        lambda _provider, claims: signed("first", claims)[:-4],
        lambda _provider, _claims: "not.a.token",
        lambda _provider, _claims: "",
    ],
    ids=[
        "another key",
        "HS256 by the public key",
        "HS256 by the secret",
        "alg none",
        "alg None",
        "unpublished key",
        "cut off",
        "no token",
        "empty",
    ],
)
def test_a_token_that_the_providers_key_has_not_signed_opens_nothing(
    served: Served, lin: Person, provider: Provider, sign: providers.Sign
) -> None:
    del lin
    provider.sign = sign
    assert signed_in(english(served)).status_code == 401


def test_whoever_comes_back_without_having_been_sent_is_turned_away(served: Served, lin: Person) -> None:
    del lin
    victim = english(served)
    back = sent(served.browser())
    answer = victim.get(back)
    assert answer.status_code == 401
    assert "start it again" in sentence(answer)


@pytest.mark.parametrize("state", ["", "guessed", "\u8d26", "state=a&state=b"])
def test_a_state_that_is_missing_or_another_opens_nothing(
    served: Served, lin: Person, provider: Provider, state: str
) -> None:
    del lin
    browser = english(served)
    code = parse_qs(urlsplit(sent(browser)).query)["code"][0]
    answer = browser.get(BACK, params={"code": code, **({"state": state} if state else {})})
    assert answer.status_code == 401
    assert "start it again" in sentence(answer)
    assert "/token" not in provider.asked


def test_what_the_browser_brings_back_counts_only_as_the_desk_wrote_it(served: Served, lin: Person) -> None:
    del lin
    browser = served.browser()
    back = sent(browser)
    good = browser.cookies["drafter_errand"]
    for cookie in ("", "x", good[:-1], f"{good}x", good.rpartition(".")[0], "\u00e9.x.y"):
        raw = {b"cookie": f"drafter_errand={cookie}".encode("latin-1")}
        assert served.browser(headers=raw).get(back).status_code == 401, cookie
    assert browser.get(back).headers["location"] == "/"


def test_a_sign_in_that_took_longer_than_ten_minutes_is_begun_again(
    served: Served, lin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    del lin
    browser = english(served)
    with monkeypatch.context() as earlier:
        earlier.setattr(TimestampSigner, "get_timestamp", lambda _self: int(time.time()) - 601)
        back = sent(browser)
    answer = browser.get(back)
    assert answer.status_code == 401
    assert "ten minutes" in sentence(answer)


def test_an_address_of_return_signs_in_once_even_for_whoever_has_copied_the_cookie(served: Served, lin: Person) -> None:
    del lin
    browser = english(served)
    back = sent(browser)
    thief = english(served)
    thief.cookies = httpx2.Cookies(browser.cookies)
    assert browser.get(back).headers["location"] == "/"
    assert "drafter_errand" not in browser.cookies
    again = browser.get(back)
    assert (again.status_code, "start it again" in sentence(again)) == (401, True)
    stolen = thief.get(back)
    assert (stolen.status_code, "used before" in sentence(stolen)) == (401, True)

"""A real OpenID provider on loopback: it signs with RSA, gives a code once, and does wrong on command."""

from __future__ import annotations

import hashlib
import json
import secrets
import threading
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

CLIENT = "reply-desk"
SECRET = "a-secret-of-desk-and-provider"
BACK = "http://testserver/sign-in/provider/back"
Answer = tuple[int, dict[str, str], bytes]
Sign = Callable[["Provider", dict[str, Any]], str]


@cache
def key(kid: str) -> RSAKey:
    """Return a private key, made once a session of tests."""
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig", "alg": "RS256"})


@dataclass
class Provider:
    """Signs whoever comes in at once, as the same person.

    Attributes:
        signs_with: by its name; `key` gives it.
        publishes: the names of the keys that everybody may ask for.
        sign: makes a token of its claims.
        back: where this client's people are sent back to.
        claims: what a token says other than it should; None leaves a claim out.
        answers: what an address answers instead.
        refuses: the error with which everybody is sent back.
        codes: what was asked for with each code that waits to be used.
        asked: the addresses that were asked for, in order.
        arrived: set as soon as anything is asked.
        answering: cleared by a test that wants the desk to wait.
    """

    issuer: str = ""
    back: str = BACK
    subject: str = "4711"
    signs_with: str = "first"
    publishes: list[str] = field(default_factory=lambda: ["first"])
    sign: Sign = lambda provider, claims: signed(provider.signs_with, claims)
    claims: dict[str, Any] = field(default_factory=dict)
    described: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    refuses: str = ""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    arrived: threading.Event = field(default_factory=threading.Event)
    answering: threading.Event = field(default_factory=threading.Event)

    def answer(self, path: str, query: dict[str, str], form: dict[str, str], authorization: str) -> Answer:
        self.asked.append(path)
        self.arrived.set()
        self.answering.wait(20)
        if path in self.answers:
            return self.answers[path]
        if path == "/.well-known/openid-configuration":
            return told(self._description())
        if path == "/authorize":
            return self._authorize(query)
        if path == "/token":
            return self._token(form, authorization)
        if path == "/keys":
            return told(KeySet([key(kid) for kid in self.publishes]).as_dict())
        return told({"error": "not_found"}, 404)

    def _description(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"],
            "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
            **self.described,
        }

    def _authorize(self, query: dict[str, str]) -> Answer:
        fits = (
            query["response_type"] == "code"
            and query["client_id"] == CLIENT
            and query["redirect_uri"] == self.back
            and query["scope"] == "openid"
            and query["code_challenge_method"] == "S256"
            and len(query["state"]) > 20
            and len(query["nonce"]) > 20
        )
        if not fits:
            return told({"error": "invalid_request"}, 400)
        code = secrets.token_urlsafe(16)
        self.codes[code] = query
        back = {"error": self.refuses} if self.refuses else {"code": code}
        return 302, {"Location": f"{self.back}?{urlencode({'state': query['state'], **back})}"}, b""

    def _token(self, form: dict[str, str], authorization: str) -> Answer:
        given = b64decode(authorization.removeprefix("Basic ")).decode() if authorization else ""
        if given != f"{CLIENT}:{SECRET}" and (form.get("client_id"), form.get("client_secret")) != (CLIENT, SECRET):
            return told({"error": "invalid_client"}, 401)
        begun = self.codes.pop(form["code"], None)
        challenge = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if (
            begun is None
            or form["grant_type"] != "authorization_code"
            or form["redirect_uri"] != begun["redirect_uri"]
            or _part(challenge) != begun["code_challenge"]
        ):
            return told({"error": "invalid_grant"}, 400)
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "sub": self.subject,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": begun["nonce"],
            **self.claims,
        }
        token = self.sign(self, {name: value for name, value in claims.items() if value is not None})
        return told({"access_token": "unused", "token_type": "Bearer", "expires_in": 300, "id_token": token})


def told(body: object, status: int = 200) -> Answer:
    return status, {"Content-Type": "application/json"}, json.dumps(body).encode()


def signed(kid: str, claims: dict[str, Any]) -> str:
    """Return a token as a provider signs it."""
    return jwt.encode({"alg": "RS256", "kid": kid}, claims, key(kid))


def made_by_hand(alg: str, claims: dict[str, Any], sign: Callable[[bytes], bytes]) -> str:
    """Return a token with a signature that no library would make."""
    head, body = (_part(json.dumps(part).encode()) for part in ({"alg": alg, "typ": "JWT", "kid": "first"}, claims))
    return f"{head}.{body}.{_part(sign(f'{head}.{body}'.encode()))}"


def _part(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


@contextmanager
def providing() -> Iterator[Provider]:
    provider = Provider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers["Content-Length"])))

        def _answer(self, body: bytes) -> None:
            url = urlsplit(self.path)
            query, form = (
                {name: values[0] for name, values in parse_qs(text).items()} for text in (url.query, body.decode())
            )
            status, headers, content = provider.answer(url.path, query, form, self.headers.get("Authorization", ""))
            try:
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(content))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)
            except ConnectionError:
                pass  # the desk did not wait for all of it

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its shape
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        provider.answering.set()
        provider.issuer = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield provider
        server.shutdown()
        thread.join()

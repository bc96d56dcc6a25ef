"""The cookies of signing in: only this desk can have written what they hold."""

from __future__ import annotations

import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

from fastapi import Request
from fastapi.responses import Response
from itsdangerous import BadData, BadSignature, Signer, URLSafeTimedSerializer
from pydantic import ValidationError

from drafter.errors import StorageError
from drafter.settings import LEAST_SECRET, Settings
from guardrails.model import Value

SESSION_COOKIE: Final = "drafter_session"
ERRAND_COOKIE: Final = "drafter_errand"
ERRAND_S: Final = 600
"""How long somebody may take at the identity provider."""
_ERRAND_PATH: Final = "/sign-in/provider"
_FILE: Final = "secret.key"


class Errand(Value):
    """What a browser was sent to the identity provider with, and must bring back from there.

    Attributes:
        state: comes back in the address; who began this and who comes back are the same.
        nonce: comes back in the provider's token, which is of this sign-in and no other.
        verifier: shown to the provider alone, so that nobody else can use the code that came back.
        wanted: the page to show afterwards.
    """

    state: str
    nonce: str
    verifier: str
    wanted: str


class Cookies:
    """Writes and reads the cookies.

    Args:
        secret: signs it; the same on every machine that serves the desk.
    """

    def __init__(self, secret: bytes) -> None:
        self._signer = Signer(secret, salt="session")
        self._errands = URLSafeTimedSerializer(secret, salt="errand")

    def put(self, request: Request, response: Response, token: str) -> None:
        """Let the browser keep a session's token; scripts and other sites never see it."""
        response.set_cookie(
            SESSION_COOKIE,
            self._signer.sign(token).decode(),
            httponly=True,
            secure=request.url.scheme == "https",
            # Lax, not strict: a sign-in at another provider comes back by a redirect from there.
            samesite="lax",
            path="/",
        )

    def token(self, request: Request) -> str | None:
        """Return the token of a request's session; None where there is none or somebody else wrote it."""
        found = request.cookies.get(SESSION_COOKIE)
        if found is None:
            return None
        try:
            return self._signer.unsign(found).decode()
        except (BadSignature, UnicodeDecodeError):
            return None

    @staticmethod
    def drop(response: Response) -> None:
        response.delete_cookie(SESSION_COOKIE, path="/", httponly=True, samesite="lax")

    def put_errand(self, request: Request, response: Response, errand: Errand) -> None:
        """Let the browser keep what it is sent to the identity provider with, for as long as that may take."""
        response.set_cookie(
            ERRAND_COOKIE,
            self._errands.dumps(errand.model_dump()),
            max_age=ERRAND_S,
            httponly=True,
            secure=request.url.scheme == "https",
            samesite="lax",
            path=_ERRAND_PATH,
        )

    def errand(self, request: Request) -> Errand | None:
        """Return what a browser was sent with; None where it was not, somebody else wrote it or it took too long."""
        try:
            return Errand.model_validate(self._errands.loads(request.cookies.get(ERRAND_COOKIE, ""), ERRAND_S))
        except (BadData, ValidationError):
            return None

    @staticmethod
    def drop_errand(response: Response) -> None:
        response.delete_cookie(ERRAND_COOKIE, path=_ERRAND_PATH, httponly=True, samesite="lax")


def secret_of(settings: Settings) -> bytes:
    """Return the secret of the settings, or the one kept in the data folder, made on first use.

    Raises:
        StorageError: the file can be neither read nor written, or holds none.
    """
    if settings.secret is not None:
        return settings.secret.get_secret_value().encode()
    path = settings.data_dir / _FILE
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _keep_once(path, secrets.token_urlsafe(48))
        kept = path.read_bytes()
    except OSError as error:
        raise StorageError(
            "The file {path} for the desk's secret cannot be used ({why}); set DRAFTER_SECRET instead.",
            path=path,
            why=error.strerror,
        ) from error
    if len(kept) < LEAST_SECRET:
        raise StorageError(
            "The file {path} holds no secret; delete it, and a new one is made: everybody signs in anew.", path=path
        )
    return kept


def _keep_once(path: Path, text: str) -> None:
    """Write a file whole or not at all, unless another process has written one meanwhile."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=path.name) as file:  # of mode 0600
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(file.name, path)

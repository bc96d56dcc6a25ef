"""The session cookie: a token that only this desk can have written."""

from __future__ import annotations

import os
import secrets
from typing import Final

from fastapi import Request
from fastapi.responses import Response
from itsdangerous import BadSignature, Signer

from drafter.errors import StorageError
from drafter.settings import Settings

SESSION_COOKIE: Final = "drafter_session"
_FILE: Final = "secret.key"


class Cookies:
    """Writes and reads the session cookie.

    Args:
        secret: signs it; the same on every machine that serves the desk.
    """

    def __init__(self, secret: bytes) -> None:
        self._signer = Signer(secret, salt="session")

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


def secret_of(settings: Settings) -> bytes:
    """Return the secret of the settings, or the one kept in the data folder, made on first use.

    Raises:
        StorageError: the file can be neither read nor written.
    """
    if settings.secret is not None:
        return settings.secret.get_secret_value().encode()
    path = settings.data_dir / _FILE
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    except OSError as error:
        raise StorageError(
            "The file {path} for the desk's secret cannot be written ({why}); set DRAFTER_SECRET instead.",
            path=path,
            why=error.strerror,
        ) from error
    return path.read_bytes()

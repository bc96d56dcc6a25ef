"""How passwords are kept and compared (argon2id)."""

from __future__ import annotations

import unicodedata
from base64 import b64encode
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from drafter.errors import InputError

MIN_PASSWORD_CHARS: Final = 10
MAX_PASSWORD_CHARS: Final = 200


def hashed(password: str, hasher: PasswordHasher) -> str:
    """Return what is kept of a new password.

    Raises:
        InputError: it is too short or too long.
    """
    if not MIN_PASSWORD_CHARS <= len(password) <= MAX_PASSWORD_CHARS:
        raise InputError(
            "A password has {least} to {most} characters; nothing was changed. Choose another.",
            least=MIN_PASSWORD_CHARS,
            most=MAX_PASSWORD_CHARS,
        )
    return hasher.hash(_bytes(password))


def hashed_anew(password: str, kept: str, hasher: PasswordHasher) -> str | None:
    """Return another hash of a password that fits; None where the one that is kept is as strong as one made today."""
    return hasher.hash(_bytes(password)) if hasher.check_needs_rehash(kept) else None


def fits(password: str, kept: str | None, hasher: PasswordHasher) -> bool:
    """Compare a password with what is kept, for as long where there is nothing to compare with."""
    try:
        hasher.verify(kept or _decoy(hasher), _bytes(password))
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


def _decoy(hasher: PasswordHasher) -> str:
    """Return what costs as much to compare as a hash of the hasher, and is of no password."""
    salt, digest = (b64encode(bytes(size)).decode().rstrip("=") for size in (hasher.salt_len, hasher.hash_len))
    costs = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v=19${costs}${salt}${digest}"


def _bytes(password: str) -> bytes:
    # Two keyboards write the same letter in different ways.
    return unicodedata.normalize("NFKC", password).encode("utf-8", errors="surrogatepass")

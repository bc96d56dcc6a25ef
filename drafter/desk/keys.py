"""Keys with which machines come in: made once, shown once, kept as a hash."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final, Protocol
from uuid import uuid4

from pydantic import ValidationError

from drafter.domain import Act, ApiKey, Right, text_sha256
from drafter.errors import InputError
from drafter.ports import Clock

FOR_PEOPLE_ONLY: Final[frozenset[Right]] = frozenset({"approve", "administer"})
"""What no key ever carries."""


class KeyStore(Protocol):
    """Where keys are kept; `drafter.store.keys` says what each raises."""

    def add_key(self, key: ApiKey, secret: str, act: Act) -> ApiKey: ...
    def key_by_secret(self, secret: str) -> ApiKey | None: ...
    def revoke_key(self, key_id: str, act: Act) -> ApiKey: ...


@dataclass(frozen=True)
class Keys:
    """Lets machines in; every method raises StorageError where the store does not play along."""

    store: KeyStore
    clock: Clock

    def new_key(self, name: str, rights: Collection[Right], by: str) -> tuple[ApiKey, str]:
        """Return a new API key and its secret, which is not kept and cannot be shown again.

        Args:
            name: what the key is for.
            rights: what the machine may do.
            by: who makes it, as the journal names them.

        Raises:
            InputError: the name is not usable, there is no right, or one that only a person has.
        """
        if not rights or not FOR_PEOPLE_ONLY.isdisjoint(rights):
            raise InputError(
                "A key needs at least one right, and approving and administering are left to people; nothing was made."
            )
        key_id, secret = uuid4().hex, f"drafter_{secrets.token_urlsafe(32)}"
        act = self._act("key.add", f"key:{key_id}", by, rights=" ".join(sorted(rights)))
        try:
            key = ApiKey(id=key_id, name=name, rights=frozenset(rights), created_by=by, created_at=act.at)
        except ValidationError as error:
            raise InputError("A key needs a name of 1 to 80 characters; nothing was made.") from error
        return self.store.add_key(key, text_sha256(secret), act), secret

    def revoke_key(self, key_id: str, by: str) -> ApiKey:
        """Take a key its rights for good; NotFoundError where there is none of this id."""
        return self.store.revoke_key(key_id, self._act("key.revoke", f"key:{key_id}", by))

    def by_key(self, secret: str) -> ApiKey | None:
        """Return the key of a secret; None where there is none or it was revoked."""
        key = self.store.key_by_secret(text_sha256(secret))
        return None if key is None or key.revoked_at is not None else key

    def _act(self, action: str, subject: str, by: str, **detail: str) -> Act:
        return Act(at=self.clock.now(), actor=by, action=action, subject=subject, detail=detail)

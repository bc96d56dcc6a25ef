"""Who may come in: accounts, passwords, sessions, sign-in links and the keys of machines."""

from __future__ import annotations

import secrets
import unicodedata
from base64 import b64encode
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol
from uuid import uuid4

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from pydantic import ValidationError

from drafter.domain import Act, ApiKey, Person, Right, Role, Session, text_sha256
from drafter.errors import ConflictError, InputError, NotFoundError, SignInError, ThrottledError
from drafter.ports import Clock
from guardrails.model import Language

SYSTEM: Final = "system"
"""The actor of what the desk itself, or whoever runs it from its own machine, does."""
MIN_PASSWORD_CHARS: Final = 10
MAX_PASSWORD_CHARS: Final = 200
FOR_PEOPLE_ONLY: Final[frozenset[Right]] = frozenset({"approve", "administer"})
"""What no key ever carries."""

SignedIn = tuple[str, Session, Person]
"""The token that the browser keeps, and what it stands for."""
# Often enough to tell an idle session, and seldom enough that reading a page is seldom a write.
_TOUCHED_EVERY: Final = timedelta(minutes=1)


class People(Protocol):
    """Where people are kept; `drafter.store.people` says what each raises."""

    def add(self, person: Person, act: Act, *, password: str | None = None, subject: str | None = None) -> Person: ...
    def by_name(self, name: str) -> tuple[Person, str | None] | None: ...
    def by_subject(self, subject: str) -> Person | None: ...
    def set_disabled(self, person_id: str, act: Act, *, disabled: bool) -> Person: ...
    def set_password(self, person_id: str, password: str, act: Act) -> Person: ...
    def rehash(self, person_id: str, act: Act, *, old: str, new: str) -> None: ...
    def open_session(self, session: Session, act: Act, *, password: str | None = None) -> bool: ...
    def session(self, session_id: str) -> tuple[Person, Session] | None: ...
    def touch(self, session_id: str, seen_at: datetime) -> None: ...
    def close_session(self, session_id: str, act: Act) -> None: ...
    def add_link(self, link_id: str, person_id: str, act: Act, *, expires_at: datetime) -> None: ...
    def take_link(self, link_id: str, *, at: datetime) -> Person | None: ...
    def add_failures(self, most: Mapping[str, int], *, since: datetime, at: datetime) -> tuple[int, ...]: ...
    def clear_failures(self, key: str, numbers: Collection[int]) -> None: ...
    def add_key(self, key: ApiKey, secret: str, act: Act) -> ApiKey: ...
    def key_by_secret(self, secret: str) -> ApiKey | None: ...
    def revoke_key(self, key_id: str, act: Act) -> ApiKey: ...


@dataclass(frozen=True)
class Accounts:
    """Lets people and machines in; every method raises StorageError where the store does not play along.

    Attributes:
        hasher: of passwords (argon2id).
        idle: how long a session lives unused.
        longest: how long a session lives at all.
        tries_per_name, tries_per_address: failed sign-ins within the window that stop further ones.
        window: how long a failed sign-in counts.
        link_lifetime: how long a sign-in link waits to be used.
    """

    store: People
    clock: Clock
    hasher: PasswordHasher = field(default_factory=PasswordHasher)
    idle: timedelta = timedelta(minutes=30)
    longest: timedelta = timedelta(hours=12)
    tries_per_name: int = 5
    tries_per_address: int = 20
    window: timedelta = timedelta(minutes=15)
    link_lifetime: timedelta = timedelta(minutes=15)

    def add(self, name: str, *, shown_as: str, role: Role, lang: Language, password: str | None, by: str) -> Person:
        """Make an account.

        Args:
            name: what is typed at sign-in.
            shown_as: what colleagues see.
            role: what the person may do.
            lang: of their pages.
            password: None where a link or an identity provider lets them in.
            by: who makes it, as the journal names them.

        Raises:
            InputError: the name or the password is not usable.
            ConflictError: the name is taken.
        """
        act = self._act("person.add", uuid4().hex, by, role=role.value)
        try:
            person = Person(id=act.subject, name=name, shown_as=shown_as, role=role, lang=lang, created_at=act.at)
        except ValidationError as error:
            raise InputError(
                "An account needs a name of 1 to 64 letters, digits or any of . _ @ + - and 1 to 80 characters to show "
                "colleagues; nothing was added."
            ) from error
        return self.store.add(person, act, password=None if password is None else self._hashed(password))

    def named(self, name: str) -> Person:
        """Return the person of a name; NotFoundError where there is none."""
        found = self.store.by_name(name)
        if found is None:
            raise NotFoundError("There is nobody {name} here; `drafter users list` shows everybody.", name=repr(name))
        return found[0]

    def sign_in(self, name: str, password: str, address: str) -> SignedIn:
        """Open a session for a name and a password.

        Args:
            name: as typed.
            password: as typed.
            address: where the request comes from.

        Raises:
            SignInError: they open nothing here; does not tell, in words or in time, whether there is such a name.
            ThrottledError: this name or this address has failed too often.
        """
        now = self.clock.now()
        name = name.strip()
        # Hashed, since a password typed into the wrong field must not be kept.
        by_name, by_address = f"name:{text_sha256(name)}", f"address:{text_sha256(address)}"
        most = {by_name: self.tries_per_name, by_address: self.tries_per_address}
        counted = self.store.add_failures(most, since=now - self.window, at=now)
        if not counted:
            raise ThrottledError(
                "Too many failed sign-ins; nothing was checked. Wait {minutes} minutes, then try again.",
                minutes=int(self.window.total_seconds() // 60),
            )
        person, kept = self.store.by_name(name) or (None, None)
        right = self._fits(password, kept)
        signed_in = self._open(person, "password", password=kept) if right and person is not None else None
        if person is None or kept is None or signed_in is None:
            raise SignInError("This name and this password open nothing here; try again, or ask an administrator.")
        # The address keeps its other failures: one good account must not open the way to guess at all the others.
        self.store.clear_failures(by_name, counted)
        if self.hasher.check_needs_rehash(kept):
            new = self.hasher.hash(_bytes(password))
            self.store.rehash(person.id, self._act("person.rehash", person.id, SYSTEM), old=kept, new=new)
        return signed_in

    def sign_in_by_link(self, token: str) -> SignedIn:
        """Open a session for a one-time link.

        Raises:
            SignInError: it was used before, has expired or never was one, or the person is disabled.
        """
        person = self.store.take_link(text_sha256(token), at=self.clock.now())
        signed_in = None if person is None else self._open(person, "link")
        if signed_in is None:
            raise SignInError("This sign-in link was used or has expired; ask an administrator for a new one.")
        return signed_in

    def sign_in_by_subject(self, subject: str) -> SignedIn:
        """Open a session for somebody whom the identity provider has vouched for.

        Args:
            subject: as `set_subject` of the store was given it; the provider's name belongs to it.

        Raises:
            SignInError: nobody here is known there by it, or the person is disabled.
        """
        person = self.store.by_subject(subject)
        signed_in = None if person is None else self._open(person, "provider")
        if signed_in is None:
            raise SignInError("Your account at the identity provider opens nothing here; ask an administrator.")
        return signed_in

    def who(self, token: str) -> tuple[Person, Session] | None:
        """Return who a session's token stands for; None where the session has ended or the person is disabled."""
        found = self.store.session(text_sha256(token))
        if found is None:
            return None
        person, session = found
        now = self.clock.now()
        unused, age = now - session.seen_at, now - session.created_at
        if unused >= self.idle or age >= self.longest:
            why = "idle" if unused >= self.idle else "age"
            self.store.close_session(session.id, self._act("session.close", person.id, SYSTEM, why=why))
            return None
        if person.disabled:
            return None
        if unused >= _TOUCHED_EVERY:
            self.store.touch(session.id, now)
            session = session.model_copy(update={"seen_at": now})
        return person, session

    def sign_out(self, token: str) -> None:
        """End a session; nothing happens where it has ended before."""
        found = self.store.session(text_sha256(token))
        if found is not None:
            person, session = found
            self.store.close_session(session.id, self._act("session.close", person.id, person.id))

    def link_for(self, person: Person, by: str = SYSTEM) -> str:
        """Return the token of a new one-time link that signs a person in.

        Raises:
            ConflictError: the person is disabled.
        """
        if person.disabled:
            raise ConflictError("This account is disabled; no link was made. Enable it first.")
        token, act = secrets.token_urlsafe(32), self._act("link.add", person.id, by)
        self.store.add_link(text_sha256(token), person.id, act, expires_at=act.at + self.link_lifetime)
        return token

    def disable(self, person: Person, by: str = SYSTEM) -> Person:
        """Keep a person out from now on; their sessions and links end."""
        return self.store.set_disabled(person.id, self._act("person.disable", person.id, by), disabled=True)

    def enable(self, person: Person, by: str = SYSTEM) -> Person:
        """Let a person in again; they sign in anew."""
        return self.store.set_disabled(person.id, self._act("person.enable", person.id, by), disabled=False)

    def change_password(self, person: Person, password: str, by: str = SYSTEM) -> Person:
        """Give a person another password; their sessions and links end.

        Raises:
            InputError: it is too short or too long.
        """
        return self.store.set_password(person.id, self._hashed(password), self._act("person.password", person.id, by))

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

    def _open(self, person: Person, how: str, *, password: str | None = None) -> SignedIn | None:
        token, act = secrets.token_urlsafe(32), self._act("session.open", person.id, person.id, how=how)
        csrf = secrets.token_urlsafe(32)
        session = Session(id=text_sha256(token), person_id=person.id, csrf=csrf, created_at=act.at, seen_at=act.at)
        return (token, session, person) if self.store.open_session(session, act, password=password) else None

    def _act(self, action: str, subject: str, by: str, **detail: str) -> Act:
        return Act(at=self.clock.now(), actor=by, action=action, subject=subject, detail=detail)

    def _hashed(self, password: str) -> str:
        if not MIN_PASSWORD_CHARS <= len(password) <= MAX_PASSWORD_CHARS:
            raise InputError(
                "A password has {least} to {most} characters; nothing was changed. Choose another.",
                least=MIN_PASSWORD_CHARS,
                most=MAX_PASSWORD_CHARS,
            )
        return self.hasher.hash(_bytes(password))

    def _fits(self, password: str, hashed: str | None) -> bool:
        """Compare, for as long where there is nothing to compare with."""
        try:
            self.hasher.verify(hashed or _decoy(self.hasher), _bytes(password))
        except (VerificationError, InvalidHashError):
            return False
        return hashed is not None


def _decoy(hasher: PasswordHasher) -> str:
    """Return what costs as much to compare as a hash of the hasher, and is of no password."""
    salt, digest = (b64encode(bytes(size)).decode().rstrip("=") for size in (hasher.salt_len, hasher.hash_len))
    costs = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v=19${costs}${salt}${digest}"


def _bytes(password: str) -> bytes:
    # Two keyboards write the same letter in different ways.
    return unicodedata.normalize("NFKC", password).encode("utf-8", errors="surrogatepass")

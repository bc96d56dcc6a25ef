"""Who comes in: by a password, a one-time link or an identity provider; and for how long."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from argon2 import PasswordHasher

from drafter.desk.keys import Keys
from drafter.desk.passwords import fits, hashed_anew
from drafter.desk.people_store import People
from drafter.domain import SYSTEM, Person, Session, text_sha256
from drafter.errors import ForbiddenError, NotLinkedError, SignInError, ThrottledError
from drafter.ports import Clock

SignedIn = tuple[str, Session, Person]
"""The token that the browser keeps, and what it stands for."""
# Often enough to tell an idle session, and seldom enough that reading a page is seldom a write.
_TOUCHED_EVERY: Final = timedelta(minutes=1)


@dataclass(frozen=True)
class SigningIn(Keys):
    """Lets people in and out; every method raises StorageError where the store does not play along.

    Attributes:
        hasher: of passwords (argon2id).
        idle: how long a session lives unused.
        longest: how long a session lives at all.
        tries_per_name, tries_per_address: failed sign-ins within the window that stop further ones.
        window: how long a failed sign-in counts.
    """

    store: People
    clock: Clock
    hasher: PasswordHasher = field(default_factory=PasswordHasher)
    idle: timedelta = timedelta(minutes=30)
    longest: timedelta = timedelta(hours=12)
    tries_per_name: int = 5
    tries_per_address: int = 20
    window: timedelta = timedelta(minutes=15)

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
        name = name.strip()
        # Hashed, since a password typed into the wrong field must not be kept.
        by_name = f"name:{text_sha256(name)}"
        counted = self._count_try(by_name, address)
        person, kept = self.store.by_name(name) or (None, None)
        right = fits(password, kept, self.hasher)
        signed_in = self._open(person, "password", password=kept) if right and person is not None else None
        if person is None or kept is None or signed_in is None:
            raise SignInError("This name and this password open nothing here; try again, or ask an administrator.")
        # The address keeps its other failures: one good account must not open the way to guess at all the others.
        self.store.clear_failures(by_name, counted)
        new = hashed_anew(password, kept, self.hasher)
        if new is not None:
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
            subject: as `at_provider` says it.

        Raises:
            NotLinkedError: nobody here is known there by it.
            ForbiddenError: the person is disabled.
        """
        person = self.store.by_subject(subject)
        if person is None:
            raise NotLinkedError(
                "Your account at the identity provider is not linked with one of this desk yet. Ask an administrator "
                "to link it."
            )
        signed_in = self._open(person, "provider")
        if signed_in is None:
            raise ForbiddenError("Your account at this desk is disabled; ask an administrator.")
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

    def _count_try(self, by_name: str, address: str) -> tuple[int, ...]:
        """Count a try as failed before it is looked at, so that many at once are not more than are allowed.

        Raises:
            ThrottledError: there were too many.
        """
        now = self.clock.now()
        most = {by_name: self.tries_per_name, f"address:{text_sha256(address)}": self.tries_per_address}
        counted = self.store.add_failures(most, since=now - self.window, at=now)
        if not counted:
            raise ThrottledError(
                "Too many failed sign-ins; nothing was checked. Wait {minutes} minutes, then try again.",
                minutes=int(self.window.total_seconds() // 60),
            )
        return counted

    def _open(self, person: Person, how: str, *, password: str | None = None) -> SignedIn | None:
        token, act = secrets.token_urlsafe(32), self._act("session.open", person.id, person.id, how=how)
        csrf = secrets.token_urlsafe(32)
        session = Session(id=text_sha256(token), person_id=person.id, csrf=csrf, created_at=act.at, seen_at=act.at)
        if not self.store.open_session(session, act, password=password):
            return None
        self.store.forget_ended(act.at, idle=self.idle, longest=self.longest, window=self.window)
        return token, session, person

"""Who works here: accounts, their roles, passwords and sign-in links."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from pydantic import ValidationError

from drafter.desk.passwords import fits, hashed
from drafter.desk.signing_in import SignedIn, SigningIn
from drafter.domain import SYSTEM, Person, Role, text_sha256
from drafter.errors import ConflictError, InputError, NotFoundError
from guardrails.model import Language


@dataclass(frozen=True)
class Accounts(SigningIn):
    """Keeps the accounts of people and machines; every method raises StorageError where the store does not play along.

    Attributes:
        link_lifetime: how long a sign-in link waits to be used.
    """

    link_lifetime: timedelta = timedelta(minutes=15)

    def add(
        self,
        name: str,
        *,
        shown_as: str,
        role: Role,
        lang: Language,
        password: str | None,
        by: str,
        subject: str | None = None,
    ) -> Person:
        """Make an account.

        Args:
            name: what is typed at sign-in.
            shown_as: what colleagues see.
            role: what the person may do.
            lang: of their pages.
            password: None where a link or an identity provider lets them in.
            by: who makes it, as the journal names them.
            subject: who they are at the identity provider, as `at_provider` says it.

        Raises:
            InputError: the name or the password is not usable.
            ConflictError: the name or the subject is taken.
        """
        act = self._act("person.add", uuid4().hex, by, role=role.value, **_told(subject))
        try:
            person = Person(id=act.subject, name=name, shown_as=shown_as, role=role, lang=lang, created_at=act.at)
        except ValidationError as error:
            raise InputError(
                "An account needs a name of 1 to 64 letters, digits or any of . _ @ + - and 1 to 80 characters to show "
                "colleagues; nothing was added."
            ) from error
        kept = None if password is None else hashed(password, self.hasher)
        return self.store.add(person, act, password=kept, subject=subject)

    def named(self, name: str) -> Person:
        """Return the person of a name; NotFoundError where there is none."""
        found = self.store.by_name(name)
        if found is None:
            raise NotFoundError("There is nobody {name} here; `drafter users list` shows everybody.", name=repr(name))
        return found[0]

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
        """Keep a person out from now on; their sessions and links end.

        Raises:
            ConflictError: nobody disables themselves, or the last administrator; whoever runs the desk may.
        """
        _hold_other(person, by)
        act = self._act("person.disable", person.id, by)
        return self.store.set_disabled(person.id, act, disabled=True, but_the_last=by != SYSTEM)

    def enable(self, person: Person, by: str = SYSTEM) -> Person:
        """Let a person in again; they sign in anew."""
        return self.store.set_disabled(person.id, self._act("person.enable", person.id, by), disabled=False)

    def change_role(self, person: Person, role: Role, by: str = SYSTEM) -> Person:
        """Give a person another role; what they ask from now on is measured by it, in the sessions they have, too.

        Raises:
            ConflictError: nobody changes their own role, or takes the last administrator's; whoever runs the desk may.
        """
        if role == person.role:
            return person
        _hold_other(person, by)
        act = self._act("person.role", person.id, by, old=person.role.value, new=role.value)
        return self.store.set_role(person.id, role, act, but_the_last=by != SYSTEM)

    def change_password(self, person: Person, password: str, by: str = SYSTEM) -> Person:
        """Give a person another password; their sessions and links end.

        Raises:
            InputError: it is too short or too long.
        """
        return self.store.set_password(
            person.id, hashed(password, self.hasher), self._act("person.password", person.id, by)
        )

    def change_own_password(self, person: Person, old: str, new: str, address: str) -> SignedIn:
        """Let somebody give themselves a password; their other sessions and their links end.

        Args:
            person: who is signed in.
            old: the password they have, as typed; whoever has none, and came by a link or a provider, needs none.
            new: as typed.
            address: where the request comes from.

        Returns:
            The session in which they go on.

        Raises:
            InputError: the old one does not fit, or the new one is too short or too long.
            ThrottledError: the old one was guessed at too often.
            ConflictError: the person was disabled meanwhile.
        """
        _, kept = self.store.by_name(person.name) or (None, None)
        if kept is not None:
            by_name = f"name:{text_sha256(person.name)}"
            counted = self._count_try(by_name, address)
            if not fits(old, kept, self.hasher):
                raise InputError("This is not the password you have; nothing was changed. Type it again.")
            self.store.clear_failures(by_name, counted)
        changed = self.change_password(person, new, by=person.id)
        signed_in = self._open(changed, "password")
        if signed_in is None:
            raise ConflictError("This account is disabled; sign in with the new password once it is open again.")
        return signed_in

    def has_password(self, person: Person) -> bool:
        """Tell whether somebody can sign in with a password."""
        _, kept = self.store.by_name(person.name) or (None, None)
        return kept is not None

    def set_subject(self, person: Person, subject: str | None, by: str = SYSTEM) -> Person:
        """Keep who a person is at the identity provider, None for nobody; their sessions and links end.

        Raises:
            ConflictError: somebody else is who the subject says.
        """
        act = self._act("person.subject", person.id, by, **_told(subject))
        return self.store.set_subject(person.id, subject, act)


def _hold_other(person: Person, by: str) -> None:
    if person.id == by:
        raise ConflictError(
            "Nobody disables themselves or changes their own role; nothing was changed. Ask another administrator."
        )


def _told(subject: str | None) -> dict[str, str]:
    return {} if subject is None else {"at_provider": subject}

"""A debtor's rights over what is kept: to have a copy, and to have it erased once no law keeps it any longer."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Protocol, get_args

from pydantic import JsonValue

from drafter.desk.conditions import storable
from drafter.desk.dossier import Document, dossier
from drafter.domain import SYSTEM, Act, Entry, Erased, Hold, KnownCase, Person, Records, Swept
from drafter.domain.privacy import reason_sha256
from drafter.errors import ConflictError, ForbiddenError, InputError, NotFoundError
from drafter.ports import Clock
from guardrails.model import Jurisdiction

_MOST_TOLD: Final = 20
_NAME_AND_LAST4: Final = re.compile(r"(?P<name>.*\S)\s+(?P<last4>[0-9A-Za-z]{4})", re.DOTALL)


@dataclass(frozen=True)
class RecordKeeping:
    """How long records of a collection must be kept after it was last worked on, and what says so."""

    days: int
    law: str


RECORD_KEEPING: Final[Mapping[Jurisdiction, RecordKeeping]] = {
    # Three years after the last collection activity; docs/privacy.md tells where and when each was read.
    "US": RecordKeeping(3 * 365 + 1, "12 CFR 1006.100(a)"),
    # Two years; its text was read in copies that are not official, so that no article is cited.
    "CN": RecordKeeping(2 * 365 + 1, "《商业银行信用卡业务监督管理办法》"),
}
"""A jurisdiction that is not named here sets no period that we know of; an operator's own counts everywhere."""


class PrivacyStore(Protocol):
    """Where it is kept; `drafter.store.erasing` says what each raises."""

    def named(self, name: str) -> list[KnownCase]: ...
    def of_debtor(self, debtor: str, last4: str | None = None) -> list[KnownCase]: ...
    def relatives(self, ids: Sequence[str]) -> list[KnownCase]: ...
    def records(self, ids: Sequence[str]) -> list[Records]: ...
    def old(self, jurisdiction: Jurisdiction, *, before: datetime, today: date, answered: bool = True) -> list[str]: ...
    def erase(self, ids: Sequence[str], acts: Sequence[Act], *, because: str | None, salt: str | None) -> Erased: ...
    def forget_answers(self, now: datetime) -> int: ...
    def scrub(self) -> None: ...


@dataclass(frozen=True)
class Privacy:
    """What is done with everything kept about a debtor.

    Attributes:
        tell: writes an act into the journal.
        people: gives everybody with an account.
        record_days: the operator's own period in place of what the laws above say.
    """

    store: PrivacyStore
    tell: Callable[[Act], Entry]
    people: Callable[[], Iterable[Person]]
    clock: Clock
    record_days: int | None = None

    def find(self, names: Sequence[str]) -> list[KnownCase]:
        """Return the cases that are meant.

        Args:
            names: of each case its id, its external id, or the debtor's whole name and the last four digits of the
                account with a space between them, where only one case fits.

        Raises:
            NotFoundError: one fits nothing.
            ConflictError: one fits several cases, or is a name alone.
        """
        found: dict[str, KnownCase] = {}
        for number, name in enumerate(names, start=1):
            for case in self._meant(name, number):
                found[case.id] = case
        return list(found.values())

    def relatives(self, cases: Sequence[KnownCase]) -> list[KnownCase]:
        """Return other cases of the same name, which somebody must look at: the name may be another person's too."""
        return self.store.relatives([case.id for case in cases])

    def hold(self, case: KnownCase) -> Hold | None:
        """Return until when a case must be kept; None where nothing asks for it, or no longer."""
        kept = self._record_keeping(case.jurisdiction)
        if kept is None:
            return None
        until = case.last_activity.date() + timedelta(days=kept.days)
        return Hold(until=until, law=kept.law) if until > self.clock.now().date() else None

    def export(
        self, cases: Sequence[KnownCase], heading: Mapping[str, JsonValue], *, by: Person | None = None
    ) -> Document:
        """Return everything kept about cases as one document; the journal tells who has it.

        Args:
            cases: all of one debtor.
            heading: what the document is, in words.
            by: an administrator; None for whoever runs the desk.

        Raises:
            ForbiddenError: this person is no administrator.
            StorageError: the database did not answer, or the journal could not be told.
        """
        actor, now = _actor(by), self.clock.now()
        for case in cases:
            self.tell(Act(at=now, actor=actor, action="case.export", subject=case.id))
        records = self.store.records([case.id for case in cases])
        return dossier(records, self.people(), {**heading, "made_at": now.isoformat(), "made_by": actor})

    def erase(
        self, cases: Sequence[KnownCase], *, by: Person | None = None, reason: str | None = None, force: bool = False
    ) -> Erased:
        """Erase the texts of cases; ids, times, actors, hashes and the journal stay.

        Args:
            cases: all of one debtor.
            by: an administrator; None for whoever runs the desk.
            reason: why, in words that tell nothing about the debtor; needed to erase what a law still keeps.
            force: erase it all the same.

        Raises:
            ForbiddenError: this person is no administrator.
            InputError: what a law still keeps was to be erased without a reason.
            ConflictError: a law still keeps one of them, or an approved reply of one has not left yet.
            GoneError: one is erased already.
            StorageError: nothing was erased; or it was, and remains of it are left in the database's files.
        """
        actor, reason = _actor(by), (reason or "").strip() or None
        storable(reason or "")
        held = [(case, hold) for case in cases if (hold := self.hold(case)) is not None]
        if held and not force:
            case, hold = held[0]
            raise ConflictError(
                "Case {id} must be kept until {until} ({law}); nothing was erased. Wait until then; where an authority "
                "or a court asks for it now, erase it with --force and --reason.",
                id=case.id,
                until=f"{hold.until:%Y-%m-%d}",
                law=hold.law,
            )
        if held and reason is None:
            raise InputError("Say with --reason why it is erased though a law still keeps it; nothing was erased.")
        erased = self._erase([case.id for case in cases], actor, ground="request", reason=reason, forced=bool(held))
        self.store.scrub()
        return erased

    def sweep(self, keep_days: int, *, never_answered: bool = False, dry_run: bool = False) -> Swept:
        """Erase the texts of cases in which nothing was written for a time, and that no law keeps any longer.

        Args:
            keep_days: the time.
            never_answered: also those that nobody ever answered; left and counted otherwise.
            dry_run: only tell which.

        Raises:
            StorageError: the database did not take it; what was erased before stays erased.
        """
        now = self.clock.now()
        due, held, waiting = [], 0, 0
        for jurisdiction in get_args(Jurisdiction):
            kept = self._record_keeping(jurisdiction)
            lawful = now - timedelta(days=max(keep_days, kept.days if kept else 0))
            for answered in (True, False):
                old = self.store.old(
                    jurisdiction, before=now - timedelta(days=keep_days), today=now.date(), answered=answered
                )
                if not answered and not never_answered:
                    waiting += len(old)
                    continue
                free = self.store.old(jurisdiction, before=lawful, today=now.date(), answered=answered)
                held += len(old) - len(free)
                due += free
        if not dry_run:
            due = [case_id for case_id in due if self._swept(case_id)]
            self.store.forget_answers(now)
            if due:
                self.store.scrub()
        return Swept(erased=tuple(due), held=held, open=waiting)

    def scrub(self) -> None:
        """Take what was erased out of the database's files too.

        Raises:
            StorageError: the database was in use all the while.
        """
        self.store.scrub()

    def _meant(self, name: str, number: int) -> list[KnownCase]:
        named = self.store.named(name)
        if named:
            return named
        parts = _NAME_AND_LAST4.fullmatch(name.strip())
        cases = self.store.of_debtor(parts["name"], parts["last4"]) if parts else []
        if len(cases) == 1:
            return cases
        cases = cases or self.store.of_debtor(name.strip())
        if cases:
            raise ConflictError(
                "What was given as number {number} may mean several people; nothing was done. These cases carry the "
                "name: {ids}. Look at each, then name by id those that are meant.",
                number=number,
                ids=", ".join(case.id for case in cases[:_MOST_TOLD]) + (" ..." if len(cases) > _MOST_TOLD else ""),
            )
        raise NotFoundError(
            "Nothing is kept under what was given as number {number}; give the id of a case, its external id, or the "
            "debtor's whole name and the last four digits of the account.",
            number=number,
        )

    def _record_keeping(self, jurisdiction: Jurisdiction) -> RecordKeeping | None:
        if self.record_days is not None:
            return RecordKeeping(self.record_days, "DRAFTER_RECORD_DAYS")
        return RECORD_KEEPING.get(jurisdiction)

    def _swept(self, case_id: str) -> bool:
        """Erase one case, unless somebody has taken it up, or erased it, at this very moment."""
        try:
            self._erase([case_id], SYSTEM, ground="retention")
        except (ConflictError, NotFoundError):
            return False
        return True

    def _erase(
        self, ids: Sequence[str], actor: str, *, ground: str, reason: str | None = None, forced: bool = False
    ) -> Erased:
        detail: dict[str, str | int | bool | None] = {"ground": ground, "forced": forced}
        salt = None
        if reason is not None:
            # The chain holds a salted hash: erasing the reason one day leaves it whole, and tells nothing.
            salt = secrets.token_hex(16)
            detail["reason_sha256"] = reason_sha256(reason, salt)
        now = self.clock.now()
        acts = [Act(at=now, actor=actor, action="case.erase", subject=one, detail=detail) for one in ids]
        return self.store.erase(ids, acts, because=reason, salt=salt)


def _actor(by: Person | None) -> str:
    if by is None:
        return SYSTEM
    if "administer" not in by.rights:
        raise ForbiddenError("Only an administrator may do this.")
    return by.id

"""What people and programs do with a case before and beside its drafts: open it, add to it, take it, escalate it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from drafter.desk.conditions import storable
from drafter.domain import Act, Case, DebtorMessage, Triage
from drafter.errors import InputError
from drafter.ports import Clock, Store


class Queue(Protocol):
    """Where cases wait; `drafter.store.queue` says what each raises."""

    def add_message(self, known: Case, message: DebtorMessage, triage: Triage, act: Act) -> int: ...
    def assign(self, case_id: str, act: Act, *, to: str) -> None: ...
    def escalate(self, case_id: str, act: Act, *, reason: str) -> None: ...
    def hand_back(self, case_id: str, act: Act) -> None: ...


@dataclass(frozen=True)
class Casework:
    """The verbs of a case.

    Attributes:
        triage: reads a message.
    """

    store: Store
    queue: Queue
    triage: Callable[[DebtorMessage], Triage]
    clock: Clock

    def open(self, case: Case) -> tuple[Case, Triage]:
        """Keep a case, and return it with what is in its message; one that is kept already is returned as it is.

        Raises:
            StorageError: nothing was written.
        """
        triage = self.triage(case.message)
        kept = self.store.add_case(case, triage)
        return kept, triage if kept.id == case.id else self.triage(kept.message)

    def add_message(self, case_id: str, message: DebtorMessage, *, by: str) -> Triage:
        """Keep what the debtor wrote next, and return what is in it; drafts of before become stale.

        Raises:
            NotFoundError: there is no such case.
            StorageError: nothing was written.
        """
        case, triage = self.store.case(case_id), self.triage(message)
        self.queue.add_message(case, message, triage, self._act("case.message", case_id, by))
        return triage

    def take(self, case_id: str, *, by: str) -> None:
        """Put a case among a person's own.

        Raises:
            NotFoundError: there is no such case.
            StorageError: nothing was written.
        """
        self.queue.assign(case_id, self._act("case.take", case_id, by), to=by)

    def escalate(self, case_id: str, *, reason: str, by: str) -> None:
        """Put a case and the drafts that wait in it before a lead, who reads why.

        Raises:
            InputError: no reason is given, or it holds characters that are none.
            ConflictError: an approved reply is about to leave.
            NotFoundError: there is no such case.
            StorageError: nothing was written.
        """
        if not reason.strip():
            raise InputError("Say why in a few words; nothing was done.")
        storable(reason)
        self.queue.escalate(case_id, self._act("case.escalate", case_id, by), reason=reason.strip())

    def hand_back(self, case_id: str, *, by: str) -> None:
        """Give a case that is before a lead back to the agents, with its drafts.

        Raises:
            ConflictError: it is not before a lead.
            NotFoundError: there is no such case.
            StorageError: nothing was written.
        """
        self.queue.hand_back(case_id, self._act("case.hand_back", case_id, by))

    def _act(self, action: str, case_id: str, by: str) -> Act:
        return Act(at=self.clock.now(), actor=by, action=action, subject=case_id)

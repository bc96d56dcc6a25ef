"""Who saw what: nothing of a debtor is shown before the journal says to whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol

from drafter.domain import Act
from drafter.ports import Clock

AN_OPENING: Final = timedelta(minutes=30)
"""Whoever comes back to a case within this time still looks at it, and is told once."""
A_SITTING: Final = timedelta(hours=12)
"""As long as a session may live: what an open page asks for by itself is told once in it."""


class Journal(Protocol):
    """Where acts are told; `drafter.store.journal` says what it raises."""

    def add_once(self, act: Act, *, within: timedelta) -> bool: ...


@dataclass(frozen=True)
class Looks:
    """Tells the journal who looks at what; where it cannot be told, StorageError, and nothing must be shown."""

    journal: Journal
    clock: Clock

    def at_case(self, case_id: str, *, by: str, within: timedelta = AN_OPENING) -> None:
        """Tell that somebody sees a case.

        Args:
            case_id: the case.
            by: a person's id, or "key:" and that of an API key.
            within: told already within this time, it is not told again.

        Raises:
            StorageError: it could not be told.
        """
        self._tell("case.see", case_id, by, within)

    def at_draft(self, draft_id: str, *, by: str) -> None:
        """Tell that a reviewer sees a draft and the message that it answers, names and numbers hidden.

        Raises:
            StorageError: it could not be told.
        """
        self._tell("draft.see", draft_id, by, AN_OPENING)

    def _tell(self, action: str, subject: str, by: str, within: timedelta) -> None:
        self.journal.add_once(Act(at=self.clock.now(), actor=by, action=action, subject=subject), within=within)

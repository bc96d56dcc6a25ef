"""Who looks at which case right now: a hint among colleagues, never a lock, and known to this process alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from drafter.domain import Person

_GONE_AFTER: Final = timedelta(seconds=15)
_MOST_CASES: Final = 5000


@dataclass(frozen=True)
class Present:
    """Somebody who has a case open.

    Attributes:
        at: when their page last asked.
        typing: whether it holds a text that is not kept yet.
    """

    name: str
    at: datetime
    typing: bool


class Presence:
    """Remembers whose page asked about which case last."""

    def __init__(self) -> None:
        self._cases: dict[str, dict[str, Present]] = {}
        self._lock = Lock()

    def note(self, case_id: str, person: Person, *, typing: bool, now: datetime) -> tuple[Present, ...]:
        """Note that a person has a case open, and return who else has, those who type first.

        Args:
            case_id: the case.
            person: whose page asks.
            typing: whether it holds a text that is not kept yet.
            now: the moment.
        """
        with self._lock:
            known = self._cases.pop(case_id, {})
            here = {who: one for who, one in known.items() if now - one.at < _GONE_AFTER}
            here[person.id] = Present(person.shown_as, now, typing)
            self._cases[case_id] = here
            while len(self._cases) > _MOST_CASES:
                self._cases.pop(next(iter(self._cases)))
            others = [one for who, one in here.items() if who != person.id]
        return tuple(sorted(others, key=lambda one: (not one.typing, one.name)))

"""What an administrator sets while the desk runs, in place of what the environment says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Protocol
from urllib.parse import urlsplit

from drafter.domain import Act, Person
from drafter.errors import ForbiddenError
from drafter.ports import Clock
from drafter.settings import Choice, Chosen, Settings, Task

SUBJECT: Final = "settings"


class Choices(Protocol):
    """Where it is kept; `drafter.store.choices` says what each raises."""

    def newest(self) -> Choice: ...
    def add(self, choice: Choice, acts: Iterable[Act]) -> Choice: ...


class Journal(Protocol):
    """Where acts are told that change nothing else."""

    def add(self, act: Act) -> object: ...


@dataclass(frozen=True)
class Adjusting:
    """Sets what may be set, each change told in the journal without any secret.

    Attributes:
        environment: what counts where nothing is set.
    """

    store: Choices
    journal: Journal
    environment: Settings
    clock: Clock

    def change(self, chosen: Chosen, *, version: int, by: Person) -> Choice:
        """Set all that is set from now on; what is not among it is left to the environment again.

        Args:
            chosen: every value, also those that stay.
            version: the version that was read.
            by: an administrator.

        Returns:
            What is set now; of the same version as before where nothing is otherwise.

        Raises:
            ForbiddenError: this person may not.
            ConflictError: somebody else has set something since.
            StorageError: nothing was changed.
        """
        _hold_administrator(by)
        before = self.store.newest()
        if before.version == version and _set(before.chosen) == _set(chosen):
            return before
        now = self.clock.now()
        was, becomes = self._told(before.chosen), self._told(chosen)
        acts = [
            Act(
                at=now,
                actor=by.id,
                action="settings.change",
                subject=f"{SUBJECT}:{name}",
                detail={"old": was[name], "new": new, "set": name in chosen.model_fields_set, "version": version + 1},
            )
            for name, new in becomes.items()
            if (was[name], name in before.chosen.model_fields_set) != (new, name in chosen.model_fields_set)
        ]
        return self.store.add(Choice(version=version + 1, chosen=chosen, set_by=by.id, set_at=now), acts)

    def note_test(self, task: Task, asked: Settings, *, outcome: str, by: Person) -> None:
        """Tell the journal that somebody has tried an endpoint: a key may have gone there.

        Raises:
            ForbiddenError: this person may not.
            StorageError: nothing was written.
        """
        _hold_administrator(by)
        url, key = asked.asked_of(task)
        told = {"endpoint": shown(url), "key": key is not None, "outcome": outcome}
        act = Act(at=self.clock.now(), actor=by.id, action="settings.test", subject=f"{SUBJECT}:{task}", detail=told)
        self.journal.add(act)

    def _told(self, chosen: Chosen) -> dict[str, str | bool | None]:
        """Return every value that would be in force, as the journal may tell it."""
        settings = self.environment.overlaid(chosen)
        values: dict[str, str | bool | None] = {}
        for name in Chosen.model_fields:
            if name in ("send_key", "judge_send_key"):
                values[name] = bool(getattr(chosen, name))
                continue
            value = getattr(settings, name)
            plain = shown(value) if name.endswith("base_url") else value
            values[name] = None if plain is None else written(plain)
        return values


def shown(url: str | None) -> str | None:
    """Return an endpoint without what may be secret in it; the environment's may hold a password."""
    if url is None:
        return None
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def written(value: object) -> str:
    """Return a value as a person writes it: 10 and not 10.0."""
    if isinstance(value, (float, Decimal)):
        digits = f"{Decimal(str(value)):f}"
        return digits.rstrip("0").rstrip(".") if "." in digits else digits
    return str(value)


def _set(chosen: Chosen) -> dict[str, object]:
    return chosen.model_dump(exclude_unset=True)


def _hold_administrator(person: Person) -> None:
    if "administer" not in person.rights:
        raise ForbiddenError("Your role does not allow this; ask a colleague whose role does, or an administrator.")

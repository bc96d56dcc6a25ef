"""What is kept about one debtor, how long it must be kept, and what is left when it is erased."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, datetime

from pydantic import JsonValue

from drafter.domain.journal import Entry
from drafter.domain.values import Count
from guardrails.model import Jurisdiction, Value

Row = Mapping[str, JsonValue]


class KnownCase(Value):
    """A case as whoever looks for a debtor recognises it.

    Attributes:
        last_activity: when something was last written in it, by whomever.
        under_way: an approved reply has not left yet.
        erased_at: since when its texts are gone.
    """

    id: str
    external_id: str | None = None
    jurisdiction: Jurisdiction
    created_at: datetime
    last_activity: datetime
    under_way: bool = False
    erased_at: datetime | None = None


class Records(Value):
    """Everything that is kept about one case.

    Attributes:
        tables: every row of it, by the table's name.
        journal: what was done to it and to its drafts, and by whom.
    """

    case_id: str
    tables: Mapping[str, tuple[Row, ...]]
    journal: tuple[Entry, ...]

    def rows(self, table: str, **same: JsonValue) -> list[Row]:
        """Return the rows of a table, those alone that carry these values."""
        return [row for row in self.tables[table] if all(row[name] == value for name, value in same.items())]


class Hold(Value):
    """Until when records must be kept, and what says so."""

    until: date
    law: str


class Erased(Value):
    """What an erasure did.

    Attributes:
        cases: whose texts are gone.
        rows: how many rows held something personal.
        answers: how many kept answers to programs were deleted.
        rule_changes: changes of a rule in force that came of one of the drafts; their phrases stay.
    """

    cases: tuple[str, ...] = ()
    rows: Count = 0
    answers: Count = 0
    rule_changes: tuple[str, ...] = ()


class Swept(Value):
    """What a retention sweep did, or would do.

    Attributes:
        erased: cases whose texts are gone, or would be.
        held: cases that are old enough but that the law still keeps.
        open: cases that are old enough but were never answered.
    """

    erased: tuple[str, ...]
    held: Count
    open: Count


def reason_sha256(reason: str, salt: str) -> str:
    """Return by what the journal knows a reason, which nobody can guess once reason and salt are erased."""
    return hashlib.sha256(f"{salt}:{reason}".encode()).hexdigest()

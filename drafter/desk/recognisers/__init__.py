"""What belongs to a person, a file a kind of it: numbers, codes, addresses, names."""

from __future__ import annotations

from typing import Literal, NamedTuple

Kind = Literal["name", "phone", "id", "card", "email", "link", "address", "plate", "account", "birth", "number"]


class Hit(NamedTuple):
    """One piece of personal data, in code points of the canonical text, `end` exclusive."""

    start: int
    end: int
    kind: Kind

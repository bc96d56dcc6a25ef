"""What the nouns are made of."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, StringConstraints, WithJsonSchema

from guardrails.model import Counted

MAX_MESSAGE_CHARS = 20_000
MAX_REPLY_CHARS = 2_000


Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Writing = Literal["whole", "woven"]
"""How much the model writes: the whole reply, or the passage of it that needs an ear, which suits a small model."""
Count = Annotated[int, Field(ge=0), Counted]


@cache
def _zones() -> frozenset[str]:
    """Return the names of all time zones, which the machine's files are searched for."""
    return frozenset(available_timezones())


def _known_zone(name: str) -> str:
    if name not in _zones():
        raise ValueError("is no time zone of the IANA list, such as Asia/Shanghai")
    return name


TimeZone = Annotated[
    str,
    AfterValidator(_known_zone),
    WithJsonSchema({"type": "string", "format": "time-zone", "examples": ["Asia/Shanghai"]}),
]


def text_sha256(text: str) -> str:
    """Return the SHA-256 of the text's UTF-8 bytes, in lower-case hex."""
    return hashlib.sha256(text.encode()).hexdigest()

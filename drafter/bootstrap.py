"""The only place that knows both sides: settings in, a working desk out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

from drafter.desk.drafting import Desk
from drafter.desk.prompting import PromptBook
from drafter.desk.triage import Triager
from drafter.settings import Settings
from guardrails import Guard

if TYPE_CHECKING:
    from drafter.llm.chat import ChatClient


class SystemClock:
    """The machine's own clock, in UTC."""

    def now(self) -> datetime:
        return datetime.now(UTC)


guard_for = cache(Guard.load)

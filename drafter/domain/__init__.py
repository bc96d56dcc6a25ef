"""The nouns, in the order of the trip."""

from __future__ import annotations

from drafter.domain.cases import (
    Case,
    DebtorMessage,
    Evidence,
    HandoverCard,
    Promise,
    Tier,
    Triage,
    Turn,
    jurisdiction_of,
)
from drafter.domain.deciding import (
    ApprovedReply,
    Decision,
    Delivery,
    DeliveryStatus,
    Draft,
    DraftStatus,
    Edit,
    Step,
)
from drafter.domain.drafting import Attempt, ChatMessage, Completion, NextStep, Prompt, Suggestion, Usage, Wish
from drafter.domain.following import FollowUp, History, Settled
from drafter.domain.journal import GENESIS, Act, Entry
from drafter.domain.people import RIGHTS, ApiKey, Person, PersonName, Right, Role, Session
from drafter.domain.values import (
    MAX_MESSAGE_CHARS,
    MAX_REPLY_CHARS,
    Count,
    Sha256,
    TimeZone,
    Writing,
    text_sha256,
)

__all__ = [
    "GENESIS",
    "MAX_MESSAGE_CHARS",
    "MAX_REPLY_CHARS",
    "RIGHTS",
    "Act",
    "ApiKey",
    "ApprovedReply",
    "Attempt",
    "Case",
    "ChatMessage",
    "Completion",
    "Count",
    "DebtorMessage",
    "Decision",
    "Delivery",
    "DeliveryStatus",
    "Draft",
    "DraftStatus",
    "Edit",
    "Entry",
    "Evidence",
    "FollowUp",
    "HandoverCard",
    "History",
    "NextStep",
    "Person",
    "PersonName",
    "Promise",
    "Prompt",
    "Right",
    "Role",
    "Session",
    "Settled",
    "Sha256",
    "Step",
    "Suggestion",
    "Tier",
    "TimeZone",
    "Triage",
    "Turn",
    "Usage",
    "Wish",
    "Writing",
    "jurisdiction_of",
    "text_sha256",
]

"""The statuses of a draft, and every way from one to another.

`NEXT` is the whole state machine; docs/approval.md draws it. Nothing else says where a draft may go.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, get_args

from drafter.domain import DraftStatus
from drafter.errors import ConflictError

Move = Literal[
    "pass",
    "reject",
    "approve",
    "withdraw",
    "queue",
    "deliver",
    "fail",
    "retry",
    "discard",
    "escalate",
    "stop",
    "supersede",
]

BEGINNINGS: Final[tuple[DraftStatus, ...]] = ("awaiting_approval", "rejected", "superseded")
"""What a new draft may be: suggested, not passed, or passed beside a better one."""

NEXT: Final[Mapping[tuple[DraftStatus, Move], DraftStatus]] = {
    # An edited text is checked at once, and its verdict decides.
    ("awaiting_approval", "pass"): "awaiting_approval",
    ("awaiting_approval", "reject"): "rejected",
    ("rejected", "pass"): "awaiting_approval",
    ("rejected", "reject"): "rejected",
    # A named human lets it go, and can take that back until it leaves.
    ("awaiting_approval", "approve"): "approved",
    ("approved", "withdraw"): "awaiting_approval",
    ("approved", "queue"): "queued",
    # In somebody's hand, and not carried away yet; what the desk sends itself may be gone.
    ("queued", "withdraw"): "awaiting_approval",
    ("queued", "deliver"): "delivered",
    ("queued", "fail"): "failed",
    ("failed", "retry"): "approved",
    # A policy that no longer lets the text pass stops it on its way.
    ("approved", "stop"): "rejected",
    ("queued", "stop"): "rejected",
    ("failed", "stop"): "rejected",
    ("awaiting_approval", "discard"): "discarded",
    ("rejected", "discard"): "discarded",
    ("failed", "discard"): "discarded",
    ("awaiting_approval", "escalate"): "escalated",
    ("rejected", "escalate"): "escalated",
    # A lead lets it go, or edits it, or hands it back, and its verdict decides what it is then.
    ("escalated", "approve"): "approved",
    ("escalated", "pass"): "awaiting_approval",
    ("escalated", "reject"): "rejected",
    ("escalated", "discard"): "discarded",
    # Another reply of the case was approved.
    ("awaiting_approval", "supersede"): "superseded",
    ("escalated", "supersede"): "superseded",
}


def after(status: DraftStatus, move: Move) -> DraftStatus:
    """Return the status that a move leads to.

    Raises:
        ConflictError: the move is not possible from there.
    """
    entering = NEXT.get((status, move))
    if entering is None:
        raise ConflictError("A draft that is {status} cannot do this; nothing was done.", status=status)
    return entering


def diagram() -> str:
    """Return the state machine as the text of a Mermaid diagram."""
    statuses = get_args(DraftStatus)
    left = {status for status, _ in NEXT}
    ways = [
        *(f"[*] --> {status}" for status in BEGINNINGS),
        *(f"{leaving} --> {entering}: {move}" for (leaving, move), entering in NEXT.items()),
        *(f"{status} --> [*]" for status in statuses if status not in left),
    ]
    return "\n".join(["stateDiagram-v2", *(f"    {way}" for way in ways)]) + "\n"

"""From a text that waits for a human to a text that has left."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from drafter.domain.adding import AddedFacts
from drafter.domain.journal import Act
from drafter.domain.values import Sha256, text_sha256
from guardrails.model import Facts, Value, Verdict

DraftStatus = Literal[
    "rejected",
    "awaiting_approval",
    "approved",
    "queued",
    "delivered",
    "failed",
    "discarded",
    "escalated",
    "superseded",
]
Version = Annotated[int, Field(ge=1)]


class Draft(Value):
    """A stored text that waits for a human; a changed text is a new version.

    Attributes:
        verdict: of exactly this text.
        facts: what the text is checked against; None for a draft of before they were kept.
        added: those of them that an agent added for this reply alone.
        offered: whether it was put before an agent; false for an attempt that was mended or bettered.
        before_lead: whether its case was put before a lead, so that only a lead decides.
        message_number: which of the debtor's messages it answers.
        newest_message: the number of the newest; greater where the draft has become stale.
        edited_by: who wrote this version; None for the model or the house.
    """

    id: str
    case_id: str
    text: str
    version: Version
    verdict: Verdict
    created_at: datetime
    status: DraftStatus = "awaiting_approval"
    source: Literal["model", "fallback", "human"] = "model"
    facts: Annotated[Facts | None, Field(exclude=True)] = None
    added: AddedFacts = AddedFacts()
    offered: bool = True
    before_lead: bool = False
    message_number: Annotated[int, Field(ge=1)] = 1
    newest_message: Annotated[int, Field(ge=1)] = 1
    edited_by: str | None = None

    @property
    def text_sha256(self) -> str:
        return text_sha256(self.text)

    @property
    def stale(self) -> bool:
        """Tell whether the debtor has written again since."""
        return self.newest_message > self.message_number


class Decision(Value):
    """What a named human decided about the exact text of a draft."""

    draft_id: str
    version: Version
    decided_by: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
    decided_at: datetime
    outcome: Literal["approved", "withdrawn", "discarded", "escalated"]
    text_sha256: Sha256
    policy: str = ""
    reason: str | None = None


class ApprovedReply(Value):
    """The only thing a channel sends: a text bound by its hash to a human's approval of it."""

    text: str
    decision: Decision
    policy: str


DeliveryStatus = Literal["waiting", "in_hand", "delivered", "failed", "withdrawn"]


class Delivery(Value):
    """One way of one approved text to the debtor.

    Attributes:
        id: the same for every try, so that a receiver can tell a repetition.
        not_before: the moment until which the approval can be undone, before which the law forbids to write, and until
            which another try waits.
        status: "in_hand" where a person may carry it now.
        tries: how often the channel has answered, or failed to.
        failure: why the last try did not succeed.
    """

    id: str
    draft_id: str
    version: Version
    case_id: str
    channel: str
    status: DeliveryStatus = "waiting"
    not_before: datetime
    tries: Annotated[int, Field(ge=0)] = 0
    failure: str | None = None
    delivered_at: datetime | None = None


class Edit(Value):
    """A new version of a draft's text, already checked."""

    text: str
    verdict: Verdict
    by: str
    at: datetime
    facts: Facts | None = None
    added: AddedFacts | None = None


class Step(Value):
    """A draft's way from one status to another: kept whole or not at all.

    Attributes:
        version: the version that was seen; if another is there by now, nothing happens.
        fresh: nothing happens either where the debtor has written again.
        leading: whoever takes the step may decide what is before a lead; nothing happens there otherwise.
        act: how the journal tells it.
        seen: the delivery as it was read; nothing happens where it is another by now.
    """

    draft_id: str
    version: Version
    leaving: DraftStatus
    entering: DraftStatus
    act: Act
    fresh: bool = False
    leading: bool = True
    edit: Edit | None = None
    decision: Decision | None = None
    delivery: Delivery | None = None
    seen: Delivery | None = None

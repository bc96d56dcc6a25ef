"""An approved text leaves: not before it may, only as it was approved, and each only once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from drafter.desk.approval import Approvals
from drafter.desk.conditions import approved_reply
from drafter.desk.lifecycle import Move, after
from drafter.domain import Act, Decision, Delivery, Draft, Person, Step
from drafter.errors import ConflictError, NotFoundError
from drafter.ports import Channel, Clock

SYSTEM = "system"


class Sendable(Protocol):
    """Where deliveries are kept; `drafter.store.drafts` says what each raises."""

    def draft(self, draft_id: str) -> Draft: ...
    def decision(self, draft_id: str) -> Decision | None: ...
    def delivery(self, draft_id: str) -> Delivery | None: ...
    def deliveries(self, status: str, *, until: datetime | None = None, most: int = 100) -> list[Delivery]: ...
    def take(self, step: Step) -> Draft: ...


@dataclass(frozen=True)
class Deliveries:
    """Lets approved texts leave.

    Attributes:
        approvals: checks a text once more before it leaves, under the policy of that moment.
        channels: by name; a text for a channel that is not there waits, and is told as failed.
    """

    drafts: Sendable
    approvals: Approvals
    clock: Clock
    channels: Mapping[str, Channel]

    def release(self) -> int:
        """Let everything leave that may leave by now; return how many texts were moved.

        Raises:
            StorageError: the database did not answer; what was moved before stays moved.
        """
        moved = 0
        for delivery in self.drafts.deliveries("waiting", until=self.clock.now()):
            try:
                moved += self._leave(delivery)
            except (ConflictError, NotFoundError):
                continue  # taken back, or moved by another process, at this very moment
        return moved

    def copied(self, draft_id: str, *, sha256: str, by: Person) -> Draft:
        """Note that a person carried an approved text away by hand; done again it changes nothing.

        Args:
            draft_id: the draft.
            sha256: of the text that was copied.
            by: who copied it.

        Raises:
            ConflictError: it is not this text that was approved, or it may not leave yet.
            NotFoundError: there is no such draft.
            StorageError: nothing was written.
        """
        draft, delivery = self.drafts.draft(draft_id), self.drafts.delivery(draft_id)
        reply = approved_reply(draft, self.drafts.decision(draft_id))
        if reply.decision.text_sha256 != sha256 or delivery is None:
            raise ConflictError("Another text was approved than the one that was copied; read the case again.")
        if draft.status == "delivered":
            return draft
        return self._move(draft, "deliver", delivery, by.id, {"status": "delivered", "delivered_at": self.clock.now()})

    def _leave(self, delivery: Delivery) -> bool:
        draft = self.drafts.draft(delivery.draft_id)
        if draft.status != "approved":
            return False
        approved_reply(draft, self.drafts.decision(draft.id))
        channel = self.channels.get(delivery.channel)
        if not self.approvals.check(draft, draft.text).passed:
            self._move(draft, "stop", delivery, SYSTEM, {"status": "failed", "failure": "policy"})
        elif channel is None:
            queued = self._move(draft, "queue", delivery, SYSTEM, {})
            self._move(
                queued, "fail", delivery, SYSTEM, {"status": "failed", "failure": f"no channel {delivery.channel}"}
            )
        else:
            self._move(draft, "queue", delivery, SYSTEM, {"status": "in_hand"})
        return True

    def _move(self, draft: Draft, move: Move, delivery: Delivery, actor: str, changed: Mapping[str, object]) -> Draft:
        now = self.clock.now()
        return self.drafts.take(
            Step(
                draft_id=draft.id,
                version=draft.version,
                leaving=draft.status,
                entering=after(draft.status, move),
                delivery=delivery.model_copy(update=dict(changed)),
                act=Act(
                    at=now,
                    actor=actor,
                    action=f"draft.{move}",
                    subject=draft.id,
                    detail={"text_sha256": draft.text_sha256, "version": draft.version, "channel": delivery.channel},
                ),
            )
        )

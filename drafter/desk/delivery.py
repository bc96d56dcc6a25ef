"""An approved text leaves: not before it may, only as it was approved, and each only once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from drafter.desk.approval import Approvals
from drafter.desk.conditions import approved_reply, leads, of_the_lead
from drafter.desk.contact import may_go_out_at
from drafter.desk.lifecycle import Move, after
from drafter.domain import SYSTEM, Act, ApprovedReply, Decision, Delivery, Draft, Person, Step
from drafter.errors import ChannelError, ConflictError, ForbiddenError, NotApprovableError, NotFoundError
from drafter.ports import Channel, Clock

NO_LONGER_PASSES = "The text no longer passes the guardrails."
STALE = "The debtor has written again."
NOT_AS_APPROVED = "The text is not the one that was approved."


class Sendable(Protocol):
    """Where deliveries are kept; `drafter.store` says what each raises."""

    def draft(self, draft_id: str) -> Draft: ...
    def decision(self, draft_id: str) -> Decision | None: ...
    def delivery(self, draft_id: str) -> Delivery | None: ...
    def delivery_by_id(self, delivery_id: str) -> Delivery | None: ...
    def deliveries(
        self, status: str, *, until: datetime | None = None, most: int = 100, beside: Collection[str] = ()
    ) -> list[Delivery]: ...
    def take(self, step: Step) -> Draft: ...
    def note_delivery(self, seen: Delivery, becoming: Delivery, act: Act) -> None: ...


@dataclass(frozen=True)
class Retries:
    """How often a channel is tried before a person is asked.

    Attributes:
        most: tries in all.
        first: the wait behind the first; each further wait is twice as long.
    """

    most: int = 6
    first: timedelta = timedelta(seconds=2)

    def wait(self, tries: int) -> timedelta:
        return self.first * (1 << (tries - 1))


@dataclass(frozen=True)
class Deliveries:
    """Lets approved texts leave.

    Whatever is killed between two steps goes on where it was: what is approved is queued before it is given to a
    channel, and what is queued is given again, under the same id, until the channel's answer is kept.

    Attributes:
        approvals: checks a text once more before it leaves, under the policy of that moment.
        channels: by name; a text for a channel that is not there is told as failed.
    """

    drafts: Sendable
    approvals: Approvals
    clock: Clock
    channels: Mapping[str, Channel]
    retries: Retries = field(default_factory=Retries)

    def release(self) -> int:
        """Hand over what people carry and what may leave by now; return how many texts were moved.

        What a channel sends by itself is left to whoever calls `leave`.

        Raises:
            StorageError: the database did not answer; what was moved before stays moved.
        """
        moved = 0
        for delivery in self.drafts.deliveries("waiting", until=self.clock.now(), beside=self._sending()):
            try:
                moved += self.leave(delivery.id)
            except (ConflictError, NotFoundError):
                continue  # taken back, or moved by another process, at this very moment
        return moved

    def due(self) -> list[str]:
        """Return the ids of what a channel sends by itself and may leave by now, the soonest first.

        Raises:
            StorageError: the database did not answer.
        """
        sending = self._sending()
        others = tuple(name for name in self.channels if name not in sending)
        waiting = self.drafts.deliveries("waiting", until=self.clock.now(), beside=others)
        return [delivery.id for delivery in waiting if delivery.channel in sending]

    def leave(self, delivery_id: str) -> bool:
        """Let one text leave, if it still may; tell whether its draft was moved.

        Called again at any time, also after a crash in its midst, it goes on from where the text is.

        Raises:
            ChannelError: the channel did not take it this time; the try is counted, and another one is due later.
            ConflictError: it was taken back, or moved by another process, at this very moment.
            NotFoundError: its draft or its case is gone.
            StorageError: the database did not answer.
        """
        delivery = self.drafts.delivery_by_id(delivery_id)
        if delivery is None or delivery.status != "waiting" or self.clock.now() < delivery.not_before:
            return False
        draft = self.drafts.draft(delivery.draft_id)
        if draft.status not in ("approved", "queued") or draft.version != delivery.version:
            return False
        try:
            reply = approved_reply(draft, self.drafts.decision(draft.id))
        except ConflictError:
            self._stop(draft, delivery, NOT_AS_APPROVED, SYSTEM)
            return True
        if draft.status == "approved" and draft.stale:
            self._take_back(draft, delivery)
        elif not self.approvals.check(draft, draft.text).passed:
            self._stop(draft, delivery, NO_LONGER_PASSES, SYSTEM)
        else:
            return self._give(draft, delivery, reply, self.channels.get(delivery.channel))
        return True

    def copied(self, draft_id: str, *, sha256: str, by: Person) -> Draft:
        """Note that a person carried an approved text away by hand; done again it changes nothing.

        Args:
            draft_id: the draft.
            sha256: of the text that was copied.
            by: who copied it.

        Raises:
            ConflictError: it is not this text that was approved, it may not leave yet or at this hour, the debtor has
                written again, or the desk sends it itself.
            ForbiddenError: it is before a lead, and this person is none.
            NotApprovableError: the policy of today no longer lets it pass; it was stopped.
            NotFoundError: there is no such draft.
            StorageError: nothing was written.
        """
        draft, delivery = self.drafts.draft(draft_id), self.drafts.delivery(draft_id)
        reply = approved_reply(draft, self.drafts.decision(draft_id))
        if reply.decision.text_sha256 != sha256 or delivery is None:
            raise ConflictError("Another text was approved than the one that was copied; read the case again.")
        channel = self.channels.get(delivery.channel)
        if channel is None or not channel.by_hand:
            raise ConflictError("The desk sends this text itself; nothing was noted, and nobody need copy it.")
        if draft.status == "delivered":
            return draft
        after(draft.status, "deliver")
        of_the_lead(draft, by)
        now = self.clock.now()
        if not self.approvals.check(draft, draft.text).passed:
            self._stop(draft, delivery, NO_LONGER_PASSES, by.id)
            raise NotApprovableError("The text no longer passes the guardrails; do not send what you have copied.")
        if self._lawful_from(draft, now) > now:
            raise ConflictError(
                "The law lets nobody write to this debtor at this hour; nothing was noted. Do not send what you have "
                "copied before then."
            )
        done = {"status": "delivered", "delivered_at": now}
        return self._move(draft, "deliver", delivery, by.id, done, fresh=True, leading=leads(by))

    def retry(self, draft_id: str, *, by: Person) -> Draft:
        """Let a text that could not be delivered be tried anew; what no longer passes is stopped instead.

        Args:
            draft_id: the draft.
            by: who asks for it; may approve.

        Returns:
            The draft: "approved" where it will be tried, "rejected" where the policy of today stopped it.

        Raises:
            ForbiddenError: this person may not let texts go, or it is before a lead, and this person is none.
            ConflictError: it has not failed, the debtor has written again, or another reply is on its way or arrived.
            NotFoundError: there is no such draft.
            StorageError: nothing was written.
        """
        if "approve" not in by.rights:
            raise ForbiddenError("You may not approve replies; ask an agent or a lead.")
        draft, delivery = self.drafts.draft(draft_id), self.drafts.delivery(draft_id)
        after(draft.status, "retry")
        of_the_lead(draft, by)
        approved_reply(draft, self.drafts.decision(draft_id))
        if delivery is None or not self.approvals.check(draft, draft.text).passed:
            return self._stop(draft, delivery, NO_LONGER_PASSES, by.id)
        anew = {
            "status": "waiting",
            "tries": 0,
            "failure": None,
            "not_before": self._lawful_from(draft, self.clock.now()),
        }
        return self._move(draft, "retry", delivery, by.id, anew, fresh=True, leading=leads(by))

    def _sending(self) -> tuple[str, ...]:
        return tuple(name for name, channel in self.channels.items() if not channel.by_hand)

    def _give(self, draft: Draft, delivery: Delivery, reply: ApprovedReply, channel: Channel | None) -> bool:
        """Give a text to its channel, unless the hour forbids it; tell whether its draft was moved."""
        if channel is not None and self._postponed(draft, delivery):
            return False
        by_hand = channel is not None and channel.by_hand
        if draft.status == "approved":
            status = {"status": "in_hand"} if by_hand else {}
            draft = self._move(draft, "queue", delivery, SYSTEM, status, fresh=True)
        if channel is None:
            self._fail(draft, delivery, f"no channel {delivery.channel}")
        elif not by_hand:
            self._send(draft, delivery, reply, channel)
        return True

    def _send(self, draft: Draft, delivery: Delivery, reply: ApprovedReply, channel: Channel) -> None:
        try:
            channel.send(reply, delivery)
        except ChannelError as error:
            self._missed(draft, delivery, error)
            return
        except Exception as error:  # noqa: BLE001 - whatever breaks in a channel, its text must not be lost
            unknown = ChannelError("The channel failed ({kind}).", temporary=True, kind=type(error).__name__)
            self._missed(draft, delivery, unknown)
            return
        now, tries = self.clock.now(), delivery.tries + 1
        told = {"status": "delivered", "delivered_at": now, "tries": tries, "failure": None}
        self._move(draft, "deliver", delivery, SYSTEM, told)

    def _missed(self, draft: Draft, delivery: Delivery, error: ChannelError) -> None:
        tries = delivery.tries + 1
        if not error.temporary or tries >= self.retries.most:
            self._fail(draft, delivery.model_copy(update={"tries": tries}), error.message, seen=delivery)
            return
        again = self.clock.now() + self.retries.wait(tries)
        counted = delivery.model_copy(update={"tries": tries, "failure": error.message, "not_before": again})
        self.drafts.note_delivery(delivery, counted, self._act(draft, counted, "draft.try", SYSTEM))
        raise error

    def _fail(self, draft: Draft, delivery: Delivery, why: str, *, seen: Delivery | None = None) -> None:
        self._move(draft, "fail", delivery, SYSTEM, {"status": "failed", "failure": why}, seen=seen)

    def _take_back(self, draft: Draft, delivery: Delivery) -> None:
        """Take back an approval whose text answers a message that is not the newest any more."""
        now = self.clock.now()
        decision = Decision(
            draft_id=draft.id,
            version=draft.version,
            decided_by=SYSTEM,
            decided_at=now,
            outcome="withdrawn",
            text_sha256=draft.text_sha256,
            policy="",
            reason=STALE,
        )
        self._move(draft, "withdraw", delivery, SYSTEM, {"status": "withdrawn"}, decision=decision)

    def _stop(self, draft: Draft, delivery: Delivery | None, why: str, actor: str) -> Draft:
        return self._move(draft, "stop", delivery, actor, {"status": "failed", "failure": why})

    def _lawful_from(self, draft: Draft, now: datetime) -> datetime:
        case = self.approvals.case(draft.case_id)
        return may_go_out_at(case, self.approvals.guard(case.jurisdiction).policy.file, now)

    def _postponed(self, draft: Draft, delivery: Delivery) -> bool:
        """Put off what would leave at an hour at which the law forbids to write, such as after a night's outage."""
        now = self.clock.now()
        lawful = self._lawful_from(draft, now)
        if lawful <= now:
            return False
        later = delivery.model_copy(update={"not_before": lawful})
        self.drafts.note_delivery(delivery, later, self._act(draft, later, "draft.postpone", SYSTEM))
        return True

    def _move(
        self,
        draft: Draft,
        move: Move,
        delivery: Delivery | None,
        actor: str,
        changed: Mapping[str, object],
        *,
        fresh: bool = False,
        leading: bool = True,
        seen: Delivery | None = None,
        decision: Decision | None = None,
    ) -> Draft:
        return self.drafts.take(
            Step(
                draft_id=draft.id,
                version=draft.version,
                leaving=draft.status,
                entering=after(draft.status, move),
                fresh=fresh,
                leading=leading,
                decision=decision,
                delivery=delivery and delivery.model_copy(update=dict(changed)),
                seen=seen or delivery,
                act=self._act(draft, delivery, f"draft.{move}", actor),
            )
        )

    def _act(self, draft: Draft, delivery: Delivery | None, action: str, actor: str) -> Act:
        told = {"channel": delivery.channel, "tries": delivery.tries} if delivery else {}
        return Act(
            at=self.clock.now(),
            actor=actor,
            action=action,
            subject=draft.id,
            detail={"text_sha256": draft.text_sha256, "version": draft.version, **told},
        )

"""A channel that sends by itself, and a text that was approved for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import update

from drafter.desk.delivery import Deliveries
from drafter.domain import ApprovedReply, Delivery, Person
from drafter.errors import ChannelError
from drafter.store.repository import SqlStore
from drafter.store.tables import cases
from tests.approved import ANN, KIND, Clock, approvals_of, approve, keep

DRAFT = "case-1-draft-1"
ID = f"{DRAFT}-1"


def unavailable() -> ChannelError:
    return ChannelError("The receiver answered {status}.", temporary=True, status=503)


def refused() -> ChannelError:
    return ChannelError("The receiver answered {status}.", temporary=False, status=410)


@dataclass
class Post:
    """A channel that sends by itself; it fails as `answers` say, and takes each id once as a good receiver does."""

    answers: list[Exception | None] = field(default_factory=list)
    given: list[str] = field(default_factory=list)
    taken: dict[str, str] = field(default_factory=dict)
    meanwhile: Callable[[], object] = lambda: None
    name = "post"
    by_hand = False

    def send(self, reply: ApprovedReply, delivery: Delivery) -> None:
        self.given.append(delivery.id)
        answer = self.answers.pop(0) if self.answers else None
        if answer is not None:
            raise answer
        self.taken.setdefault(delivery.id, reply.text)
        self.meanwhile()


@dataclass
class Sending:
    """A text that was approved for a channel that sends by itself, and may leave now."""

    store: SqlStore
    clock: Clock
    post: Post
    deliveries: Deliveries

    @property
    def status(self) -> tuple[str, str]:
        return self.store.drafts.draft(DRAFT).status, self.delivery.status

    @property
    def delivery(self) -> Delivery:
        delivery = self.store.drafts.delivery(DRAFT)
        assert delivery is not None
        return delivery

    def leave(self) -> None:
        """Let it leave as whoever retries does: at once when it is due again."""
        for _ in range(20):
            self.clock.at = max(self.clock.at, self.delivery.not_before)
            try:
                self.deliveries.leave(ID)
            except ChannelError:
                continue
            return


def approved_for_post(
    store: SqlStore, *more: str, by: Person = ANN, first: Callable[[], object] = lambda: None
) -> Sending:
    """Return a text that was approved, with what waits beside it put aside.

    Args:
        store: where it is kept.
        more: texts that were suggested too.
        by: who approved it.
        first: what was done before.
    """
    keep(store, KIND, *more)
    with store._engine.begin() as connection:
        connection.execute(update(cases).values(channel="post"))
    approvals = approvals_of(store, undo=timedelta())
    first()
    approve(approvals, store.drafts.draft(DRAFT), by)
    clock, post = Clock(), Post()
    return Sending(store, clock, post, Deliveries(store.drafts, approvals, clock, {"post": post}))

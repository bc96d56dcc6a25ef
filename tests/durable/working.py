"""A desk that sends approved texts until it is killed; run as a process of its own.

With "after-the-answer" it kills itself as soon as the receiver has taken a text, before that is noted.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from datetime import timedelta

from drafter.channels.webhook import Webhook
from drafter.desk.delivery import Deliveries, Retries
from drafter.domain import ApprovedReply, Delivery
from drafter.durable import durable_deliveries
from drafter.ports import Channel
from drafter.store.repository import SqlStore
from tests.approved import Clock, approvals_of
from tests.channels.receiver import SECRET


class Killed(Webhook):
    def send(self, reply: ApprovedReply, delivery: Delivery) -> None:
        super().send(reply, delivery)
        os.kill(os.getpid(), signal.SIGKILL)


def deliveries_of(store: SqlStore, url: str, kind: type[Webhook] = Webhook) -> Deliveries:
    webhook: Channel = kind(url=url, secret=SECRET, external_id=lambda _case_id: None, clock=Clock(), timeout_s=30)
    return Deliveries(
        drafts=store.drafts,
        approvals=approvals_of(store, undo=timedelta()),
        clock=Clock(),
        channels={"webhook": webhook},
        retries=Retries(first=timedelta()),
    )


if __name__ == "__main__":
    database, receiver, when = sys.argv[1:]
    store = SqlStore.open(database)
    kind = Killed if when == "after-the-answer" else Webhook
    with durable_deliveries(deliveries_of(store, receiver, kind), database, every_s=0.05):
        threading.Event().wait()

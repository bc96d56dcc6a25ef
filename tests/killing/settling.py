"""What agents were told against what arrived: each approved text once, and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from drafter.domain import text_sha256
from drafter.store.repository import SqlStore
from tests.channels.receiver import Receiver
from tests.killing.agents import Trip


@dataclass(frozen=True)
class Settled:
    """All but the first three must be 0.

    Attributes:
        approved: approvals that an agent was told of, and that nobody took back.
        delivered: texts that the receiver has taken.
        repeated: requests that the receiver knew by their key, and took no second time.
        lost: approvals that an agent was told of, and of which the database knows nothing or the receiver has no text.
        twice: texts that the receiver took for a case of which it had one already.
        changed: requests with other bytes than their hash says, or than came before under their key.
        unapproved: texts that the receiver took without a human's approval of exactly these bytes.
        taken_back: texts that it took although an agent was told that the approval was taken back.
    """

    approved: int = 0
    delivered: int = 0
    repeated: int = 0
    lost: int = 0
    twice: int = 0
    changed: int = 0
    unapproved: int = 0
    taken_back: int = 0


def settle(store: SqlStore, trips: Iterable[Trip], receiver: Receiver) -> Settled:
    """Return how things stand once nothing waits any more."""
    known = {trip.draft_id: trip for trip in trips if trip.draft_id}
    approved = [trip for trip in known.values() if trip.approved and not trip.taking_back]
    taken = {key: texts[0] for key, texts in receiver.taken.items()}
    of_draft = {key.rpartition("-")[0]: text for key, text in taken.items()}
    told = [(request.headers["Idempotency-Key"], request.told) for request in receiver.requests]
    cases = Counter({key: body["case_id"] for key, body in told}.values())
    return Settled(
        approved=len(approved),
        delivered=len(taken),
        repeated=len(told) - len(taken),
        lost=sum(of_draft.get(trip.draft_id) != trip.text or not _let_go(store, trip) for trip in approved),
        twice=sum(count - 1 for count in cases.values()),
        changed=sum(body["text"] != taken[key] or body["text_sha256"] != text_sha256(taken[key]) for key, body in told),
        unapproved=sum(
            draft_id not in known or known[draft_id].text != text or not _let_go(store, known[draft_id])
            for draft_id, text in of_draft.items()
        ),
        taken_back=sum(trip.draft_id in of_draft for trip in known.values() if trip.taking_back == "done"),
    )


def _let_go(store: SqlStore, trip: Trip) -> bool:
    """Tell whether the database holds an approval of exactly the text that the agent meant."""
    decision = store.drafts.decision(trip.draft_id)
    return (
        decision is not None
        and trip.text is not None
        and trip.aim in ("approve", "take-back")
        and (decision.outcome, decision.text_sha256) == ("approved", text_sha256(trip.text))
        and store.drafts.draft(trip.draft_id).text == trip.text
    )

"""The few protocols through which the desk reaches the world."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Protocol

from drafter.domain import (
    AddedFacts,
    ApprovedReply,
    Case,
    Completion,
    Delivery,
    FollowUp,
    History,
    Prompt,
    Settled,
    Suggestion,
    Triage,
)
from guardrails import Facts

OnToken = Callable[[str], bool | None]
"""Given each piece of an answer as it arrives; returns True when it has read enough and the rest need not come."""


class ChatModel(Protocol):
    """A language model that answers a prompt."""

    @property
    def name(self) -> str: ...

    async def complete(self, prompt: Prompt, *, on_token: OnToken | None = None) -> Completion:
        """Return the model's answer; give every piece of it to `on_token` as it arrives.

        Where `on_token` has read enough, the answer is what came until then.

        Raises:
            ModelError: no usable answer; the subclass says why.
        """
        ...


class Store(Protocol):
    """Where cases, attempts and drafts are kept."""

    def add_case(self, case: Case, triage: Triage) -> Case:
        """Keep a case; the same id or `external_id` again returns the case already kept.

        Raises:
            StorageError: nothing was written.
        """
        ...

    def add_suggestion(
        self,
        suggestion: Suggestion,
        *,
        facts: Facts | None,
        added: AddedFacts | None,
        answers: int,
        at: datetime,
        by: str,
    ) -> None:
        """Keep a suggestion with all its attempts, each text of which is a draft, in one transaction.

        Args:
            suggestion: what to keep.
            facts: what its texts were checked against.
            added: those of them that the agent added for this reply alone.
            answers: the number of the debtor's message that it answers.
            at: now.
            by: who asked for it, as the journal names them.

        Raises:
            StorageError: nothing was written.
        """
        ...

    def suggestion_by_external_id(self, external_id: str) -> Suggestion | None:
        """Return the newest suggestion for the case of this external id; None when there is none yet.

        Raises:
            StorageError: the store did not answer.
        """
        ...

    def history(self, case_id: str) -> History:
        """Return what was suggested and promised in a case before.

        Raises:
            StorageError: the store did not answer.
        """
        ...

    def follow_ups(self, *, until: date | None = None, case_id: str | None = None) -> list[FollowUp]:
        """Return what is still to be done, the soonest first.

        Args:
            until: only what is due by this day.
            case_id: only what belongs to this case.

        Raises:
            StorageError: the store did not answer.
        """
        ...

    def settle_follow_up(self, follow_up_id: int, status: Settled) -> FollowUp:
        """Note what became of a follow-up.

        Raises:
            NotFoundError: there is none of this id.
            StorageError: nothing was written.
        """
        ...

    def case(self, case_id: str) -> Case:
        """Return a case.

        Raises:
            NotFoundError: there is none of this id.
        """
        ...


class Channel(Protocol):
    """A way to the debtor.

    Attributes:
        by_hand: a person carries the text, and says when it was done.
    """

    @property
    def name(self) -> str: ...
    @property
    def by_hand(self) -> bool: ...

    def send(self, reply: ApprovedReply, delivery: Delivery) -> None:
        """Give an approved text to whoever brings it to the debtor.

        Args:
            reply: the text with the decision that lets exactly it go; nothing else can be sent.
            delivery: whose id is the same for every try, so that a receiver can tell a repetition.

        Raises:
            ChannelError: it was not taken, or nobody knows whether it was.
        """
        ...


class Clock(Protocol):
    """The time, as an argument."""

    def now(self) -> datetime:
        """Return the current moment with its time zone."""
        ...

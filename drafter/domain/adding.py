"""What an agent adds to the facts of an account, for one reply."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from guardrails.model import Day, Facts, Text, Value

_Texts = Annotated[tuple[Text, ...], Field(max_length=10)]


class AddedFacts(Value):
    """What an agent knows to be true of this reply alone; the account's own facts stay as they are.

    Attributes:
        authorised_offers: what may be offered this time, in words.
        actions_taken: what has truly been done.
        follow_up_date: when one comes back, in place of the planned day.
    """

    authorised_offers: _Texts = ()
    actions_taken: _Texts = ()
    follow_up_date: Day | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Which facts are added; the journal tells these, never the texts."""
        return tuple(name for name in type(self).model_fields if getattr(self, name))

    def to(self, facts: Facts) -> Facts:
        """Return the facts with what is added; what is offered this time comes first."""
        offers = dict.fromkeys((*self.authorised_offers, *facts.authorised_offers))
        deeds = dict.fromkeys((*facts.actions_taken, *self.actions_taken))
        return facts.model_copy(
            update={
                "authorised_offers": tuple(offers),
                "actions_taken": tuple(deeds),
                "follow_up_date": self.follow_up_date or facts.follow_up_date,
            }
        )

    def out_of(self, facts: Facts, *, account: Facts) -> Facts:
        """Return the facts without what was added, where the account does not name it too."""
        offers = [
            one
            for one in facts.authorised_offers
            if one not in {*self.authorised_offers} - {*account.authorised_offers}
        ]
        deeds = [one for one in facts.actions_taken if one not in {*self.actions_taken} - {*account.actions_taken}]
        planned = account.follow_up_date if self.follow_up_date else facts.follow_up_date
        return facts.model_copy(
            update={"authorised_offers": tuple(offers), "actions_taken": tuple(deeds), "follow_up_date": planned}
        )

"""What reviewers, their lead and agents do with the verdicts on drafts, and who may."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from drafter.desk.agreement import ReviewAgreement, agreement
from drafter.desk.judgements import proposal_of, ruling_of
from drafter.desk.review_store import ReviewStore
from drafter.desk.reviewable import NEXT_STAGE, earlier_rulings, must, reviewable
from drafter.desk.undoing import before, untouched
from drafter.domain import (
    PENDING,
    Act,
    Appeal,
    Judgement,
    Person,
    ReviewChoices,
    ReviewCounts,
    ReviewFilter,
    ReviewItem,
    ReviewPage,
    ReviewProgress,
    ReviewStatus,
    ReviewStep,
    ReviewText,
    Ruling,
    is_drawn,
)
from drafter.errors import ConflictError, ForbiddenError, InputError
from drafter.ports import Clock
from guardrails import Guard

MOST_AT_ONCE: Final = 1_000
MOST_WORDS: Final = 2_000


@dataclass(frozen=True)
class Reviews:
    """What people do with the verdicts on drafts.

    Attributes:
        guard: the guard of a jurisdiction.
        sample: the share of passed drafts that is reviewed beside the rejected ones, 0 to 1.
        double: the share that a second reviewer rules on unseen by the first, 0 to 1.
        appeal: how long an agent may appeal against a ruling.
        undo: how long a reviewer may take the last ruling back.
    """

    store: ReviewStore
    guard: Callable[[str], Guard]
    clock: Clock
    sample: float = 0.05
    double: float = 0.1
    appeal: timedelta = timedelta(days=7)
    undo: timedelta = timedelta(minutes=1)

    def page(self, wanted: ReviewFilter | None = None, *, cursor: str | None = None, most: int = 50) -> ReviewPage:
        """Return drafts to review, the newest first.

        Raises:
            InputError: the cursor is none.
        """
        return self.store.page(wanted or ReviewFilter(), sample=self.sample, cursor=cursor, most=most)

    def counts(self, by: Person, wanted: ReviewFilter | None = None) -> ReviewCounts:
        """Return how many of the wanted drafts are under each tab of a person's queue."""
        return self.store.counts(by.id, sample=self.sample, wanted=wanted or ReviewFilter())

    def choices(self) -> ReviewChoices:
        return self.store.choices(sample=self.sample)

    def beside(self, wanted: ReviewFilter, item: ReviewItem) -> tuple[str | None, str | None]:
        """Return the drafts before and behind one in the order of the queue."""
        return self.store.beside(wanted, item, sample=self.sample)

    def progress(self) -> ReviewProgress:
        return self.store.progress(sample=self.sample)

    def agreement(self) -> ReviewAgreement:
        """Return how far two reviewers agree where both ruled on the same draft."""
        return agreement(self.store.doubles())

    def rulings(self, draft_id: str, *, by: Person) -> tuple[Ruling, ...]:
        """Return the rulings on a draft that a person may see: while a second one is awaited, only their own."""
        found = self.store.rulings(draft_id)
        if self.store.item(draft_id).status == "second-review":
            return tuple(ruling for ruling in found if ruling.by == by.id)
        return found

    def appeal_until(self, item: ReviewItem) -> datetime | None:
        """Return until when an agent may appeal; None where there is nothing to appeal against."""
        return item.ruled_at + self.appeal if item.status == "ruled" and item.ruled_at is not None else None

    def may_appeal(self, item: ReviewItem, by: Person) -> bool:
        """Tell whether a draft is an agent's own: they edited it, decided about it, hold its case, or lead."""
        return "draft" in by.rights and ("lead" in by.rights or by.id in (*item.agents, item.holder))

    def may_undo(self, draft_id: str, by: Person) -> bool:
        """Tell whether a person can still take their last ruling on a draft back."""
        last = untouched(self.store.item(draft_id), self.store.rulings(draft_id))
        return last is not None and last.by == by.id and not self._too_late(last)

    def claim(self, draft_id: str, *, by: Person) -> ReviewItem:
        """Take a draft over to review it.

        Raises:
            ForbiddenError: this person may not review, or had a hand in this draft or its review already.
            ConflictError: somebody has it, or there is nothing to rule on.
            NotFoundError: there is no such draft.
        """
        item, _ = reviewable(self.store, draft_id, by, None)
        if item.assignee == by.id:
            return item
        act = self._act("review.assign", draft_id, by, to=by.id)
        return self._step(item, item.model_copy(update={"assignee": by.id}), act)

    def release(self, draft_id: str, *, by: Person) -> ReviewItem:
        """Give a draft back that one has.

        Raises:
            ConflictError: somebody else has it, or nobody.
            NotFoundError: there is no such draft.
        """
        item = self.store.item(draft_id)
        if item.assignee != by.id or item.status not in PENDING:
            raise ConflictError("You do not have this draft; nothing was done.")
        return self._step(item, item.model_copy(update={"assignee": None}), self._act("review.recall", draft_id, by))

    def assign(self, to: Person, *, by: Person, most: int, wanted: ReviewFilter | None = None) -> tuple[str, ...]:
        """Give drafts that nobody has to a reviewer, the oldest first, and return their ids.

        Args:
            to: the reviewer.
            by: the lead.
            most: how many at most.
            wanted: which; any when None.

        Raises:
            ForbiddenError: the one may not give, or the other may not review.
            InputError: `most` is not 1 to 1,000.
            StorageError: nothing was written.
        """
        must(by, "review-lead")
        must(to, "review")
        if not 1 <= most <= MOST_AT_ONCE:
            raise InputError("Give 1 to {most} drafts at once; nothing was done.", most=MOST_AT_ONCE)
        act = self._act("review.assign", "", by, to=to.id)
        return self.store.assign(wanted or ReviewFilter(), to.id, act, sample=self.sample, most=most)

    def recall(self, wanted: ReviewFilter, *, by: Person) -> tuple[str, ...]:
        """Take back what was given out and is not ruled on yet (批量回收); `wanted.assignee` names whose.

        Raises:
            ForbiddenError: this person may not.
            StorageError: nothing was written.
        """
        must(by, "review-lead")
        return self.store.recall(wanted, self._act("review.recall", "", by), sample=self.sample)

    def rule(self, draft_id: str, given: Judgement, *, by: Person, version: int | None = None) -> ReviewItem:
        """Rule on a draft: first, second, or about an appeal, as it is its turn.

        Where a second ruling is awaited, nobody but its author sees the first; where the two differ, or a reviewer
        finds an appeal right, the lead settles it.

        Args:
            draft_id: the draft.
            given: what the reviewer says.
            by: the reviewer.
            version: the version that was read; not compared when None.

        Raises:
            ForbiddenError: this person may not review, or had a hand in this draft or its review already.
            ConflictError: another version is there, somebody else has it, or everybody has ruled.
            InputError: the judgement lacks a reason, or contradicts itself or the text.
            NotFoundError: there is no such draft.
            StorageError: nothing was written.
        """
        item, earlier = reviewable(self.store, draft_id, by, version)
        text, stage = self.store.text(draft_id, item.version), NEXT_STAGE[item.status]
        ruling = ruling_of(given, text, self.guard, stage=stage, by=by.id, at=self.clock.now())
        if stage == "first" and is_drawn("second", draft_id, self.double):
            # What was ruled is not told before the second has ruled too, not even in the journal.
            act = self._act("review.rule", draft_id, by, stage=stage, version=item.version)
            return self._step(item, _moved(item, "second-review"), act, ruling=ruling)
        told = {"first_outcome": earlier[0].outcome} if stage == "second" else {}
        act = self._act("review.rule", draft_id, by, stage=stage, version=item.version, outcome=given.outcome, **told)
        standing = {"first": given.outcome, "second": earlier[0].outcome if earlier else None, "appeal": item.outcome}
        if standing[stage] != given.outcome:
            return self._step(item, _moved(item, "disputed"), act, ruling=ruling)
        return self._stands(item, ruling, earlier, text, act=act)

    def object(self, draft_id: str, *, reason: str, by: Person) -> ReviewItem:
        """Appeal against a ruling (申诉); a reviewer who has not ruled on it yet looks at it anew.

        Raises:
            ForbiddenError: this person is no agent, or the draft is another's.
            InputError: no reason is given.
            ConflictError: there is no ruling to appeal against, or it is too late.
            NotFoundError: there is no such draft.
            StorageError: nothing was written.
        """
        must(by, "draft")
        if not reason.strip():
            raise InputError("Say in a few words why the ruling is wrong; nothing was done.")
        item, now = self.store.item(draft_id), self.clock.now()
        if not self.may_appeal(item, by):
            raise ForbiddenError(
                "Only whoever edited or decided this draft, holds its case, or leads the agents may appeal; nothing "
                "was done. Take the case first."
            )
        until = self.appeal_until(item)
        if until is None:
            raise ConflictError("There is no ruling that can be appealed against; nothing was done.")
        if now > until:
            raise ConflictError(
                "An appeal was possible until {until}; nothing was done. Ask the QA lead.",
                until=f"{until:%Y-%m-%d %H:%M}",
            )
        appeal = Appeal(draft_id=draft_id, by=by.id, at=now, reason=reason)
        return self._step(item, _moved(item, "appealed"), self._act("review.appeal", draft_id, by), appeal=appeal)

    def escalate(self, draft_id: str, *, reason: str, by: Person) -> ReviewItem:
        """Put a draft before the lead, who reads why and settles it.

        Raises:
            ForbiddenError: this person may not review, or had a hand in this draft or its review already.
            InputError: no reason is given.
            ConflictError: somebody else has it, or there is nothing to rule on.
            NotFoundError: there is no such draft.
            StorageError: nothing was written.
        """
        if not reason.strip():
            raise InputError("Say why in a few words; nothing was done.")
        item, _ = reviewable(self.store, draft_id, by, None)
        after = _moved(item, "disputed").model_copy(
            update={"escalated_by": by.id, "escalated_because": reason.strip()[:MOST_WORDS]}
        )
        return self._step(item, after, self._act("review.escalate", draft_id, by))

    def take_back(self, draft_id: str, *, by: Person) -> ReviewItem:
        """Undo one's last ruling on a draft, while nobody has acted on it, and have the draft again.

        Raises:
            ForbiddenError: this person may not review.
            ConflictError: the last ruling is another's, too old, or somebody has acted on it.
            NotFoundError: there is no such draft.
            StorageError: nothing was written.
        """
        must(by, "review")
        item, said = self.store.item(draft_id), self.store.rulings(draft_id)
        last = untouched(item, said)
        if last is None or last.by != by.id or self._too_late(last):
            raise ConflictError(
                "The ruling can no longer be taken back; nothing was done. Ask the QA lead if it was a mistake."
            )
        after = before(item, said, self.store.appeal(draft_id))
        act = self._act("review.undo", draft_id, by, stage=last.stage, version=last.version)
        return self.store.take(ReviewStep(before=item, after=after, act=act, undoes=last))

    def settle(self, draft_id: str, given: Judgement, *, by: Person, version: int | None = None) -> ReviewItem:
        """Rule for good (终审) on what is disputed or appealed against.

        Args:
            draft_id: the draft.
            given: what the lead says.
            by: the lead; nobody who has ruled on it before.
            version: the version that was read; not compared when None.

        Raises:
            ForbiddenError: this person is no QA lead, has ruled on it, or wrote or decided it.
            ConflictError: another version is there, or there is nothing to settle.
            InputError: the judgement lacks a reason, or contradicts itself or the text.
            NotFoundError: there is no such draft.
            StorageError: nothing was written.
        """
        must(by, "review-lead")
        item = self.store.item(draft_id)
        if item.status not in ("disputed", "appealed"):
            raise ConflictError("There is nothing to settle about this draft; nothing was done.")
        earlier = earlier_rulings(self.store, item, by, version)
        text = self.store.text(draft_id, item.version)
        ruling = ruling_of(given, text, self.guard, stage="final", by=by.id, at=self.clock.now())
        act = self._act("review.settle", draft_id, by, version=item.version, outcome=given.outcome)
        return self._stands(item, ruling, earlier, text, act=act)

    def _too_late(self, last: Ruling) -> bool:
        return self.clock.now() - last.at > self.undo

    def _stands(
        self, item: ReviewItem, ruling: Ruling, earlier: Sequence[Ruling], text: ReviewText, *, act: Act
    ) -> ReviewItem:
        """Let a ruling stand, and what it asks of the rules with it."""
        after = _moved(item, "ruled" if ruling.stage in ("first", "second") else "final")
        step = ReviewStep(
            before=item,
            after=after.model_copy(update={"outcome": ruling.outcome, "ruled_at": ruling.at}),
            act=act,
            ruling=ruling,
            proposal=proposal_of(ruling, text, self.guard, earlier=earlier, standing=item.outcome),
            withdraws=item.outcome == "overturned" != ruling.outcome,
        )
        return self.store.take(step)

    def _step(
        self,
        before: ReviewItem,
        after: ReviewItem,
        act: Act,
        *,
        ruling: Ruling | None = None,
        appeal: Appeal | None = None,
    ) -> ReviewItem:
        return self.store.take(ReviewStep(before=before, after=after, act=act, ruling=ruling, appeal=appeal))

    def _act(self, action: str, draft_id: str, by: Person, **detail: str | int) -> Act:
        return Act(at=self.clock.now(), actor=by.id, action=action, subject=draft_id, detail=detail)


def _moved(item: ReviewItem, status: ReviewStatus) -> ReviewItem:
    """Return an item in another status, for somebody else to take."""
    return item.model_copy(update={"status": status, "assignee": None})

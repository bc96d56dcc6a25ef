"""From a text that waits to a text that may leave: what people do with drafts, and who may."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal, Protocol
from uuid import uuid4

from drafter.desk.briefing import with_days
from drafter.desk.checking import check_reply
from drafter.desk.conditions import FourEyes, leads, of_the_lead, readable, storable
from drafter.desk.contact import may_go_out_at
from drafter.desk.intake import detect_language
from drafter.desk.lifecycle import Move, after
from drafter.desk.steps import act_on, changed, decision_on
from drafter.domain import Act, AddedFacts, Case, Decision, Delivery, Draft, DraftStatus, Edit, Person, Step
from drafter.errors import ConflictError, ForbiddenError, InputError, NotApprovableError
from drafter.ports import Clock
from guardrails import Facts, Guard, Verdict


class Drafts(Protocol):
    """Where drafts are kept; `drafter.store.drafts` says what each raises."""

    def draft(self, draft_id: str) -> Draft: ...
    def add(self, draft: Draft, act: Act) -> Draft: ...
    def versions(self, draft_id: str) -> list[tuple[int, str, str | None]]: ...
    def take(self, step: Step) -> Draft: ...
    def decision(self, draft_id: str) -> Decision | None: ...
    def delivery(self, draft_id: str) -> Delivery | None: ...


@dataclass(frozen=True)
class Approvals:
    """What people do with drafts.

    Attributes:
        case: finds a case by id.
        guard: the guard of a jurisdiction, with the policy of today.
        undo: how long an approval can be taken back.
    """

    drafts: Drafts
    case: Callable[[str], Case]
    guard: Callable[[str], Guard]
    clock: Clock
    undo: timedelta = timedelta(seconds=10)
    four_eyes: FourEyes = field(default_factory=FourEyes)

    def check(self, draft: Draft, text: str, *, facts: Facts | None = None) -> Verdict:
        """Return what the guardrails and the house style say about a text in place of a draft's.

        Args:
            draft: which message it answers, and what it is checked against.
            text: the text as edited.
            facts: in place of the draft's own.
        """
        case = self.case(draft.case_id)
        facts = facts or draft.facts or case.facts
        guard, lang = self.guard(case.jurisdiction), detect_language(text)
        return check_reply(guard, text, lang=lang, facts=facts, inbound=case.message.text)

    def write(self, case_id: str, text: str, *, by: Person) -> Draft:
        """Keep a reply that a person wrote instead of a model, with its verdict.

        Raises:
            InputError: the text is empty or too long.
            NotFoundError: there is no such case.
            StorageError: nothing was written.
        """
        readable(text)
        case, now = self.case(case_id), self.clock.now()
        policy = self.guard(case.jurisdiction).policy.file
        facts = with_days(case, case.facts.today or now.date(), policy, ())
        blank = Draft(
            id=uuid4().hex,
            case_id=case_id,
            text=text,
            version=1,
            verdict=Verdict(verdict="reject", policy=""),
            created_at=now,
            source="human",
            facts=facts,
            message_number=case.message_number,
            edited_by=by.id,
        )
        verdict = self.check(blank, text)
        draft = blank.model_copy(
            update={"verdict": verdict, "status": "awaiting_approval" if verdict.passed else "rejected"}
        )
        return self.drafts.add(draft, act_on(draft, by, "draft.write", now, verdict=verdict.verdict, version=1))

    def edit(
        self,
        draft_id: str,
        text: str,
        *,
        version: int,
        by: Person,
        facts: Facts | None = None,
        added: AddedFacts | None = None,
    ) -> Draft:
        """Keep another text as the draft's next version, with its verdict.

        Args:
            draft_id: the draft.
            text: the whole text.
            version: the version that was edited.
            by: who edited it.
            facts: what the text is checked against from now on; the draft's own when None.
            added: those of them that were added for this reply alone.

        Raises:
            InputError: the text is empty or too long.
            ForbiddenError: it is before a lead, and this person is none.
            ConflictError: the draft has changed, or can no longer be edited.
            NotFoundError: there is no such draft.
            StorageError: nothing was written.
        """
        readable(text)
        draft = self.drafts.draft(draft_id)
        of_the_lead(draft, by)
        verdict = self.check(draft, text, facts=facts)
        now = self.clock.now()
        told = {"added": ", ".join(added.names)} if added else {}
        if facts is not None:
            told["facts"] = changed(draft.facts or self.case(draft.case_id).facts, facts)
        return self.drafts.take(
            Step(
                draft_id=draft_id,
                version=version,
                leaving=draft.status,
                entering=after(draft.status, "pass" if verdict.passed else "reject"),
                leading=leads(by),
                edit=Edit(text=text, verdict=verdict, by=by.id, at=now, facts=facts, added=added),
                act=act_on(
                    draft, by, "draft.edit", now, text=text, verdict=verdict.verdict, version=version + 1, **told
                ),
            )
        )

    def ground(self, draft_id: str, text: str, added: AddedFacts, *, version: int, by: Person) -> Draft:
        """Let a reply rest on facts that a person adds for it alone, in place of those added before; check it again.

        Args:
            draft_id: the draft.
            text: the whole text, edited or not.
            added: the facts; nothing of the account itself changes.
            version: the version that was read.
            by: who knows them to be true.

        Raises:
            InputError, ForbiddenError, ConflictError, NotFoundError, StorageError: as for `edit`.
        """
        draft = self.drafts.draft(draft_id)
        case = self.case(draft.case_id)
        known = draft.added.out_of(draft.facts or case.facts, account=case.facts)
        today, policy = known.today or self.clock.now().date(), self.guard(case.jurisdiction).policy.file
        known = with_days(case.model_copy(update={"facts": known}), today, policy)
        return self.edit(draft_id, text, version=version, by=by, facts=added.to(known), added=added)

    def approve(self, draft_id: str, *, version: int, sha256: str, by: Person) -> Draft:
        """Let a draft's exact text go; done again by the same person for the same text, it changes nothing.

        Args:
            draft_id: the draft.
            version: the version that was read.
            sha256: of the text that was read.
            by: the named human; may approve.

        Raises:
            ForbiddenError: this person may not approve, or not this text, or it is before a lead.
            ConflictError: the draft or its text has changed, it is stale, or it is past approving.
            NotApprovableError: the text does not pass under the policy of today.
            NotFoundError: there is no such draft.
            StorageError: nothing was written.
        """
        if "approve" not in by.rights:
            raise ForbiddenError("You may not approve replies; ask an agent or a lead.")
        draft = self.drafts.draft(draft_id)
        if self._approved_already(draft, version, sha256, by):
            return draft
        if draft.version != version or draft.text_sha256 != sha256:
            raise ConflictError(
                "The text has changed since you read it; nothing was approved. Read it again, then approve."
            )
        case = self.case(draft.case_id)
        entering = self._may_be_approved(draft, case, by)
        verdict = self.check(draft, draft.text)
        if not verdict.passed:
            raise NotApprovableError(
                "The text does not pass the guardrails; nothing was approved. Edit it and try again."
            )
        now = self.clock.now()
        decision = decision_on(draft, by, "approved", now, policy=verdict.policy)
        leaves = max(now + self.undo, may_go_out_at(case, self.guard(case.jurisdiction).policy.file, now))
        step = Step(
            draft_id=draft_id,
            version=version,
            leaving=draft.status,
            entering=entering,
            fresh=True,
            leading=leads(by),
            decision=decision,
            delivery=Delivery(
                id=f"{draft_id}-{version}",
                draft_id=draft_id,
                version=version,
                case_id=draft.case_id,
                channel=case.channel or "clipboard",
                not_before=leaves,
            ),
            act=act_on(draft, by, "draft.approve", now, policy=verdict.policy, version=version),
        )
        try:
            return self.drafts.take(step)
        except ConflictError:
            # A second click may be read before the first is written.
            draft = self.drafts.draft(draft_id)
            if self._approved_already(draft, version, sha256, by):
                return draft
            raise

    def withdraw(self, draft_id: str, *, by: Person) -> Draft:
        """Take an approval back before the text leaves, or before somebody has carried it away.

        Raises:
            ConflictError: it has left already, or was never approved.
            NotFoundError: there is no such draft.
            StorageError: nothing was written.
        """
        draft = self.drafts.draft(draft_id)
        entering, now = after(draft.status, "withdraw"), self.clock.now()
        delivery = self.drafts.delivery(draft_id)
        if draft.status == "queued" and (delivery is None or delivery.status != "in_hand"):
            raise ConflictError("The desk is sending this text; nothing was done. It can no longer be taken back.")
        return self.drafts.take(
            Step(
                draft_id=draft_id,
                version=draft.version,
                leaving=draft.status,
                entering=entering,
                decision=decision_on(draft, by, "withdrawn", now),
                delivery=delivery and delivery.model_copy(update={"status": "withdrawn"}),
                seen=delivery,
                act=act_on(draft, by, "draft.withdraw", now, version=draft.version),
            )
        )

    def discard(self, draft_id: str, *, reason: str, by: Person) -> Draft:
        """Put a draft aside for good.

        Raises:
            InputError: no reason is given.
            ConflictError: it is past discarding.
            NotFoundError: there is no such draft.
            StorageError: nothing was written.
        """
        return self._end(draft_id, "discard", "discarded", reason, by)

    def escalate(self, draft_id: str, *, reason: str, by: Person) -> Draft:
        """Hand a draft on to a lead.

        Raises:
            InputError: no reason is given.
            ConflictError: it is past escalating.
            NotFoundError: there is no such draft.
            StorageError: nothing was written.
        """
        return self._end(draft_id, "escalate", "escalated", reason, by)

    def _end(
        self, draft_id: str, move: Move, outcome: Literal["discarded", "escalated"], reason: str, by: Person
    ) -> Draft:
        if not reason.strip():
            raise InputError("Say why in a few words; nothing was done.")
        storable(reason)
        draft = self.drafts.draft(draft_id)
        of_the_lead(draft, by)
        entering, now = after(draft.status, move), self.clock.now()
        return self.drafts.take(
            Step(
                draft_id=draft_id,
                version=draft.version,
                leaving=draft.status,
                entering=entering,
                leading=leads(by),
                decision=decision_on(draft, by, outcome, now, reason=reason.strip()),
                act=act_on(draft, by, f"draft.{move}", now, version=draft.version),
            )
        )

    def _may_be_approved(self, draft: Draft, case: Case, by: Person) -> DraftStatus:
        of_the_lead(draft, by)
        if draft.status == "rejected":
            raise NotApprovableError(
                "The text does not pass the guardrails; nothing was approved. Edit it and try again."
            )
        entering = after(draft.status, "approve")
        if draft.stale:
            raise ConflictError(
                "The debtor has written again since this draft was made; nothing was approved. Ask for a fresh draft."
            )
        editors = {editor for _, _, editor in self.drafts.versions(draft.id) if editor}
        if self.four_eyes.forbids((case.facts, draft.facts), editors, by):
            raise ForbiddenError("You edited this text, and for this amount somebody else must approve it.")
        return entering

    def _approved_already(self, draft: Draft, version: int, sha256: str, by: Person) -> bool:
        if draft.status not in ("approved", "queued", "delivered"):
            return False
        decision = self.drafts.decision(draft.id)
        return decision is not None and (
            (decision.outcome, decision.version, decision.text_sha256, decision.decided_by)
            == ("approved", version, sha256, by.id)
        )

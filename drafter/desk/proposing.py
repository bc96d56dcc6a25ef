"""Changes of a rule that reviewers propose: what each would have altered, and who lets it go live."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from drafter.desk.intake import detect_language
from drafter.domain import Act, Altered, Effect, Person, Proposal, ProposalStatus, ReviewText
from drafter.errors import ForbiddenError, InputError, StorageError
from drafter.ports import Clock
from guardrails import Guard
from guardrails.amending import Amendment
from guardrails.model import DEFAULT_JURISDICTION, Verdict
from guardrails.policy import load_policy
from guardrails.selftest import examples, judge

MOST_DECISIONS: Final = 5_000


class ProposalStore(Protocol):
    """Where proposals are kept; `drafter.store.proposals` says what each raises."""

    def proposal(self, proposal_id: str) -> Proposal: ...
    def all(self, *, status: ProposalStatus | None = None, draft_id: str | None = None) -> tuple[Proposal, ...]: ...
    def decide(self, decided: Proposal, act: Act) -> Proposal: ...
    def past(self, most: int) -> list[ReviewText]: ...


@dataclass(frozen=True)
class Proposals:
    """What a second person does with proposals.

    Attributes:
        guard: the guard of a jurisdiction, under the rules in force.
        rules: the folder in which approved changes are kept, for `guardrails.amending.read_amendments`.
        most: of how many past decisions, the newest first, an effect is reckoned.
    """

    store: ProposalStore
    guard: Callable[[str], Guard]
    clock: Clock
    rules: Path
    most: int = MOST_DECISIONS

    def effect(self, proposal_id: str) -> Effect:
        """Judge past texts with and without a proposal and return where the verdicts differ.

        A proposal without a phrase is told in words only; nothing can be reckoned of it.

        Raises:
            NotFoundError: there is no such proposal.
            PolicyError: its phrase cannot be used.
        """
        proposal = self.store.proposal(proposal_id)
        past = self.store.past(self.most)
        if not proposal.unless:
            return Effect(proposal_id=proposal.id, decisions=len(past), altered=())
        then = _Changed(self.guard, amendment_of(proposal))
        altered = [one for text in past if (one := _altered(text, proposal, self.guard, then)) is not None]
        altered.sort(key=lambda one: not one.upheld)
        return Effect(
            proposal_id=proposal.id,
            decisions=len(past),
            altered=tuple(altered),
            lost=tuple(_lost(proposal, self.guard, then)),
        )

    def approve(self, proposal_id: str, *, by: Person) -> Proposal:
        """Let a proposal go live: its change joins the others in the folder of rules.

        Raises:
            ForbiddenError: this person is no QA lead, or proposed it.
            InputError: the rule would no longer find its own violating examples.
            ConflictError: it is decided already.
            NotFoundError: there is no such proposal.
            StorageError: it is not decided, or it is and the folder could not be written; `publish` does it then.
        """
        proposal = self._decidable(proposal_id, by)
        effect = self.effect(proposal_id)
        if effect.lost:
            raise InputError(
                "With this change the rule would no longer find its own example “{example}”; nothing was approved.",
                example=effect.lost[0],
            )
        counted = {"altered": len(effect.altered), "decisions": effect.decisions}
        decided = self._decide(proposal, "approved", by, "", **counted)
        self.publish()
        return decided

    def decline(self, proposal_id: str, *, reason: str, by: Person) -> Proposal:
        """Turn a proposal down.

        Raises:
            ForbiddenError: this person is no QA lead, or proposed it.
            InputError: no reason is given.
            ConflictError: it is decided already.
            NotFoundError: there is no such proposal.
            StorageError: nothing was written.
        """
        if not reason.strip():
            raise InputError("Say why in a few words; nothing was done.")
        return self._decide(self._decidable(proposal_id, by), "declined", by, reason.strip())

    def amendments(self) -> tuple[Amendment, ...]:
        """Return every approved change, as the guardrails read it."""
        approved = (one for one in reversed(self.store.all(status="approved")) if one.unless)
        return tuple(amendment_of(one) for one in approved)

    def publish(self) -> None:
        """Write every approved change to the folder of rules; done again, it changes nothing.

        Raises:
            StorageError: the folder cannot be written.
        """
        try:
            self.rules.mkdir(parents=True, exist_ok=True)
            for proposal in self.store.all(status="approved"):
                if proposal.unless:
                    # JSON is YAML too, and a file is there whole or not at all.
                    written = self.rules / f"{proposal.id}.part"
                    written.write_text(amendment_of(proposal).model_dump_json(indent=2) + "\n", encoding="utf-8")
                    written.replace(self.rules / f"{proposal.id}.yaml")
        except OSError as error:
            raise StorageError(
                "The change is approved, but {folder} cannot be written ({why}); mend that, then run "
                "`drafter review publish`.",
                folder=self.rules,
                why=error.strerror,
            ) from error

    def _decidable(self, proposal_id: str, by: Person) -> Proposal:
        if "review-lead" not in by.rights:
            raise ForbiddenError("You may not do this; it needs the right “{right}”.", right="review-lead")
        proposal = self.store.proposal(proposal_id)
        if proposal.proposed_by == by.id:
            raise ForbiddenError("You proposed this change; a second person must decide about it.")
        return proposal

    def _decide(self, proposal: Proposal, status: ProposalStatus, by: Person, note: str, **counted: int) -> Proposal:
        now = self.clock.now()
        told = {"status": status, "decided_by": by.id, "decided_at": now, "decision_note": note, **counted}
        detail = {"proposal": proposal.id, "rule": proposal.rule, **counted}
        act = Act(at=now, actor=by.id, action=f"proposal.{status}", subject=proposal.draft_id, detail=detail)
        return self.store.decide(proposal.model_copy(update=told), act)


def amendment_of(proposal: Proposal) -> Amendment:
    """Return a proposal as the guardrails read it."""
    return Amendment(rule=proposal.rule, lang=proposal.lang, entries=proposal.entries, unless=proposal.unless)


class _Changed:
    """The guards of each jurisdiction with one change more than those in force."""

    def __init__(self, guard: Callable[[str], Guard], amendment: Amendment) -> None:
        self._guard = guard
        self._amendment = amendment
        self._made: dict[str, Guard] = {}

    def __call__(self, jurisdiction: str) -> Guard:
        if jurisdiction not in self._made:
            now = self._guard(jurisdiction)
            amendments = (*now.policy.amendments, self._amendment)
            self._made[jurisdiction] = Guard(load_policy(jurisdiction, now.policy.home, amendments), now.detectors)
        return self._made[jurisdiction]


def _altered(
    text: ReviewText, proposal: Proposal, guard: Callable[[str], Guard], then: Callable[[str], Guard]
) -> Altered | None:
    # An exception only ever takes findings of its own rule away: what had none was not decided by it.
    if all(finding.rule != proposal.rule for finding in text.verdict.findings):
        return None
    if detect_language(text.text) != proposal.lang:
        return None
    now = _verdict(guard, text)
    changed = _verdict(then, text)
    if now.verdict == changed.verdict:
        return None
    return Altered(
        draft_id=text.draft_id,
        version=text.version,
        now=now.verdict,
        then=changed.verdict,
        upheld=text.outcome == "upheld",
    )


def _verdict(guard: Callable[[str], Guard], text: ReviewText) -> Verdict:
    lang = detect_language(text.text)
    return guard(text.jurisdiction).check(text.text, lang=lang, facts=text.facts, inbound=text.inbound)


def _lost(proposal: Proposal, guard: Callable[[str], Guard], then: Callable[[str], Guard]) -> Iterator[str]:
    """Yield the rule's violating examples that were found and would be no more."""
    rule = guard(proposal.jurisdiction).policy.rules[proposal.rule]
    for lang, kind, example in examples(rule):
        if lang != proposal.lang or kind != "violating":
            continue
        where = example.jurisdiction or DEFAULT_JURISDICTION[lang]
        if judge({where: then(where)}, rule, lang, kind, example) is None:
            continue
        if judge({where: guard(where)}, rule, lang, kind, example) is None:
            yield example.text

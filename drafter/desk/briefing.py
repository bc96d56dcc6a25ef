"""What the model may know of one case, and the way back from its answer to a reply."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from drafter.desk.masking import Masked, mask
from drafter.desk.prompting import PromptBook
from drafter.desk.slots import fill, slots, unfill
from drafter.desk.tiers import follow_up_date
from drafter.desk.triage import PROMPT_INJECTION
from drafter.domain import Case, Prompt, Triage
from guardrails import Facts, Finding

_SENTENCE = re.compile(r"[^。！？!?\n]*[。！？!?\n]?")


@dataclass(frozen=True)
class Brief:
    """A case laid out for drafting: no name, number or figure of it reaches the model.

    Attributes:
        facts: the case's, with today's date and the planned follow-up, which the reply may then name.
        masked: the debtor's message without personal data, and without sentences that give the model orders.
        slots: what code fills in after the model, by name.
    """

    case: Case
    facts: Facts
    masked: Masked
    slots: Mapping[str, str]
    triage: Triage
    prompts: PromptBook

    @classmethod
    def of(cls, case: Case, triage: Triage, *, prompts: PromptBook, today: date) -> Brief:
        """Lay out a case.

        Args:
            case: the debtor's message and what is known of the account.
            triage: what the message is about.
            prompts: the templates.
            today: the day of writing where the facts name none.
        """
        facts = with_days(case, today)
        lang = case.message.lang
        return cls(
            case=case,
            facts=facts,
            masked=mask(_without_orders(case.message.text, triage), lang=lang, facts=facts),
            slots=slots(facts, lang=lang, jurisdiction=case.jurisdiction),
            triage=triage,
            prompts=prompts,
        )

    def prompt(self) -> Prompt:
        """Return the prompt for a first draft.

        Raises:
            PromptError: a template cannot be used.
        """
        return self.prompts.reply(
            lang=self.case.message.lang,
            tier=self.case.tier,
            slots=tuple(self.slots),
            message=self.masked.text,
            signals=self.triage.signals,
            injection=self.triage.injection,
        )

    def repair(self, first: Prompt, findings: Sequence[Finding]) -> Prompt:
        """Return the prompt that asks again after a rejection; what code filled in is taken out of the findings.

        Raises:
            PromptError: a template cannot be used.
        """
        told = [
            finding.model_copy(
                update={"quote": self._without_facts(finding.quote), "reason": self._without_facts(finding.reason)}
            )
            for finding in findings
        ]
        return self.prompts.repair(first, told, lang=self.case.message.lang)

    def reply(self, answer: str) -> str:
        """Return the reply that a model's answer stands for, with figures and names filled in."""
        return self.masked.restore(fill(answer.strip(), self.slots))

    def fallback(self) -> str:
        """Return the house's own reply to this case.

        Raises:
            PromptError: the template cannot be used.
        """
        written = self.prompts.fallback(
            lang=self.case.message.lang, tier=self.case.tier, slots=tuple(self.slots), signals=self.triage.signals
        )
        return fill(written, self.slots)

    def _without_facts(self, text: str) -> str:
        return self.masked.conceal(unfill(text, self.slots))


def with_days(case: Case, today: date) -> Facts:
    """Return the facts with today's date and the planned follow-up where they name none."""
    day = case.facts.today or today
    planned = case.facts.follow_up_date or follow_up_date(case.tier, day)
    return case.facts.model_copy(update={"today": day, "follow_up_date": planned})


def _without_orders(message: str, triage: Triage) -> str:
    """Return the message without the sentences in which triage saw orders to the model.

    A small model obeys what it reads, whatever it was told about it. This only spares a wasted draft; what keeps such a
    draft from being sent is the guardrails.
    """
    orders = [item for item in triage.evidence if item.signal == PROMPT_INJECTION]
    sentences = _SENTENCE.finditer(message)
    return "".join(
        sentence[0]
        for sentence in sentences
        if not any(item.start < sentence.end() and sentence.start() < item.end for item in orders)
    ).strip()

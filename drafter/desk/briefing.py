"""What the model may know of one case, and the way back from its answer to a reply."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from drafter.desk.contact import follow_up_day
from drafter.desk.house import House, Occasion
from drafter.desk.masking import Masked, mask
from drafter.desk.plan import BY_AGENT, BY_MODEL, Plan, make_plan, turn_of
from drafter.desk.promises import promises
from drafter.desk.prompting import PromptBook
from drafter.desk.signals import PROMPT_INJECTION
from drafter.desk.slots import fill, slots, unfill
from drafter.desk.style import invented, style_findings
from drafter.desk.telling import said
from drafter.desk.tiers import voice_of
from drafter.desk.weaving import parrots, passage
from drafter.domain import Case, History, Promise, Prompt, Tier, Triage, Wish, Writing
from guardrails import Facts, Finding, Guard, Severity
from guardrails.model import Language
from guardrails.rulebook import PolicyFile

_EXAMPLES = 2
_MOST_EXCHANGES = 6
# The beginning of a slot or of a token, which is another text as soon as it is whole.
_UNFINISHED = re.compile(r"[\[［【〔(（{<〈《][^\]］】〕)）}>〉》]{0,24}\Z")
_SENTENCE = re.compile(r"[^。！？!?\n]*[。！？!?\n]?")


@dataclass(frozen=True)
class Brief:
    """A case laid out for drafting: no name, number or figure of it reaches the model.

    Attributes:
        facts: the case's, with today's date and the planned follow-up, which the reply may then name.
        masked: the debtor's message without personal data, and without sentences that give the model orders.
        slots: what code fills in after the model, by name.
        plan: what the reply is going to say, in the house's own words.
        promises: what the message promises to pay.
        writing: "woven" where the model writes only the move `BY_MODEL` and the house says the rest.
        wish: what the agent wants otherwise this time.
    """

    case: Case
    facts: Facts
    masked: Masked
    slots: Mapping[str, str]
    triage: Triage
    prompts: PromptBook
    house: House
    plan: Plan
    writing: Writing
    promises: tuple[Promise, ...] = ()
    wish: Wish = field(default_factory=Wish)

    @classmethod
    def of(
        cls,
        case: Case,
        triage: Triage,
        *,
        prompts: PromptBook,
        house: House,
        guard: Guard,
        today: date,
        writing: Writing,
        history: History | None = None,
        wish: Wish | None = None,
    ) -> Brief:
        """Lay out a case.

        Args:
            case: the debtor's message and what is known of the account.
            triage: what the message is about.
            prompts: the templates.
            house: the phrases of the reply's language.
            guard: says what a first contact must tell, and which phrases may not be used here.
            today: the day of writing where the facts name none.
            writing: how much of the reply the model writes.
            history: what was suggested and promised in the case before.
            wish: what the agent wants otherwise this time.
        """
        history, wish = history or History(), wish or Wish()
        wish = wish.model_copy(update={"sentence": said(wish, case, triage)})
        day, policy = case.facts.today or today, guard.policy
        promised = promises(case.message, triage, today=day, leading=policy.file.dates)
        facts = with_days(case, day, policy.file, promised)
        lang = wish.lang or case.message.lang
        filled = slots(_in_language(facts, case, lang), lang=lang, jurisdiction=case.jurisdiction)
        # An agent may name persons of whom neither message nor facts know.
        masked = mask(
            _without_orders(case.message.text, triage),
            lang=case.message.lang,
            facts=facts,
            beside=[unfill(wish.sentence, filled)],
        )
        voice = voice_of(case.tier, wish.tone)
        occasion = Occasion(
            tier=voice,
            signals=(*triage.signals, *kept_or_broken((*case.promises, *history.promises))),
            slots=filled.keys(),
            overdue=_overdue(facts),
            message=masked.text,
            asked=told_already(triage, promised),
            said=house.said_in((*(turn.text for turn in case.conversation if turn.by == "desk"), *history.texts)),
            turn=turn_of(case.id, len(history.texts)),
            leave_out=tuple(_left_out(case.tier, voice, wish)),
            most_answers=1 if wish.shorter else Occasion.most_answers,
            sentence=wish.sentence,
        )
        brief = cls(
            case=case,
            facts=facts,
            masked=masked,
            slots=filled,
            triage=triage,
            prompts=prompts,
            house=house,
            promises=promised,
            plan=make_plan(occasion, house=house, policy=policy, facts=facts, lang=lang, slots=filled),
            writing=writing,
            wish=wish,
        )
        return brief._settled(guard)

    @property
    def lang(self) -> Language:
        """The language of the reply."""
        return self.wish.lang or self.case.message.lang

    def prompt(self) -> Prompt:
        """Return the prompt for a first draft.

        Raises:
            PromptError: a template cannot be used.
        """
        lang, tier = self.lang, self.plan.occasion.tier
        if self.writing == "woven":
            wish = self.prompts.wish(self.wish, lang=lang)
            concern = self.plan.phrase(BY_MODEL)
            label = concern.label if concern and concern.label else ""
            return self.prompts.woven(lang=lang, tier=tier, message=self.masked.text, label=label, wish=wish)
        said = [phrase.text for move, phrase in self.plan.phrases if move not in (BY_MODEL, BY_AGENT)]
        nearest = self.house.nearest(BY_MODEL, self.masked.text, self.plan.occasion, most=_EXAMPLES)
        return self.prompts.reply(
            lang=lang,
            tier=tier,
            slots=tuple(self.slots),
            message=self.masked.text,
            answers=said,
            examples=[phrase.text for phrase in nearest],
            wish=self.prompts.wish(self.wish, lang=lang, sentence=self._without_facts(self.wish.sentence)),
            injection=self.triage.injection,
        )

    def repair(self, first: Prompt, findings: Sequence[Finding]) -> Prompt:
        """Return the prompt that asks again after a rejection; what code filled in is taken out of the findings.

        A small model repeats advice instead of following it, so that it is only told what must not come again.

        Raises:
            PromptError: a template cannot be used.
        """
        told = [
            finding.model_copy(
                update={
                    "quote": self._without_facts(finding.quote),
                    "reason": self._without_facts(finding.reason),
                    "suggestion": self._without_facts(finding.suggestion)
                    if finding.suggestion and self.writing == "whole"
                    else None,
                }
            )
            for finding in findings
            if self.writing == "whole" or finding.quote
        ]
        concern = self.plan.phrase(BY_MODEL)
        compliant = [concern.text] if concern else []
        return self.prompts.repair(first, told, lang=self.lang, examples=compliant)

    def reply(self, answer: str, prompt: Prompt) -> str:
        """Return the reply that a model's whole answer to a prompt stands for, with figures and names filled in.

        Where the answer holds nothing that belongs into the reply, or repeats the prompt, that is nothing.
        """
        if self.writing == "whole":
            return self._restored(answer.strip())
        heard = passage(answer, lang=self.lang)
        told = [message.content for message in prompt.messages]
        own = (*(phrase.text for phrase in self.house.phrases[BY_MODEL]), self.masked.text)
        if not heard or parrots(heard, told=told, own=own, lang=self.lang):
            return ""
        return self.plan.text(self._restored(heard))

    def so_far(self, answer: str) -> str:
        """Return the reply as far as an answer is written; it only ever grows."""
        text = self._restored(_UNFINISHED.sub("", answer.strip()))
        return text if self.writing == "whole" else self.plan.so_far(text)

    def fallback(self) -> str:
        """Return the house's own reply to this case."""
        return self.plan.text()

    def _settled(self, guard: Guard) -> Brief:
        """Return the brief with another phrase for each that may not be said here, or speaks of what nobody said."""
        brief = self
        for _ in range(_MOST_EXCHANGES):
            lang, plan = self.lang, brief.plan
            text, inbound = plan.text(), self.case.message.text
            verdict = guard.check(text, lang=lang, facts=self.facts, inbound=inbound)
            style = invented(style_findings(text, lang=lang, facts=self.facts, inbound=inbound))
            blocked = [finding for finding in verdict.findings if finding.severity is Severity.BLOCK]
            places = [finding.start for finding in (*blocked, *style)]
            unfit = {phrase.text: phrase for place in places if (phrase := plan.at(place))}
            if not unfit:
                break
            occasion = replace(plan.occasion, barred=(*plan.occasion.barred, *unfit))
            made = make_plan(
                occasion, house=self.house, policy=guard.policy, facts=self.facts, lang=lang, slots=self.slots
            )
            brief = replace(brief, plan=made)
        return brief

    def _restored(self, text: str) -> str:
        return self.masked.restore(fill(text, self.slots))

    def _without_facts(self, text: str) -> str:
        return self.masked.conceal(unfill(text, self.slots))


def _in_language(facts: Facts, case: Case, lang: Language) -> Facts:
    """Return the facts without what is written in sentences of another language than the reply's."""
    return facts if lang == case.message.lang else facts.model_copy(update={"authorised_offers": ()})


def _left_out(tier: Tier, voice: Tier, wish: Wish) -> Iterator[str]:
    """Yield the moves that a wish leaves out: what a warmer tier is told of itself is not true of this debtor."""
    if wish.shorter or (wish.tone == "warmer" and voice is not tier):
        yield "reflection"


def _overdue(facts: Facts) -> bool:
    """Tell whether the facts say that the due date has passed."""
    if facts.days_past_due is not None:
        return facts.days_past_due > 0
    return facts.due_date is not None and facts.today is not None and facts.due_date < facts.today


def with_days(case: Case, today: date, policy: PolicyFile, promised: Sequence[Promise] = ()) -> Facts:
    """Return the facts with today's date and the planned follow-up where they name none."""
    days = [promise.due for promise in promised if promise.due is not None]
    planned = case.facts.follow_up_date or follow_up_day(case, policy, today, promised=days)
    return case.facts.model_copy(update={"today": today, "follow_up_date": planned})


def kept_or_broken(earlier: Sequence[Promise]) -> Iterator[str]:
    """Yield what became of the latest promise that was settled, as a name that phrases are chosen by."""
    settled = [promise.status for promise in earlier if promise.status != "open"]
    if settled:
        yield f"promise_{settled[-1]}"


def told_already(triage: Triage, promised: Sequence[Promise]) -> frozenset[str]:
    """Return what the debtor has told, so that no question asks for it."""
    told = set()
    if "hardship" in triage.signals:
        told.add("reason")
    if any(promise.due for promise in promised):
        told |= {"time"}
        if any(promise.amount for promise in promised):
            told |= {"day", "means", "amount"}
    return frozenset(told)


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

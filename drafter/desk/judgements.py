"""What a reviewer says, made whole and held against the text: a judgement becomes a ruling, an overturn a proposal."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from uuid import uuid4

from drafter.desk.intake import detect_language
from drafter.domain import (
    FindingOutcome,
    FindingRuling,
    Judgement,
    Miss,
    Outcome,
    Proposal,
    ReviewText,
    Ruling,
    Stage,
)
from drafter.errors import InputError
from guardrails import Guard
from guardrails.model import Finding, Severity, Verdict
from guardrails.patterns import parse
from guardrails.tracing import entries_at


def ruling_of(
    given: Judgement, text: ReviewText, guard: Callable[[str], Guard], *, stage: Stage, by: str, at: datetime
) -> Ruling:
    """Return the ruling that a judgement of a text is, with what it leaves unsaid filled in.

    Raises:
        InputError: it lacks a reason, contradicts itself, or does not fit the text.
    """
    findings = _findings(given, text)
    _consistent(given.outcome, findings, text)
    if given.outcome == "overturned" and given.reason is None:
        raise InputError(
            "An overturned verdict needs a reason: rule-too-broad, context-missing, wrong-span, model-error or "
            "law-outdated; nothing was done."
        )
    misses = _misses(given, text, guard(text.jurisdiction))
    about = given.about
    if given.scope != "this-text":
        about = _about(given, findings, text)
        _usable(given, text, text.verdict.findings[about], guard(text.jurisdiction))
    return Ruling(
        **{**dict(given), "findings": findings, "misses": misses, "about": about},
        draft_id=text.draft_id,
        version=text.version,
        stage=stage,
        by=by,
        at=at,
    )


def proposal_of(
    ruling: Ruling,
    text: ReviewText,
    guard: Callable[[str], Guard],
    *,
    earlier: Sequence[Ruling],
    standing: Outcome | None,
) -> Proposal | None:
    """Return the change of a rule that comes of a ruling that now stands; None where it asks for none.

    Args:
        ruling: the one that stands now.
        text: what it is about.
        guard: the guard of a jurisdiction.
        earlier: those before it, with whose first wish it goes along unless it is the last word.
        standing: what stood before; a change that an overturn asked for then is not asked for again.
    """
    if ruling.outcome != "overturned":
        return None
    wishes = [one for one in earlier if one.outcome == "overturned" and one.scope != "this-text"]
    if standing == "overturned" and wishes:
        return None
    said = ruling if ruling.stage == "final" or ruling.scope != "this-text" or not wishes else wishes[0]
    if said.scope == "this-text" or said.about is None:
        return None
    finding = text.verdict.findings[said.about]
    return Proposal(
        id=uuid4().hex,
        draft_id=text.draft_id,
        version=text.version,
        rule=finding.rule,
        lang=detect_language(text.text),
        jurisdiction=text.jurisdiction,
        quote=finding.quote,
        scope=said.scope,
        entries=_entries(text, finding, guard(text.jurisdiction)) if said.unless else (),
        unless=said.unless,
        note=said.note,
        proposed_by=said.by,
        proposed_at=ruling.at,
    )


def findings_by_rule(outcome: Outcome, rules: Collection[str], verdict: Verdict) -> tuple[FindingRuling, ...]:
    """Return rulings on findings as their rules are named: wrong where the verdict is overturned, right where upheld.

    A finding whose rule is not named is left unsure. Nothing is said of findings where no rule is named, or where
    something was missed.

    Args:
        outcome: what becomes of the verdict.
        rules: of the findings that are meant.
        verdict: whose findings they are.

    Raises:
        InputError: no finding names one of the rules.
    """
    if outcome == "missed" or not rules:
        return ()
    unknown = sorted(set(rules) - {finding.rule for finding in verdict.findings})
    if unknown:
        raise InputError("No finding names the rule {rule}; nothing was done.", rule=repr(unknown[0]))
    said: FindingOutcome = "false-hit" if outcome == "overturned" else "hit"
    return tuple(
        FindingRuling(number=number, ruling=said if finding.rule in rules else "unsure")
        for number, finding in enumerate(verdict.findings)
    )


def _findings(given: Judgement, text: ReviewText) -> tuple[FindingRuling, ...]:
    """Return a ruling on every finding."""
    found = text.verdict.findings
    said = {one.number: one for one in given.findings}
    if len(said) < len(given.findings) or any(number >= len(found) for number in said):
        raise InputError("The findings are numbered from 0, each once; look at them again; nothing was done.")
    unsaid: FindingOutcome = "false-hit" if given.outcome == "overturned" else "hit"
    return tuple(
        said.get(number, FindingRuling(number=number, ruling=unsaid)).model_copy(update={"rule": finding.rule})
        for number, finding in enumerate(found)
    )


def _consistent(outcome: str, findings: tuple[FindingRuling, ...], text: ReviewText) -> None:
    blocking = [
        one.ruling
        for one, finding in zip(findings, text.verdict.findings, strict=True)
        if finding.severity is Severity.BLOCK
    ]
    if outcome == "overturned" and text.verdict.passed:
        raise InputError("This text passed; say what was missed instead; nothing was done.")
    if outcome == "overturned" and "hit" in blocking:
        raise InputError(
            "A text with a true hit stays rejected: uphold the verdict and mark the false hits; nothing was done."
        )
    false_throughout = bool(blocking) and all(one == "false-hit" for one in blocking)
    if outcome == "upheld" and false_throughout and not text.verdict.failed:
        raise InputError("Every hit is marked as false: overturn the verdict; nothing was done.")


def _misses(given: Judgement, text: ReviewText, guard: Guard) -> tuple[Miss, ...]:
    if (given.outcome == "missed") != bool(given.misses):
        raise InputError("What was missed needs a rule and a place in the text, and nothing else does.")
    whole = []
    for miss in given.misses:
        end = len(text.text) if miss.end is None else miss.end
        if miss.rule not in guard.policy.rules:
            raise InputError("There is no rule {rule}; `drafter rules list` shows them all.", rule=repr(miss.rule))
        if not miss.start < end <= len(text.text):
            raise InputError("What was missed must stand in the text; mark it again; nothing was done.")
        whole.append(miss.model_copy(update={"end": end}))
    return tuple(whole)


def _about(given: Judgement, findings: tuple[FindingRuling, ...], text: ReviewText) -> int:
    if given.outcome != "overturned":
        raise InputError("Only an overturned verdict can ask for a change of the rules; nothing was done.")
    false = [one.number for one in findings if one.ruling == "false-hit"]
    blocking = [number for number in false if text.verdict.findings[number].severity is Severity.BLOCK]
    about = given.about if given.about is not None else next(iter(blocking or false), None)
    if about not in false:
        raise InputError("Name the false hit that the change of the rules is about; nothing was done.")
    return about


def _usable(given: Judgement, text: ReviewText, finding: Finding, guard: Guard) -> None:
    """Hold a proposed phrase against the rule that it shall change."""
    if not given.unless:
        if given.scope == "phrase-exception" or not given.note:
            raise InputError("Give the phrase that shall excuse, or say in words how the rule shall change.")
        return
    try:
        parse(given.unless, detect_language(text.text))
    except ValueError as error:
        raise InputError("The phrase that shall excuse cannot be read: {why}", why=str(error)) from error
    if not _entries(text, finding, guard):
        raise InputError(
            "No pattern of the rule found this, so that no phrase can excuse it; ask for a rule-change in words."
        )


def _entries(text: ReviewText, finding: Finding, guard: Guard) -> tuple[str, ...]:
    if finding.rule not in guard.policy.rules:
        return ()
    check = guard.read(text.text, lang=detect_language(text.text), facts=text.facts, inbound=text.inbound)
    return entries_at(check, finding.rule, finding.start, finding.end)

"""Verdicts and suggestions as a person at a terminal reads them."""

from __future__ import annotations

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from drafter.cli.language import _
from drafter.domain import Attempt, Case, HandoverCard, Suggestion, Triage
from guardrails import Finding, Severity, Verdict

_COLOURS = {Severity.BLOCK: "bold red underline", Severity.WARN: "yellow underline"}


def marked(text: str, findings: tuple[Finding, ...]) -> Text:
    """Return the text with every finding underlined."""
    shown = Text(text)
    for finding in findings:
        shown.stylize(_COLOURS[finding.severity], finding.start, finding.end)
    return shown


def show_verdict(console: Console, text: str, verdict: Verdict) -> None:
    """Print a text with its findings, each with rule, reason, law and better wording."""
    console.print(Padding(marked(text, verdict.findings), (0, 2)))
    if verdict.passed:
        console.print(Text(_("pass") + f"  {verdict.policy}", style="green"))
    else:
        console.print(Text(_("reject") + f"  {verdict.policy}", style="bold red"))
    for finding in verdict.findings:
        console.print(Text.assemble("  ", (finding.rule, "bold"), " ", (finding.quote or "", "underline")))
        console.print(Padding(Text(finding.reason), (0, 4)))
        if finding.suggestion:
            console.print(Padding(Text(_("Better: ") + finding.suggestion, style="green"), (0, 4)))
        if finding.citations:
            console.print(Padding(Text("; ".join(finding.citations), style="dim"), (0, 4)))
    for name in verdict.failed:
        console.print(Text("  " + _("could not run: ") + name, style="bold red"))


def show_triage(console: Console, triage: Triage) -> None:
    """Print what a message is about and who answers it."""
    signals = ", ".join(triage.signals) or _("none")
    route = _("a human answers") if triage.route == "human" else _("a draft may be suggested")
    console.print(Text.assemble((_("Signals: "), "bold"), signals, (" -> ", "dim"), route))
    for item in triage.evidence:
        console.print(Text.assemble("  ", (item.signal, "cyan"), f" “{item.quote}”"))


def show_attempt(console: Console, number: int, attempt: Attempt) -> None:
    """Print one attempt with its verdict and what it cost."""
    cost = ""
    if attempt.usage.prompt_tokens:
        cost = _("{prompt} prompt tokens ({cached} cached), {written} written, {seconds:.1f} s").format(
            prompt=attempt.usage.prompt_tokens,
            cached=attempt.usage.cached_tokens,
            written=attempt.usage.completion_tokens,
            seconds=attempt.latency_ms / 1000,
        )
    console.print(
        Text.assemble((_("Attempt {number}").format(number=number), "bold"), f" {attempt.model}  ", (cost, "dim"))
    )
    show_verdict(console, attempt.text, attempt.verdict)


def show_handover(console: Console, cards: tuple[HandoverCard, ...]) -> None:
    """Print what an agent needs who hands a message on."""
    for card in cards:
        console.print(Text(card.title, style="bold cyan"))
        for title, told in (
            (_("What it means: "), card.means),
            (_("What the law asks: "), card.law),
            (_("To say at once: "), card.say),
            (_("Hand over to: "), card.to),
        ):
            if told:
                console.print(Padding(Text.assemble((title, "bold"), told), (0, 2)))


def show_outcome(console: Console, case: Case, suggestion: Suggestion) -> None:
    """Print what a human would do next."""
    if suggestion.status == "routed_to_human":
        console.print(Text(_("No draft: a person must answer this."), style="bold yellow"))
        return
    if suggestion.status == "rejected":
        console.print(Text(_("No draft passed the guardrails; write this reply yourself."), style="bold red"))
        return
    if suggestion.source == "fallback":
        console.print(Text(_("This is the house's own reply; no draft of the model passed."), style="yellow"))
    console.print(
        Text.assemble(
            (_("Next: "), "bold"),
            _("a named human reads, edits if needed, and approves; then follow up on {date}.").format(
                date=suggestion.next_step.date
            ),
        )
    )
    console.print(Text(_("case {case}, draft {draft}").format(case=case.id, draft=suggestion.draft_id), style="dim"))

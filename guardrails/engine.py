"""The check: normalise, ask every detector, and reject on any block or any detector that could not run."""

from __future__ import annotations

import importlib
import logging
import pkgutil
import time
from collections.abc import Iterable, Iterator, Mapping
from types import ModuleType

from guardrails import detectors
from guardrails.amending import Amendment
from guardrails.checks import Check, Hit
from guardrails.clauses import Reader
from guardrails.disguises import undisguise
from guardrails.judging import Judge, doubtful, known_rule, rule_on
from guardrails.model import Facts, Finding, Language, Severity, Verdict
from guardrails.normalise import normalise
from guardrails.policy import Policy, load_policy
from guardrails.stream import Stream

_log = logging.getLogger(__name__)


class Guard:
    """Judges texts under one policy.

    Args:
        policy: the compiled policy.
        modules: detector id -> its module; by default every file in guardrails/detectors.
    """

    def __init__(self, policy: Policy, modules: Mapping[str, ModuleType] | None = None) -> None:
        self.policy = policy
        self.detectors = dict(modules) if modules is not None else discover()

    @classmethod
    def load(cls, jurisdiction: str, *, amendments: Iterable[Amendment] = ()) -> Guard:
        """Return the guard of a jurisdiction: "CN", "US" or "UK".

        Args:
            jurisdiction: whose law the texts are judged by.
            amendments: what a desk excused on top of the rules, as `guardrails.amending.read_amendments` reads it.

        Raises:
            PolicyError: there is no such policy, or one of its files cannot be used.
        """
        return cls(load_policy(jurisdiction, amendments=amendments))

    def check(
        self,
        text: str,
        *,
        lang: Language | None = None,
        facts: Facts | None = None,
        inbound: str | None = None,
        judge: Judge | None = None,
    ) -> Verdict:
        """Judge one text.

        Args:
            text: the reply as it would be sent.
            lang: the language it should be in; the jurisdiction's own when not given.
            facts: what is true of the account; a figure or deed that does not stand here is ungrounded.
            inbound: the debtor's message that the text answers.
            judge: a model that is asked last, about a doubtful text that nothing else rejects.

        Returns:
            The verdict; findings are sorted by place, their offsets are code points of `text`.
        """
        began = time.perf_counter_ns()
        findings: list[Finding] = []
        failed: list[str] = []
        try:
            check = self.read(text, lang=lang, facts=facts, inbound=inbound)
        except Exception as error:  # noqa: BLE001 - a text that cannot be read must not pass
            _log.error("the text could not be read: %s", type(error).__name__)
            failed.append("normalise")
        else:
            for name, module in self.detectors.items():
                try:
                    findings.extend(self.finding(check, name, hit) for hit in module.find(check))
                except Exception as error:  # noqa: BLE001 - whatever went wrong, "could not run" must reject
                    # The text may be personal: only the kind of error is logged.
                    _log.error("detector %s could not run: %s", name, type(error).__name__)
                    failed.append(name)
            if judge is not None and not failed and not _blocked(findings) and doubtful(check):
                try:
                    findings.extend(self._ruled(check, judge))
                except Exception as error:  # noqa: BLE001 - a judge that cannot answer rejects
                    _log.error("the judge could not rule: %s", type(error).__name__)
                    failed.append("judge")
        rejected = bool(failed) or _blocked(findings)
        return Verdict(
            verdict="reject" if rejected else "pass",
            policy=self.policy.name,
            findings=tuple(_ordered(findings)),
            failed=tuple(failed),
            elapsed_us=(time.perf_counter_ns() - began) // 1000,
        )

    def read(
        self, text: str, *, lang: Language | None = None, facts: Facts | None = None, inbound: str | None = None
    ) -> Check:
        """Return a text as every detector reads it; the arguments are those of `check`."""
        language = lang or self.policy.file.language
        canonical = undisguise(normalise(text))
        heard = normalise(inbound) if inbound else None
        return Check(
            text=text,
            canonical=canonical,
            lang=language,
            jurisdiction=self.policy.jurisdiction,
            facts=facts or Facts(),
            inbound=heard,
            reader=Reader(canonical.folded, language, heard.folded if heard else None),
            policy=self.policy,
        )

    def _ruled(self, check: Check, judge: Judge) -> Iterator[Finding]:
        ruling, (start, end) = rule_on(judge, check)
        if ruling.label == "unlawful":
            rule = known_rule(ruling, self.policy.rules)
            yield self.finding(check, "judge", Hit(rule, *check.canonical.span(start, end)))

    def stream(self, *, lang: Language | None = None, facts: Facts | None = None, inbound: str | None = None) -> Stream:
        """Return a watcher of a text that is still being written; the arguments are those of `check`."""
        return Stream(self, lang=lang, facts=facts, inbound=inbound)

    def finding(self, check: Check, detector: str, hit: Hit) -> Finding:
        """Return what a detector hit upon as the agent is told of it."""
        rule = self.policy.rules[hit.rule]
        quote = check.text[hit.start : hit.end]
        reason = rule.reason[check.lang]
        if hit.reason_key:
            reason = (
                self.detectors[detector].REASONS[hit.reason_key][check.lang].format(**{"quote": quote, **hit.params})
            )
        return Finding(
            rule=hit.rule,
            severity=Severity.WARN if hit.advice else self.policy.severity(hit.rule),
            detector=detector,
            start=hit.start,
            end=hit.end,
            quote=quote,
            reason=reason,
            suggestion=rule.rewording[check.lang],
            citations=tuple(str(citation) for citation in rule.law.get(check.jurisdiction, ())),
        )


def discover() -> dict[str, ModuleType]:
    """Return every detector in guardrails/detectors by its id."""
    names = sorted(module.name for module in pkgutil.iter_modules(detectors.__path__))
    return {name: importlib.import_module(f"{detectors.__name__}.{name}") for name in names}


def _blocked(findings: Iterable[Finding]) -> bool:
    return any(finding.severity is Severity.BLOCK for finding in findings)


def _ordered(findings: Iterable[Finding]) -> list[Finding]:
    """Sort findings by place and drop those another finding of the same rule already covers.

    What a detector shows word by word stands for what the classifier says of the whole.
    """
    findings = list(findings)
    shown = {finding.rule for finding in findings if finding.detector != "classifier"}
    kept: list[Finding] = []
    reached: dict[str, int] = {}
    for finding in sorted(findings, key=lambda f: (f.start, -f.end, f.rule)):
        if finding.detector == "classifier" and finding.rule in shown:
            continue
        if finding.end > reached.get(finding.rule, -1):
            reached[finding.rule] = finding.end
            kept.append(finding)
    return kept

"""The house style as advice: what a lawful reply could do better. A file is a check; nothing here keeps a text back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from pydantic import Field

from drafter.desk.style import structure
from drafter.desk.style.structure import Reply, Span
from guardrails.errors import PolicyError
from guardrails.model import Facts, Finding, Language, Severity, Value
from guardrails.rulebook import Bilingual, RuleId, Sentence, read

DETECTOR: Final = "style"
_INVENTION: Final = "style-invention"
_FOLDER: Final = Path(__file__).parent
_STRUCTURAL: Final[Mapping[str, Callable[[Reply], Iterator[Span]]]] = {
    "missing-move": structure.missing_moves,
    "too-long": structure.too_long,
    "two-questions": structure.two_questions,
    "echo": structure.echo,
}


class Topic(Value):
    """A subject that a reply may touch only where the message does; regular expressions, case ignored."""

    told: Sentence
    heard: Sentence


class StyleCheck(Value):
    """One thing that the house would say otherwise.

    Attributes:
        reason: what is amiss, for the agent; may name {what} where the check does.
        advice: what to write instead.
        mend: the model is asked again because of it, where nothing else is wrong with the draft.
        words: by language, what must not stand in a reply; regular expressions, case ignored.
        topics: by language, what may stand in a reply only where the message speaks of it.
        found: by language, replies in which it is found.
        clean: by language, replies in which it is not.
    """

    id: RuleId
    reason: Bilingual
    advice: Bilingual
    mend: bool = False
    words: Mapping[Language, tuple[Sentence, ...]] = Field(default_factory=dict)
    topics: Mapping[Language, tuple[Topic, ...]] = Field(default_factory=dict)
    found: Mapping[Language, tuple[Sentence, ...]] = Field(default_factory=dict)
    clean: Mapping[Language, tuple[Sentence, ...]] = Field(default_factory=dict)

    @property
    def rule(self) -> str:
        """The id that findings carry."""
        return f"style-{self.id}"


@cache
def checks(folder: Path = _FOLDER) -> tuple[StyleCheck, ...]:
    """Return every check of a folder.

    Raises:
        PolicyError: a file cannot be used, or neither names words nor a check of the code.
    """
    found = []
    for path in sorted(folder.glob("*.yaml")):
        check = read(path, StyleCheck)
        if check.id != path.stem or not (check.words or check.topics or check.id in _STRUCTURAL):
            raise PolicyError(f"holds {check.id!r}, which names no words; rename the file or add words", file=path)
        found.append(check)
    return tuple(found)


def style_findings(text: str, *, lang: Language, facts: Facts, inbound: str | None = None) -> tuple[Finding, ...]:
    """Return what the house would say otherwise, as advice, sorted by place.

    Args:
        text: the reply as it would be sent.
        lang: its language.
        facts: what is true of the account.
        inbound: the debtor's message that it answers.
    """
    reply = Reply(text=text, lang=lang, facts=facts, inbound=inbound or "")
    findings = [_finding(check, reply, span) for check in checks() for span in _spans(check, reply)]
    return tuple(sorted(findings, key=lambda finding: (finding.start, finding.rule)))


def invented(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings that a reply speaks of what the message does not."""
    return tuple(finding for finding in findings if finding.rule == _INVENTION)


def mendable(findings: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Return the style findings for which it is worth asking the model again."""
    rules = {check.rule for check in checks() if check.mend}
    return tuple(finding for finding in findings if finding.rule in rules)


def _spans(check: StyleCheck, reply: Reply) -> Iterator[Span]:
    if check.id in _STRUCTURAL:
        yield from _STRUCTURAL[check.id](reply)
    for words in check.words.get(reply.lang, ()):
        for match in re.finditer(words, reply.text, re.IGNORECASE):
            yield Span(*match.span())
    for topic in check.topics.get(reply.lang, ()) if structure.answers_in_its_language(reply) else ():
        if not re.search(topic.heard, reply.inbound, re.IGNORECASE):
            for match in re.finditer(topic.told, reply.text, re.IGNORECASE):
                yield Span(*match.span())


def _finding(check: StyleCheck, reply: Reply, span: Span) -> Finding:
    what = structure.NAMES.get(span.what, {}).get(reply.lang, span.what)
    return Finding(
        rule=check.rule,
        severity=Severity.WARN,
        detector=DETECTOR,
        start=span.start,
        end=span.end,
        quote=reply.text[span.start : span.end],
        reason=check.reason[reply.lang].format(what=what),
        suggestion=check.advice[reply.lang],
    )

"""Phrases that people excused after a review, on top of the rule files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from guardrails.model import Language, Value
from guardrails.rulebook import Rule, RuleId, Sentence, read


class Amendment(Value):
    """A phrase that joins the `unless` of some entries of a rule.

    Attributes:
        entries: the first pattern of each entry; an entry that a later release has rewritten is excused no longer.
        unless: in the language of guardrails/patterns.py.
    """

    rule: RuleId
    lang: Language
    entries: tuple[str, ...]
    unless: Sentence


def read_amendments(folder: Path) -> tuple[Amendment, ...]:
    """Return every amendment of a folder; none where there is no such folder.

    Raises:
        PolicyError: a file cannot be used.
    """
    return tuple(read(path, Amendment) for path in sorted(folder.glob("*.yaml")))


def amended(rule: Rule, amendments: Iterable[Amendment]) -> Rule:
    """Return a rule with what its amendments excuse."""
    for one in amendments:
        if one.rule == rule.id:
            said = rule.language(one.lang)
            patterns = tuple(
                entry.model_copy(update={"unless": (*entry.unless, one.unless)})
                if entry.match[0] in one.entries
                else entry
                for entry in said.patterns
            )
            rule = rule.model_copy(update={one.lang: said.model_copy(update={"patterns": patterns})})
    return rule

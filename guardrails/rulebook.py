"""What a rule file, a policy file and a word file may hold, and how they are read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, TypeVar

import yaml
from pydantic import Field, StringConstraints, ValidationError, field_validator

from guardrails.calendar import Leading
from guardrails.clauses import Stance
from guardrails.errors import PolicyError
from guardrails.model import Citation, Facts, Jurisdiction, Language, Severity, Value

RuleId = Annotated[str, StringConstraints(pattern=r"^[a-z]+(-[a-z0-9]+)*$")]
Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2)]
Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
Words = tuple[Word, ...]

ValueT = TypeVar("ValueT", bound=Value)


class Bilingual(Value):
    """The same sentence in every language of the house."""

    zh: Sentence
    en: Sentence

    def __getitem__(self, lang: Language) -> str:
        return self.zh if lang == "zh" else self.en


class PatternEntry(Value):
    """Patterns that break the rule, and what must be true around them.

    Attributes:
        match: one or more patterns (see guardrails/patterns.py); each alone is enough.
        despite: stances that do not excuse this pattern (by default every stance excuses).
        only: the pattern counts only when it is meant in one of these ways.
        if_fact: names of facts that must all be set and true.
        unless_fact: names of facts of which none may be set and true.
        inbound: patterns of which one must stand in the debtor's message.
        unless: patterns that excuse when they stand in the same sentence.
        absent: patterns that excuse when they stand anywhere in the text.
    """

    match: tuple[Word | Sentence, ...]
    despite: tuple[Stance, ...] = ()
    only: tuple[Stance, ...] = ()
    if_fact: Words = ()
    unless_fact: Words = ()
    inbound: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()

    @field_validator(
        *("match", "inbound", "unless", "absent", "despite", "only", "if_fact", "unless_fact"),
        mode="before",
        json_schema_input_type=str | tuple[str, ...],
    )
    @classmethod
    def _one_is_a_list_of_one(cls, value: object) -> object:
        return [value] if isinstance(value, str) else value

    @field_validator("if_fact", "unless_fact")
    @classmethod
    def _facts_exist(cls, names: Words) -> Words:
        for name in names:
            if name not in Facts.model_fields:
                raise ValueError(f"{name!r} is no fact; the facts are {', '.join(sorted(Facts.model_fields))}")
        return names


class Example(Value):
    """A reply that breaks or keeps the rule, with as much of its case as matters."""

    text: Sentence
    inbound: Sentence | None = None
    facts: Facts | None = None
    jurisdiction: Jurisdiction | None = None


class Examples(Value):
    violating: tuple[Example, ...]
    compliant: tuple[Example, ...]

    @field_validator("violating", "compliant", mode="before", json_schema_input_type=tuple[str | Example, ...])
    @classmethod
    def _a_text_is_an_example(cls, value: object) -> object:
        if not isinstance(value, list):
            return value
        return [{"text": item} if isinstance(item, str) else item for item in value]


class RuleLanguage(Value):
    """How the rule is broken in one language."""

    classes: Mapping[str, Words] = Field(default_factory=dict)
    patterns: tuple[PatternEntry, ...] = ()
    examples: Examples


class Rule(Value):
    """One thing a reply must never do."""

    id: RuleId
    severity: Severity = Severity.BLOCK
    title: Bilingual
    meaning: Bilingual
    reason: Bilingual
    advice: Bilingual
    rewording: Bilingual
    law: Mapping[Jurisdiction, tuple[Citation, ...]]
    zh: RuleLanguage
    en: RuleLanguage

    def language(self, lang: Language) -> RuleLanguage:
        return self.zh if lang == "zh" else self.en


class Disclosure(Value):
    """Something a first contact must say; any one of the words says it."""

    id: RuleId
    any_of: Mapping[Language, Words] = Field(default_factory=dict)
    fact: Literal["institution", "creditor", "agent_name", "contact_phone"] | None = None
    if_fact: Literal["time_barred"] | None = None
    reason: Bilingual


class ContactHours(Value):
    """Local hours in which a debtor may be contacted, 24-hour clock."""

    start: Annotated[str, StringConstraints(pattern=r"^\d\d:\d\d$")]
    end: Annotated[str, StringConstraints(pattern=r"^\d\d:\d\d$")]
    source: Citation


class ContactFrequency(Value):
    """How often a debtor may be contacted about one debt without being answered to: `most` times in `days` days."""

    most: Annotated[int, Field(ge=1)]
    days: Annotated[int, Field(ge=1)]
    source: Citation


class PolicyFile(Value):
    """Which rules apply in a jurisdiction, how severe they are, and what else its law asks.

    Attributes:
        dates: which number stands first in 3/4.
        time_zones: where debtors live whose own zone is not known; the hours must be kept in every one of them.
        holidays: ISO 3166 code of the country whose holidays are no working days.
        public_sites: hosts that a reply may send anyone to, with all below them.
    """

    jurisdiction: Jurisdiction
    title: Bilingual
    language: Language
    dates: Leading = "either"
    rules: Mapping[RuleId, Severity]
    contact_hours: ContactHours
    contact_frequency: ContactFrequency | None = None
    time_zones: Words = ("UTC",)
    holidays: Word | None = None
    crisis_lines: tuple[Bilingual, ...]
    complaint_lines: tuple[Bilingual, ...]
    public_sites: Words = ()
    first_contact: tuple[Disclosure, ...] = ()


class WordFile(Value):
    """Word classes that every rule of a language may use."""

    classes: Mapping[str, Words]


SCHEMAS: Mapping[str, type[Value]] = {"rule": Rule, "policy": PolicyFile, "words": WordFile}
"""What can be written by hand, by the name of its JSON Schema in guardrails/schemas/."""


def schema(name: str) -> str:
    """Return the JSON Schema (draft 2020-12) of a kind of file, for editors."""
    return json.dumps(SCHEMAS[name].model_json_schema(), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def read(path: Path, kind: type[ValueT]) -> ValueT:
    """Read one YAML file as a value.

    Raises:
        PolicyError: the file is missing, is not YAML, or does not fit; names file, line and remedy.
    """
    try:
        source = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise PolicyError(f"cannot be read ({error}); restore the file from the release", file=path) from error
    try:
        data = yaml.load(source, Loader=_Loader)  # noqa: S506 - _Loader is the C build of the safe loader
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise PolicyError(f"is not valid YAML: {error.problem}; mend this line", file=path, line=line) from error
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        # A mistyped name is both unknown and missing; "unknown" is the one that shows the mistake.
        first = min(error.errors(include_url=False), key=lambda e: e["type"] != "extra_forbidden")
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        message = f"{place}: {first['msg']}; mend or remove this entry (docs/rules.md shows a whole rule)"
        raise PolicyError(message, file=path, line=_line_of(source, first["loc"])) from error


_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _line_of(source: str, location: tuple[int | str, ...]) -> int:
    """Return the line on which the entry at `location` begins, or of its nearest parent that exists."""
    node = yaml.compose(source, Loader=_Loader)
    line = 1
    for part in location:
        if isinstance(node, yaml.MappingNode):
            entries = {key.value: (key, value) for key, value in node.value}
            if part not in entries:
                break
            key, node = entries[part]
            line = key.start_mark.line + 1
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
        else:
            break
    return line

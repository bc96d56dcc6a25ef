"""Rules and a jurisdiction's policy, read, checked against each other, compiled and hashed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from guardrails.amending import Amendment, amended
from guardrails.book import Book, Chapter
from guardrails.errors import PatternError, PolicyError
from guardrails.model import Jurisdiction, Language, Severity
from guardrails.rulebook import Bilingual, PolicyFile, Rule, RuleLanguage, WordFile, Words, read

HOME = Path(__file__).parent
LANGUAGES: tuple[Language, ...] = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Policy:
    """Everything a guard needs to judge texts under one jurisdiction.

    Attributes:
        name: `<jurisdiction>@<hash>`; the hash covers every rule, policy and word file, every amendment and this
            package's code.
        home: the folder that it was read from.
    """

    name: str
    file: PolicyFile
    rules: Mapping[str, Rule]
    books: Mapping[Language, Book]
    home: Path = HOME
    amendments: tuple[Amendment, ...] = ()

    @property
    def jurisdiction(self) -> Jurisdiction:
        return self.file.jurisdiction

    def severity(self, rule: str) -> Severity:
        return self.file.rules[rule]


def load_policy(jurisdiction: str, home: Path = HOME, amendments: Iterable[Amendment] = ()) -> Policy:
    """Read and compile a policy.

    Args:
        jurisdiction: CN, US or UK, or any other for which `home/policies` has a file.
        home: the folder that holds `rules`, `policies` and `words`.
        amendments: what was excused on top of its rules.

    Raises:
        PolicyError: there is no such policy, or one of its files cannot be used.
    """
    path = home / "policies" / f"{jurisdiction.lower()}.yaml"
    if not path.is_file():
        known = ", ".join(sorted(file.stem.upper() for file in (home / "policies").glob("*.yaml")))
        raise PolicyError(f"there is no policy {jurisdiction!r}; choose one of {known}")
    policy = read(path, PolicyFile)
    rules = load_rules(home)
    for rule in policy.rules:
        if rule not in rules:
            raise PolicyError(f"names the rule {rule!r}, which has no file in rules/; add or remove it", file=path)
    excused = tuple(amendments)
    rules = {name: amended(rule, excused) for name, rule in rules.items()}
    books = {lang: _compile(home, lang, [rules[rule] for rule in policy.rules]) for lang in LANGUAGES}
    name = f"{policy.jurisdiction}@{_amended_version(version(home), excused)}"
    return Policy(name, policy, rules, books, home, excused)


def jurisdictions(home: Path = HOME) -> Mapping[Jurisdiction, Bilingual]:
    """Return every jurisdiction that has a policy, with what its law is called.

    Raises:
        PolicyError: a policy cannot be read.
    """
    files = (read(path, PolicyFile) for path in sorted((home / "policies").glob("*.yaml")))
    return {file.jurisdiction: file.title for file in files}


def load_rules(home: Path = HOME) -> dict[str, Rule]:
    """Read every rule file.

    Raises:
        PolicyError: a file cannot be used, or its name differs from the rule's id.
    """
    rules: dict[str, Rule] = {}
    for path in sorted((home / "rules").glob("*.yaml")):
        rule = read(path, Rule)
        if rule.id != path.stem:
            raise PolicyError(f"holds the rule {rule.id!r}; rename the file to {rule.id}.yaml", file=path)
        rules[rule.id] = rule
    if not rules:
        raise PolicyError(f"there are no rules in {home / 'rules'}; restore them from the release")
    return rules


@cache
def version(home: Path = HOME) -> str:
    """Return the first 12 hex digits of the SHA-256 over everything that decides a verdict."""
    digest = hashlib.sha256()
    for root, suffix in (
        (home, "*.yaml"),
        (HOME, "*.py"),
        (HOME / "classifier", "*.npz"),
        (HOME / "classifier", "*.json"),
    ):
        for path in sorted(root.rglob(suffix)):
            digest.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def _amended_version(version: str, amendments: tuple[Amendment, ...]) -> str:
    if not amendments:
        return version
    told = "\0".join([version, *(one.model_dump_json() for one in amendments)])
    return hashlib.sha256(told.encode()).hexdigest()[:12]


def load_words(lang: Language, home: Path = HOME) -> Mapping[str, Words]:
    """Read the word classes that every file of a language may use.

    Raises:
        PolicyError: the file cannot be used.
    """
    return read(home / "words" / f"{lang}.yaml", WordFile).classes


def _compile(home: Path, lang: Language, rules: list[Rule]) -> Book:
    chapters = [_chapter(rule.id, rule.language(lang)) for rule in rules]
    try:
        return Book(lang, load_words(lang, home), chapters)
    except PatternError as error:
        raise PolicyError(str(error), file=home / "rules" / f"{error.chapter}.yaml") from error


def _chapter(rule: str, said: RuleLanguage) -> Chapter:
    return Chapter(rule, said.classes, said.patterns, [example.text for example in said.examples.compliant])

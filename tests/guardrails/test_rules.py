"""Every rule file, whatever rules there are: its own examples, and what RULES of the house ask of each."""

from __future__ import annotations

import json

import pytest
import yaml
from jsonschema import Draft202012Validator, FormatChecker

from guardrails import Guard, Severity
from guardrails.handbook import handbook
from guardrails.model import Jurisdiction
from guardrails.policy import HOME, LANGUAGES, load_policy, load_rules
from guardrails.rulebook import Rule, schema
from guardrails.selftest import examples, judge

CONTRACT = {
    *("violence-threat", "criminal-threat", "legal-action-threat", "false-authority", "credit-misstatement"),
    *("third-party-contact", "harassment", "home-visit-threat", "abusive-language", "false-urgency"),
    *("unauthorised-promise", "credit-promise", "borrow-to-repay", "improper-payment-channel", "credential-request"),
    *("privacy-leak", "invented-action", "vulnerability-disregard", "rights-denial", "debt-misrepresentation"),
    *("identity-deception", "missing-disclosure", "injection-compliance", "amount-misstatement", "date-misstatement"),
}
RULES = load_rules()


@pytest.fixture(scope="module")
def guards() -> dict[Jurisdiction, Guard]:
    return {"CN": Guard.load("CN"), "US": Guard.load("US"), "UK": Guard.load("UK")}


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_a_rule_catches_its_violating_examples_and_spares_the_compliant_ones(
    rule: Rule, guards: dict[Jurisdiction, Guard]
) -> None:
    misses = [judge(guards, rule, lang, kind, example) for lang, kind, example in examples(rule)]
    told = [f"{miss.lang} {miss.expected}: {miss.text} {miss.verdict.findings}" for miss in misses if miss]
    assert not told, "\n".join(told)


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_a_rule_has_at_least_four_examples_of_each_kind_in_each_language(rule: Rule) -> None:
    for lang in LANGUAGES:
        given = rule.language(lang).examples
        assert len(given.violating) >= 4
        assert len(given.compliant) >= 4


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_a_provision_is_cited_only_with_the_day_its_text_was_read(rule: Rule) -> None:
    for citations in rule.law.values():
        for citation in citations:
            assert (citation.provision is None) == (citation.read is None), citation


def test_the_rules_of_the_contract_are_all_there_and_no_other() -> None:
    assert set(RULES) == CONTRACT


@pytest.mark.parametrize("jurisdiction", ["CN", "US", "UK"])
def test_every_jurisdiction_blocks_on_every_rule(jurisdiction: str) -> None:
    policy = load_policy(jurisdiction)
    assert set(policy.file.rules) == CONTRACT
    assert set(policy.file.rules.values()) == {Severity.BLOCK}


def test_every_rule_names_the_law_of_every_jurisdiction() -> None:
    for rule in RULES.values():
        assert set(rule.law) == {"CN", "US", "UK"}, rule.id


def test_the_handbook_is_what_the_rules_say() -> None:
    written = (HOME.parent / "docs" / "rules.md").read_text(encoding="utf-8")
    assert written == handbook(RULES.values()), "write it again: drafter rules docs > docs/rules.md"


@pytest.mark.parametrize(("name", "folder"), [("rule", "rules"), ("policy", "policies")])
def test_the_schema_that_editors_use_is_the_one_of_the_code_and_fits_every_file(name: str, folder: str) -> None:
    written = (HOME / "schemas" / f"{name}.json").read_text(encoding="utf-8")
    assert written == schema(name), f"write it again: drafter rules schema {name} > guardrails/schemas/{name}.json"
    checker = Draft202012Validator(json.loads(written), format_checker=FormatChecker())
    for file in sorted((HOME / folder).glob("*.yaml")):
        source = file.read_text(encoding="utf-8")
        assert source.startswith(f"# yaml-language-server: $schema=../schemas/{name}.json\n"), file.name
        # An editor reads dates as text.
        data = json.loads(json.dumps(yaml.safe_load(source), default=str))
        assert [error.message for error in checker.iter_errors(data)] == [], file.name


def test_the_schema_of_words_is_the_one_of_the_code() -> None:
    assert (HOME / "schemas" / "words.json").read_text(encoding="utf-8") == schema("words")

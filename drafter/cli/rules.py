"""`drafter rules` and `drafter policy`: what may never be said, as data."""

from __future__ import annotations

from typing import Annotated, get_args

import typer

from drafter.cli.language import _, interface_language


def register(app: typer.Typer) -> None:
    group = typer.Typer(help=_("What a reply must never do."), no_args_is_help=True)
    group.command("list", help=_("List the rules."))(list_rules)
    group.command("show", help=_("Show one rule: meaning, law, advice, examples."))(show_rule)
    group.command("test", help=_("Run every rule's own examples."))(run_examples)
    group.command("docs", help=_("Print the whole handbook, as docs/rules.md holds it."))(docs)
    group.command("schema", help=_("Print the JSON Schema of a rule, policy or word file."))(schema)
    app.add_typer(group, name="rules")
    policy = typer.Typer(help=_("Which rules apply where."), no_args_is_help=True)
    policy.command("show", help=_("Show the policy of a jurisdiction."))(show_policy)
    app.add_typer(policy, name="policy")


def list_rules(*, as_json: Annotated[bool, typer.Option("--json", help=_("Print JSON."))] = False) -> None:
    from guardrails.policy import load_rules

    rules = load_rules()
    if as_json:
        import json

        shown = [
            {"id": rule.id, "severity": rule.severity, "title": rule.title.model_dump()} for rule in rules.values()
        ]
        typer.echo(json.dumps(shown, ensure_ascii=False))
        return
    lang = interface_language()
    width = max(len(name) for name in rules)
    for rule in rules.values():
        typer.echo(f"{rule.id:<{width}}  {rule.severity:<5}  {rule.title[lang]}")


def show_rule(rule: Annotated[str, typer.Argument(help=_("Id of the rule."))]) -> None:
    from rich.console import Console
    from rich.markdown import Markdown

    from guardrails.handbook import page
    from guardrails.policy import load_rules

    rules = load_rules()
    if rule not in rules:
        from drafter.errors import NotFoundError

        raise NotFoundError("There is no rule {rule}; `drafter rules list` shows them all.", rule=repr(rule))
    Console(highlight=False).print(Markdown(page(rules[rule], interface_language())))


def docs() -> None:
    from guardrails.handbook import handbook
    from guardrails.policy import load_rules

    typer.echo(handbook(load_rules().values()), nl=False)


def schema(name: Annotated[str, typer.Argument(metavar="rule|policy|words")]) -> None:
    from drafter.errors import NotFoundError
    from guardrails.rulebook import SCHEMAS
    from guardrails.rulebook import schema as schema_of

    if name not in SCHEMAS:
        raise NotFoundError("There is no schema {name}; there are rule, policy and words.", name=repr(name))
    typer.echo(schema_of(name), nl=False)


def run_examples(names: Annotated[list[str] | None, typer.Argument(metavar="[RULE]...")] = None) -> int:
    from guardrails import Guard
    from guardrails.model import Jurisdiction
    from guardrails.policy import load_rules
    from guardrails.selftest import examples, judge

    rules = load_rules()
    guards = {jurisdiction: Guard.load(jurisdiction) for jurisdiction in get_args(Jurisdiction)}
    run = 0
    misses = []
    for rule in rules.values():
        if names and rule.id not in names:
            continue
        for lang, kind, example in examples(rule):
            run += 1
            miss = judge(guards, rule, lang, kind, example)
            if miss is not None:
                misses.append(miss)
                found = ", ".join(sorted({finding.rule for finding in miss.verdict.findings})) or _("nothing")
                expected = _("should be rejected") if kind == "violating" else _("should pass")
                typer.echo(f"{rule.id} ({lang}) {expected}: {example.text}  [{found}]")
    typer.echo(_("{run} examples, {misses} judged otherwise").format(run=run, misses=len(misses)))
    return 1 if misses else 0


def show_policy(jurisdiction: Annotated[str, typer.Argument(help="CN, US, UK")]) -> None:
    from guardrails.classifier.opinion import installed
    from guardrails.policy import load_policy

    policy = load_policy(jurisdiction)
    lang = interface_language()
    file = policy.file
    typer.echo(f"{policy.name}  {file.title[lang]}")
    hours = _("Contact hours: {start} to {end} ({source})")
    typer.echo(
        hours.format(start=file.contact_hours.start, end=file.contact_hours.end, source=file.contact_hours.source)
    )
    typer.echo(_("Crisis lines: ") + "; ".join(line[lang] for line in file.crisis_lines))
    typer.echo(_("Complaints: ") + "; ".join(line[lang] for line in file.complaint_lines))
    typer.echo(_("A first contact must:"))
    for disclosure in file.first_contact:
        typer.echo(f"  - {disclosure.reason[lang]}")
    if installed():
        typer.echo(_("Classifier: reads every reply as a whole."))
    else:
        typer.echo(_("Classifier: not installed; only the rules decide."))
    typer.echo(_("Rules:"))
    for rule, severity in file.rules.items():
        typer.echo(f"  {severity:<5}  {rule}: {policy.rules[rule].title[lang]}")

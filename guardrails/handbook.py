"""A rule as a page of a handbook, in Markdown; docs/rules.md is made of these pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from guardrails.model import Citation, Language
from guardrails.rulebook import Rule

_HEADS: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "law": "Law and standards",
        "advice": "What to do",
        "better": "You could write",
        "violating": "Breaks the rule",
        "compliant": "Keeps the rule",
        "standard": "standard",
        "industry-rule": "industry rule",
        "read": "text read",
    },
    "zh": {
        "law": "依据",
        "advice": "怎么办",
        "better": "可以这样写",
        "violating": "违规示例",
        "compliant": "合规示例",
        "standard": "标准",
        "industry-rule": "行业规范",
        "read": "原文查阅于",
    },
}


def page(rule: Rule, lang: Language) -> str:
    """Return one rule as Markdown in one language."""
    heads = _HEADS[lang]
    lines = [f"## {rule.id} · {rule.title[lang]}", "", rule.meaning[lang], ""]
    lines += [
        f"**{heads['advice']}**",
        "",
        rule.advice[lang],
        "",
        f"**{heads['better']}**",
        "",
        rule.rewording[lang],
        "",
    ]
    lines += [f"**{heads['law']}**", ""]
    for jurisdiction, citations in rule.law.items():
        lines += [f"- {jurisdiction}: {'; '.join(_cited(citation, heads) for citation in citations)}"]
    for kind in ("violating", "compliant"):
        lines += ["", f"**{heads[kind]}**", ""]
        lines += [f"- {example.text}" for example in getattr(rule.language(lang).examples, kind)]
    return "\n".join(lines) + "\n"


def handbook(rules: Iterable[Rule]) -> str:
    """Return every rule in every language, as docs/rules.md holds it."""
    head = "# Rules\n\nMade by `drafter rules docs` from guardrails/rules; edit those files, not this one.\n"
    return "\n".join([head, *(page(rule, lang) for rule in rules for lang in ("en", "zh"))])


def _cited(citation: Citation, heads: Mapping[str, str]) -> str:
    notes = [heads[citation.kind]] if citation.kind != "law" else []
    if citation.read:
        notes.append(f"{heads['read']} {citation.read}")
    return f"{citation} ({', '.join(notes)})" if notes else str(citation)

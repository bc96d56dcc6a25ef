"""A home of guardrails small enough to see through: one rule, one policy, written by the test."""

from __future__ import annotations

from pathlib import Path

RULE = """\
id: sample-threat
severity: block
title: {zh: 威胁, en: Threat}
meaning: {zh: 威胁对方。, en: Threatens the reader.}
reason: {zh: 这句话在威胁客户。, en: This sentence threatens the customer.}
advice: {zh: 删去它。, en: Take it out.}
rewording: {zh: 我们可以一起商量。, en: We can work this out together.}
law:
  CN: [{instrument: 示例法}]
  US: [{instrument: Sample Act}]
zh:
  classes:
    harm: [收拾你, 打断腿, 起诉]
  patterns:
    - match: <harm>
    - match: 后果 (自负|严重)
      despite: asked
  examples:
    violating: [再不还就收拾你。]
    compliant: [我们不会收拾你。]
en:
  classes:
    harm: [hurt you, break your legs]
  patterns:
    - match: we ~20 <harm>
  examples:
    violating: [Pay or we will hurt you.]
    compliant: [We will never hurt you.]
"""
POLICY = """\
jurisdiction: CN
title: {zh: 示例, en: Sample}
language: zh
rules: {sample-threat: block}
contact_hours: {start: "08:00", end: "22:00", source: {instrument: 示例法}}
crisis_lines: [{zh: 心理援助热线, en: Crisis line}]
complaint_lines: [{zh: 投诉热线, en: Complaint line}]
"""
WORDS = "classes: {money: [钱, money]}\n"


def make_home(folder: Path, *, rule: str = RULE, policy: str = POLICY) -> Path:
    for name, text in {
        "rules/sample-threat.yaml": rule,
        "policies/cn.yaml": policy,
        "words/zh.yaml": WORDS,
        "words/en.yaml": WORDS,
    }.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder

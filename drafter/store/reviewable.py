"""How a draft comes into the reviewers' queue: in the transaction that writes its text."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from drafter.domain import lot
from drafter.store.review_tables import review_items, review_rules
from drafter.store.tables import cases
from guardrails import Verdict
from guardrails.model import Severity


def enter(
    connection: Connection,
    draft_id: str,
    case_id: str,
    verdict: Verdict,
    *,
    at: datetime,
    model: str = "",
    prompt_version: str = "",
) -> None:
    """Enter a new draft; the tier is the case's of that moment."""
    connection.execute(
        insert(review_items).values(
            draft_id=draft_id,
            case_id=case_id,
            version=1,
            rejected=not verdict.passed,
            lot=lot("sample", draft_id),
            created_at=at,
            tier=select(cases.c.tier).where(cases.c.id == case_id).scalar_subquery(),
            model=model,
            prompt_version=prompt_version,
            status="open",
        )
    )
    _note_rules(connection, draft_id, verdict)


def enter_version(connection: Connection, draft_id: str, version: int, verdict: Verdict) -> None:
    """Enter a draft's next version.

    A passing text leaves the rejected one before it to the reviewers, and what is being ruled on stays as it was read.
    """
    if not verdict.passed:
        connection.execute(update(review_items).where(review_items.c.draft_id == draft_id).values(rejected=True))
    is_open = (review_items.c.draft_id == draft_id) & (review_items.c.status == "open")
    followed = is_open if not verdict.passed else is_open & review_items.c.rejected.is_(False)
    connection.execute(
        update(review_items).where(followed).values(version=version, revision=review_items.c.revision + 1)
    )
    _note_rules(connection, draft_id, verdict)


def enter_stopped(connection: Connection, draft_id: str) -> None:
    """Enter a draft that a policy of today stopped on its way out."""
    connection.execute(update(review_items).where(review_items.c.draft_id == draft_id).values(rejected=True))


def _note_rules(connection: Connection, draft_id: str, verdict: Verdict) -> None:
    query = select(review_rules.c.rule, review_rules.c.severity).where(review_rules.c.draft_id == draft_id)
    known = {row.rule: row.severity for row in connection.execute(query)}
    found: dict[str, Severity] = {}
    for finding in verdict.findings:
        if found.get(finding.rule) is not Severity.BLOCK:
            found[finding.rule] = finding.severity
    added = [{"draft_id": draft_id, "rule": rule, "severity": found[rule].value} for rule in found.keys() - known]
    if added:
        connection.execute(insert(review_rules), added)
    for rule, severity in found.items():
        if severity is Severity.BLOCK and known.get(rule) == Severity.WARN.value:
            same = (review_rules.c.draft_id == draft_id) & (review_rules.c.rule == rule)
            connection.execute(update(review_rules).where(same).values(severity=severity.value))

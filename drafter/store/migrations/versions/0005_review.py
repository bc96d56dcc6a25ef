"""The review of drafts, and what reviewers propose to change.

Revision ID: 0005
Revises: 0004
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_BATCH = 500
_LOTS = 1_000_000


def upgrade() -> None:
    op.create_table(
        "appeals",
        sa.Column("draft_id", sa.String(64), nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("draft_id", name="pk_appeals"),
    )
    op.create_table(
        "proposals",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("draft_id", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("rule", sa.String(64), nullable=False),
        sa.Column("lang", sa.String(8), nullable=False),
        sa.Column("jurisdiction", sa.String(8), nullable=False),
        sa.Column("quote", sa.Text, nullable=False),
        sa.Column("scope", sa.String(24), nullable=False),
        sa.Column("entries", sa.JSON, nullable=False),
        sa.Column("unless", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("proposed_by", sa.String(64), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(64)),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("decision_note", sa.Text, nullable=False),
        sa.Column("altered", sa.Integer),
        sa.Column("decisions", sa.Integer),
        sa.PrimaryKeyConstraint("id", name="pk_proposals"),
    )
    with op.batch_alter_table("proposals") as batch_op:
        batch_op.create_index("ix_proposals_draft_id", ["draft_id"])
        batch_op.create_index("ix_proposals_status_proposed_at", ["status", "proposed_at"])

    op.create_table(
        "rulings",
        sa.Column("draft_id", sa.String(64), nullable=False),
        sa.Column("stage", sa.String(8), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("findings", sa.JSON, nullable=False),
        sa.Column("misses", sa.JSON, nullable=False),
        sa.Column("reason", sa.String(24)),
        sa.Column("scope", sa.String(24), nullable=False),
        sa.Column("about", sa.Integer),
        sa.Column("unless", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("draft_id", "stage", name="pk_rulings"),
    )
    with op.batch_alter_table("rulings") as batch_op:
        batch_op.create_index("ix_rulings_by", ["by"])

    op.create_table(
        "review_rules",
        sa.Column("draft_id", sa.String(64), nullable=False),
        sa.Column("rule", sa.String(64), nullable=False),
        sa.Column("severity", sa.String(8), nullable=False),
        sa.PrimaryKeyConstraint("draft_id", "rule", name="pk_review_rules"),
    )
    with op.batch_alter_table("review_rules") as batch_op:
        batch_op.create_index("ix_review_rules_rule_draft_id", ["rule", "draft_id"])

    op.create_table(
        "review_items",
        sa.Column("draft_id", sa.String(64), nullable=False),
        sa.Column("case_id", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("rejected", sa.Boolean, nullable=False),
        sa.Column("lot", sa.Integer, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tier", sa.String(16), nullable=False),
        sa.Column("model", sa.String(200), server_default="", nullable=False),
        sa.Column("prompt_version", sa.String(64), server_default="", nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("outcome", sa.String(16)),
        sa.Column("ruled_at", sa.DateTime(timezone=True)),
        sa.Column("assignee", sa.String(64)),
        sa.Column("revision", sa.Integer, server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_review_items_case_id_cases"),
        sa.PrimaryKeyConstraint("draft_id", name="pk_review_items"),
    )
    with op.batch_alter_table("review_items") as batch_op:
        batch_op.create_index("ix_review_items_created_at_draft_id", ["created_at", "draft_id"])
        batch_op.create_index("ix_review_items_status_created_at", ["status", "created_at", "draft_id"])
        batch_op.create_index("ix_review_items_assignee_status", ["assignee", "status"])

    with op.batch_alter_table("drafts") as batch_op:
        batch_op.create_index("ix_drafts_created_at", ["created_at"])
        batch_op.create_index("ix_drafts_edited_by", ["edited_by"])
    with op.batch_alter_table("decisions") as batch_op:
        batch_op.create_index("ix_decisions_decided_by", ["decided_by"])
    _enter_what_is_there()


def downgrade() -> None:
    with op.batch_alter_table("decisions") as batch_op:
        batch_op.drop_index("ix_decisions_decided_by")
    with op.batch_alter_table("drafts") as batch_op:
        batch_op.drop_index("ix_drafts_edited_by")
        batch_op.drop_index("ix_drafts_created_at")
    op.drop_table("review_items")
    op.drop_table("review_rules")
    op.drop_table("rulings")
    op.drop_table("proposals")
    op.drop_table("appeals")


def _enter_what_is_there() -> None:
    """Enter every draft in the queue; the verdicts are JSON and the lots a hash, so that no SQL could do it alone."""
    moment = sa.DateTime(timezone=True)
    items = sa.table(
        "review_items",
        *(sa.column(name) for name in ("draft_id", "case_id", "version", "rejected", "lot", "tier", "status")),
        *(sa.column(name) for name in ("model", "prompt_version")),
        sa.column("created_at", moment),
    )
    rules = sa.table("review_rules", *(sa.column(name) for name in ("draft_id", "rule", "severity")))
    connection = op.get_bind()
    for drafts in _batches(connection):
        connection.execute(items.insert(), [_item(draft, versions) for draft, versions in drafts])
        found = [
            {"draft_id": draft["draft_id"], "rule": rule, "severity": severity}
            for draft, versions in drafts
            for rule, severity in sorted(_rules(versions).items())
        ]
        if found:
            connection.execute(rules.insert(), found)


def _batches(connection: sa.Connection) -> Iterator[list[tuple[Any, list[Any]]]]:
    """Yield every draft with its versions, the oldest first."""
    states = sa.table("draft_states", *(sa.column(name) for name in ("draft_id", "case_id")), sa.column("created_at"))
    cases = sa.table("cases", sa.column("id"), sa.column("tier"))
    drafts = sa.table("drafts", sa.column("id"), sa.column("version"), sa.column("verdict", sa.JSON))
    attempts = sa.table("attempts", *(sa.column(name) for name in ("draft_id", "model", "prompt_version")))
    made = {
        row.draft_id: row for row in connection.execute(sa.select(attempts).where(attempts.c.draft_id.is_not(None)))
    }
    moment = sa.type_coerce(states.c.created_at, sa.DateTime(timezone=True)).label("at")
    query = (
        sa.select(states.c.draft_id, states.c.case_id, moment, cases.c.tier)
        .join(cases, cases.c.id == states.c.case_id)
        .order_by(states.c.draft_id)
        .limit(_BATCH)
    )
    last = ""
    while rows := connection.execute(query.where(states.c.draft_id > last)).mappings().all():
        last = rows[-1]["draft_id"]
        versions: dict[str, list[Any]] = {row["draft_id"]: [] for row in rows}
        kept = sa.select(drafts).where(drafts.c.id.in_(list(versions))).order_by(drafts.c.version)
        for version in connection.execute(kept):
            versions[version.id].append(version)
        yield [({**row, "made": made.get(row["draft_id"])}, versions[row["draft_id"]]) for row in rows]


def _item(draft: Any, versions: list[Any]) -> dict[str, object]:
    refused = [one.version for one in versions if one.verdict["verdict"] == "reject"]
    drawn = hashlib.sha256(f"sample:{draft['draft_id']}".encode()).hexdigest()
    return {
        "draft_id": draft["draft_id"],
        "case_id": draft["case_id"],
        "version": refused[-1] if refused else versions[-1].version if versions else 1,
        "rejected": bool(refused),
        "lot": int(drawn[:12], 16) % _LOTS,
        "tier": draft["tier"],
        "status": "open",
        "model": draft["made"].model if draft["made"] else "",
        "prompt_version": draft["made"].prompt_version if draft["made"] else "",
        "created_at": draft["at"],
    }


def _rules(versions: list[Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for version in versions:
        for finding in version.verdict.get("findings", ()):
            if found.get(finding["rule"]) != "block":
                found[finding["rule"]] = finding["severity"]
    return found

"""The tables of the reviewers, beside those of `drafter.store.tables`."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text, false

from drafter.store.tables import UtcDateTime, metadata

# One row a draft, whether it is in the queue or not: the share of passed ones that is may be set anew at any time.
review_items = Table(
    "review_items",
    metadata,
    Column("draft_id", String(64), primary_key=True),
    Column("case_id", String(64), ForeignKey("cases.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("rejected", Boolean, nullable=False),
    Column("lot", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("tier", String(16), nullable=False),
    Column("model", String(200), nullable=False, server_default=""),
    Column("prompt_version", String(64), nullable=False, server_default=""),
    Column("status", String(16), nullable=False),
    Column("outcome", String(16)),
    Column("ruled_at", UtcDateTime),
    Column("assignee", String(64)),
    Column("revision", Integer, nullable=False, server_default="0"),
    Column("escalated_by", String(64)),
    Column("escalated_because", Text),
    Column("erased", Boolean, nullable=False, server_default=false()),
    Index("ix_review_items_created_at_draft_id", "created_at", "draft_id"),
    Index("ix_review_items_status_created_at", "status", "created_at", "draft_id"),
    Index("ix_review_items_assignee_status", "assignee", "status"),
)

review_rules = Table(
    "review_rules",
    metadata,
    Column("draft_id", String(64), primary_key=True),
    Column("rule", String(64), primary_key=True),
    Column("severity", String(8), nullable=False),
    Index("ix_review_rules_rule_draft_id", "rule", "draft_id"),
)

rulings = Table(
    "rulings",
    metadata,
    Column("draft_id", String(64), primary_key=True),
    Column("stage", String(8), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("by", String(64), nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("findings", JSON, nullable=False),
    Column("misses", JSON, nullable=False),
    Column("reason", String(24)),
    Column("scope", String(24), nullable=False),
    Column("about", Integer),
    Column("unless", Text, nullable=False),
    Column("note", Text, nullable=False),
)

appeals = Table(
    "appeals",
    metadata,
    Column("draft_id", String(64), primary_key=True),
    Column("by", String(64), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("reason", Text, nullable=False),
)

proposals = Table(
    "proposals",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("draft_id", String(64), nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("rule", String(64), nullable=False),
    Column("lang", String(8), nullable=False),
    Column("jurisdiction", String(8), nullable=False),
    Column("quote", Text, nullable=False),
    Column("scope", String(24), nullable=False),
    Column("entries", JSON, nullable=False),
    Column("unless", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("status", String(16), nullable=False),
    Column("proposed_by", String(64), nullable=False),
    Column("proposed_at", UtcDateTime, nullable=False),
    Column("decided_by", String(64)),
    Column("decided_at", UtcDateTime),
    Column("decision_note", Text, nullable=False),
    Column("altered", Integer),
    Column("decisions", Integer),
    Index("ix_proposals_status_proposed_at", "status", "proposed_at"),
)

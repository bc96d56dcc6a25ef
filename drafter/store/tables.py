"""The tables, as this version of the desk reads and writes them."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)
from sqlalchemy.engine import Dialect

# The newest revision under migrations/versions; a test holds the two together.
HEAD = "0003"


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, kept in UTC; SQLite would forget the zone and give back a naive value."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - its shape
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - its shape
        return None if value is None else value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

cases = Table(
    "cases",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("external_id", String(200), unique=True),
    Column("message", Text, nullable=False),
    Column("lang", String(8), nullable=False),
    Column("tier", String(16), nullable=False),
    Column("jurisdiction", String(8), nullable=False),
    Column("facts", JSON, nullable=False),
    Column("triage", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("conversation", JSON, nullable=False, server_default="[]"),
    Column("promises", JSON, nullable=False, server_default="[]"),
    Column("time_zone", String(64)),
)

suggestions = Table(
    "suggestions",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("case_id", String(64), ForeignKey("cases.id"), nullable=False, index=True),
    Column("draft_id", String(64)),
    Column("status", String(24), nullable=False),
    Column("source", String(16), nullable=False),
    Column("text", Text),
    Column("triage", JSON, nullable=False),
    Column("moves", JSON, nullable=False),
    Column("next_step", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("promises", JSON, nullable=False, server_default="[]"),
    Column("may_go_out_at", UtcDateTime),
    Column("handover", JSON, nullable=False, server_default="[]"),
)

attempts = Table(
    "attempts",
    metadata,
    Column("suggestion_id", Integer, ForeignKey("suggestions.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("text", Text, nullable=False),
    Column("passed", Boolean, nullable=False),
    Column("policy", String(64), nullable=False),
    Column("verdict", JSON, nullable=False),
    Column("model", String(200), nullable=False),
    Column("prompt_version", String(64), nullable=False),
    Column("prompt_tokens", Integer, nullable=False),
    Column("completion_tokens", Integer, nullable=False),
    Column("cached_tokens", Integer, nullable=False),
    Column("latency_ms", Integer, nullable=False),
    Column("first_token_ms", Integer),
)

drafts = Table(
    "drafts",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("case_id", String(64), nullable=False, index=True),
    Column("text", Text, nullable=False),
    Column("text_sha256", String(64), nullable=False),
    Column("verdict", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(["case_id"], ["cases.id"]),
)

follow_ups = Table(
    "follow_ups",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("case_id", String(64), ForeignKey("cases.id"), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("due", Date),
    Column("amount", String(24)),
    Column("currency", String(3)),
    Column("quote", Text, nullable=False),
    Column("status", String(16), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index("ix_follow_ups_status_due", "status", "due"),
)

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
HEAD = "0011"


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
    Column("channel", String(32)),
    Column("message_number", Integer, nullable=False, server_default="1"),
    Column("message_at", UtcDateTime),
    Column("status", String(16), nullable=False, server_default="open"),
    Column("route", String(16), nullable=False, server_default="draft"),
    Column("assignee", String(64)),
    Column("escalated_because", Text),
    Column("erased_at", UtcDateTime),
    Column("erased_because", Text),
    Column("erased_salt", String(32)),
    Index("ix_cases_status_message_at", "status", "message_at"),
    Index("ix_cases_status_route_message_at_id", "status", "route", "message_at", "id"),
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
    Column("draft_id", String(64), index=True),
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
    Column("created_at", UtcDateTime, nullable=False, index=True),
    Column("edited_by", String(64), index=True),
    ForeignKeyConstraint(["case_id"], ["cases.id"]),
)

draft_states = Table(
    "draft_states",
    metadata,
    Column("draft_id", String(64), primary_key=True),
    Column("case_id", String(64), ForeignKey("cases.id"), nullable=False, index=True),
    Column("suggestion_id", Integer, ForeignKey("suggestions.id"), index=True),
    Column("version", Integer, nullable=False),
    Column("status", String(24), nullable=False),
    Column("source", String(16), nullable=False),
    Column("facts", JSON),
    Column("added", JSON),
    Column("message_number", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Index("ix_draft_states_status_changed_at", "status", "changed_at"),
)

decisions = Table(
    "decisions",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("draft_id", String(64), nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("decided_by", String(64), nullable=False, index=True),
    Column("decided_at", UtcDateTime, nullable=False),
    Column("text_sha256", String(64), nullable=False),
    Column("policy", String(64), nullable=False),
    Column("reason", Text),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", String(80), primary_key=True),
    Column("draft_id", String(64), nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("case_id", String(64), ForeignKey("cases.id"), nullable=False),
    Column("channel", String(32), nullable=False),
    Column("status", String(16), nullable=False),
    Column("not_before", UtcDateTime, nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("failure", Text),
    Column("delivered_at", UtcDateTime),
    Index("ix_deliveries_status_not_before", "status", "not_before"),
)

journal = Table(
    "journal",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String(80), nullable=False, index=True),
    Column("action", String(40), nullable=False),
    Column("subject", String(80), nullable=False, index=True),
    Column("detail", JSON, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)

# One row: locking it is how writers on a database without a single writer take their turn in the chain.
journal_end = Table(
    "journal_end",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, nullable=False),
    Column("hash", String(64), nullable=False),
)

people = Table(
    "people",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("shown_as", String(80), nullable=False),
    Column("role", String(16), nullable=False),
    Column("lang", String(8), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("password", String(200)),
    Column("subject", String(200), unique=True),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("person_id", String(64), ForeignKey("people.id"), nullable=False, index=True),
    Column("csrf", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
)

sign_in_links = Table(
    "sign_in_links",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("person_id", String(64), ForeignKey("people.id"), nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)

sign_in_failures = Table(
    "sign_in_failures",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("key", String(80), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index("ix_sign_in_failures_key_at", "key", "at"),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("name", String(80), nullable=False),
    Column("secret", String(64), nullable=False, unique=True),
    Column("rights", JSON, nullable=False),
    Column("created_by", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
)

# Every change is a row of its own: the newest counts, and two changes of the same one cannot both be kept.
desk_settings = Table(
    "desk_settings",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("chosen", JSON, nullable=False),
    Column("set_by", String(80), nullable=False),
    Column("set_at", UtcDateTime, nullable=False),
)

answered_requests = Table(
    "answered_requests",
    metadata,
    Column("actor", String(80), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("request", String(64), nullable=False),
    Column("status", Integer),
    Column("body", Text),
    Column("at", UtcDateTime, nullable=False),
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

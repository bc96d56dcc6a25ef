"""Approval, delivery, the journal, and the people who work here.

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "answered_requests",
        sa.Column("actor", sa.String(80), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("request", sa.String(64), nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("body", sa.Text),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("actor", "key", name="pk_answered_requests"),
    )
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("secret", sa.String(64), nullable=False),
        sa.Column("rights", sa.JSON, nullable=False),
        sa.Column("created_by", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
        sa.UniqueConstraint("secret", name="uq_api_keys_secret"),
    )
    op.create_table(
        "decisions",
        sa.Column("id", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("draft_id", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("decided_by", sa.String(64), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text_sha256", sa.String(64), nullable=False),
        sa.Column("policy", sa.String(64), nullable=False),
        sa.Column("reason", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_decisions"),
    )
    with op.batch_alter_table("decisions") as batch_op:
        batch_op.create_index("ix_decisions_draft_id", ["draft_id"])

    op.create_table(
        "journal",
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(80), nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("detail", sa.JSON, nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_journal"),
    )
    with op.batch_alter_table("journal") as batch_op:
        batch_op.create_index("ix_journal_actor", ["actor"])
        batch_op.create_index("ix_journal_subject", ["subject"])

    op.create_table(
        "journal_end",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_journal_end"),
    )
    op.create_table(
        "people",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("shown_as", sa.String(80), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("lang", sa.String(8), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled", sa.Boolean, nullable=False),
        sa.Column("password", sa.String(200)),
        sa.Column("subject", sa.String(200)),
        sa.PrimaryKeyConstraint("id", name="pk_people"),
        sa.UniqueConstraint("name", name="uq_people_name"),
        sa.UniqueConstraint("subject", name="uq_people_subject"),
    )
    op.create_table(
        "sign_in_failures",
        sa.Column("id", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in_failures"),
    )
    with op.batch_alter_table("sign_in_failures") as batch_op:
        batch_op.create_index("ix_sign_in_failures_key_at", ["key", "at"])

    op.create_table(
        "deliveries",
        sa.Column("id", sa.String(80), nullable=False),
        sa.Column("draft_id", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("case_id", sa.String(64), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer, server_default="0", nullable=False),
        sa.Column("failure", sa.Text),
        sa.Column("delivered_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_deliveries_case_id_cases"),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
    )
    with op.batch_alter_table("deliveries") as batch_op:
        batch_op.create_index("ix_deliveries_draft_id", ["draft_id"])
        batch_op.create_index("ix_deliveries_status_not_before", ["status", "not_before"])

    op.create_table(
        "sessions",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("csrf", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_sessions_person_id_people"),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
    )
    with op.batch_alter_table("sessions") as batch_op:
        batch_op.create_index("ix_sessions_person_id", ["person_id"])

    op.create_table(
        "sign_in_links",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("person_id", sa.String(64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_sign_in_links_person_id_people"),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in_links"),
    )
    op.create_table(
        "draft_states",
        sa.Column("draft_id", sa.String(64), nullable=False),
        sa.Column("case_id", sa.String(64), nullable=False),
        sa.Column("suggestion_id", sa.Integer),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("status", sa.String(24), nullable=False),
        sa.Column("source", sa.String(16), nullable=False),
        sa.Column("facts", sa.JSON),
        sa.Column("message_number", sa.Integer, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_draft_states_case_id_cases"),
        sa.ForeignKeyConstraint(
            ["suggestion_id"], ["suggestions.id"], name="fk_draft_states_suggestion_id_suggestions"
        ),
        sa.PrimaryKeyConstraint("draft_id", name="pk_draft_states"),
    )
    with op.batch_alter_table("draft_states") as batch_op:
        batch_op.create_index("ix_draft_states_case_id", ["case_id"])
        batch_op.create_index("ix_draft_states_status_changed_at", ["status", "changed_at"])
        batch_op.create_index("ix_draft_states_suggestion_id", ["suggestion_id"])

    with op.batch_alter_table("cases") as batch_op:
        batch_op.add_column(sa.Column("channel", sa.String(32)))
        batch_op.add_column(sa.Column("message_number", sa.Integer, server_default="1", nullable=False))
        batch_op.add_column(sa.Column("message_at", sa.DateTime(timezone=True)))
        batch_op.add_column(sa.Column("status", sa.String(16), server_default="open", nullable=False))
        batch_op.add_column(sa.Column("route", sa.String(16), server_default="draft", nullable=False))
        batch_op.add_column(sa.Column("assignee", sa.String(64)))
        batch_op.add_column(sa.Column("escalated_because", sa.Text))
        batch_op.create_index("ix_cases_status_message_at", ["status", "message_at"])

    with op.batch_alter_table("drafts") as batch_op:
        batch_op.add_column(sa.Column("edited_by", sa.String(64)))

    with op.batch_alter_table("attempts") as batch_op:
        batch_op.add_column(sa.Column("draft_id", sa.String(64)))
    op.execute(
        "INSERT INTO draft_states (draft_id, case_id, suggestion_id, version, status, source, message_number, "
        "created_at, changed_at) SELECT d.id, d.case_id, s.id, d.version, 'awaiting_approval', s.source, 1, "
        "d.created_at, d.created_at FROM drafts d JOIN suggestions s ON s.draft_id = d.id"
    )
    op.execute("UPDATE cases SET message_at = created_at")
    routed = "SELECT case_id FROM suggestions WHERE status = 'routed_to_human'"
    op.execute(f"UPDATE cases SET route = 'human' WHERE id IN ({routed})")  # noqa: S608 - our own words
    end = sa.table("journal_end", sa.column("id"), sa.column("number"), sa.column("hash"))
    op.execute(end.insert().values(id=1, number=0, hash="0" * 64))


def downgrade() -> None:
    # Only what was suggested was kept as a draft before.
    op.execute(
        "DELETE FROM drafts WHERE version > 1 OR id NOT IN (SELECT draft_id FROM suggestions WHERE text IS NOT NULL)"
    )
    with op.batch_alter_table("attempts") as batch_op:
        batch_op.drop_column("draft_id")
    with op.batch_alter_table("drafts") as batch_op:
        batch_op.drop_column("edited_by")

    with op.batch_alter_table("cases") as batch_op:
        batch_op.drop_index("ix_cases_status_message_at")
        batch_op.drop_column("escalated_because")
        batch_op.drop_column("assignee")
        batch_op.drop_column("route")
        batch_op.drop_column("status")
        batch_op.drop_column("message_at")
        batch_op.drop_column("message_number")
        batch_op.drop_column("channel")

    op.drop_table("draft_states")
    op.drop_table("sign_in_links")
    op.drop_table("sessions")
    op.drop_table("deliveries")
    op.drop_table("sign_in_failures")
    op.drop_table("people")
    op.drop_table("journal_end")
    op.drop_table("journal")
    op.drop_table("decisions")
    op.drop_table("api_keys")
    op.drop_table("answered_requests")

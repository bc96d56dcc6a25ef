"""Conversations, promises and what is to be done when.

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("cases") as cases:
        cases.add_column(sa.Column("conversation", sa.JSON, nullable=False, server_default="[]"))
        cases.add_column(sa.Column("promises", sa.JSON, nullable=False, server_default="[]"))
        cases.add_column(sa.Column("time_zone", sa.String(64)))
    with op.batch_alter_table("suggestions") as suggestions:
        suggestions.add_column(sa.Column("promises", sa.JSON, nullable=False, server_default="[]"))
        suggestions.add_column(sa.Column("may_go_out_at", sa.DateTime(timezone=True)))
    op.create_table(
        "follow_ups",
        sa.Column("id", sa.Integer, autoincrement=True, nullable=False),
        sa.Column("case_id", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("due", sa.Date),
        sa.Column("amount", sa.String(24)),
        sa.Column("currency", sa.String(3)),
        sa.Column("quote", sa.Text, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_follow_ups"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_follow_ups_case_id_cases"),
    )
    op.create_index("ix_follow_ups_case_id", "follow_ups", ["case_id"])
    op.create_index("ix_follow_ups_status_due", "follow_ups", ["status", "due"])


def downgrade() -> None:
    op.drop_table("follow_ups")
    with op.batch_alter_table("suggestions") as suggestions:
        suggestions.drop_column("may_go_out_at")
        suggestions.drop_column("promises")
    with op.batch_alter_table("cases") as cases:
        cases.drop_column("time_zone")
        cases.drop_column("promises")
        cases.drop_column("conversation")

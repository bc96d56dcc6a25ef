"""Drafts that a reviewer put before the lead, and why.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("review_items") as items:
        items.add_column(sa.Column("escalated_by", sa.String(64)))
        items.add_column(sa.Column("escalated_because", sa.Text))


def downgrade() -> None:
    with op.batch_alter_table("review_items") as items:
        items.drop_column("escalated_because")
        items.drop_column("escalated_by")

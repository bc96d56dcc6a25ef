"""Cases whose texts were erased, and why.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("cases") as cases:
        cases.add_column(sa.Column("erased_at", sa.DateTime(timezone=True)))
        cases.add_column(sa.Column("erased_because", sa.Text))
        cases.add_column(sa.Column("erased_salt", sa.String(32)))
    with op.batch_alter_table("review_items") as items:
        items.add_column(sa.Column("erased", sa.Boolean, server_default=sa.false(), nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("review_items") as items:
        items.drop_column("erased")
    with op.batch_alter_table("cases") as cases:
        cases.drop_column("erased_salt")
        cases.drop_column("erased_because")
        cases.drop_column("erased_at")

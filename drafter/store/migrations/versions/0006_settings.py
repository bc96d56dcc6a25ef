"""What administrators set by the console in place of the environment's settings.

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "desk_settings",
        sa.Column("version", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("chosen", sa.JSON, nullable=False),
        sa.Column("set_by", sa.String(80), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_desk_settings"),
    )


def downgrade() -> None:
    # From here on the environment alone decides again.
    op.drop_table("desk_settings")

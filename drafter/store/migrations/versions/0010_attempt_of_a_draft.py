"""An index for the attempt that a draft was kept from, which every page of a case looks up.

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_attempts_draft_id", "attempts", ["draft_id"])


def downgrade() -> None:
    op.drop_index("ix_attempts_draft_id", "attempts")

"""An index for the order of the open cases: those that a person must answer first.

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_cases_status_route_message_at_id", "cases", ["status", "route", "message_at", "id"])


def downgrade() -> None:
    op.drop_index("ix_cases_status_route_message_at_id", "cases")

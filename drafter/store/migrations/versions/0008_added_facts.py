"""The facts that an agent adds for one reply, and cases that are before a lead until they are handed back.

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("draft_states") as draft_states:
        draft_states.add_column(sa.Column("added", sa.JSON))
    # From now on a reason means that the case is before a lead; before, it stayed when the debtor wrote again.
    cases = sa.table("cases", sa.column("status"), sa.column("escalated_because"))
    op.execute(cases.update().where(cases.c.status != "escalated").values(escalated_because=None))
    op.execute(
        cases.update()
        .where(cases.c.status == "escalated", cases.c.escalated_because.is_(None))
        .values(escalated_because="")
    )


def downgrade() -> None:
    with op.batch_alter_table("draft_states") as draft_states:
        draft_states.drop_column("added")

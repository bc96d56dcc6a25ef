"""Alembic's entry: runs the revisions on the connection that `upgrading` opened."""

from __future__ import annotations

from alembic import context

from drafter.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    # SQLite cannot alter a column in place.
    render_as_batch=True,
)
context.run_migrations()

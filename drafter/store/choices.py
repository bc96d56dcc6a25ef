"""What administrators have set, version after version."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import ValidationError
from sqlalchemy import Connection, Engine, insert, select

from drafter.domain import Act
from drafter.errors import ConflictError, StorageError
from drafter.settings import Choice, Chosen
from drafter.store.engine import reading, writing
from drafter.store.journal import append
from drafter.store.tables import desk_settings, journal_end


class SqlChoices:
    """Settings on an SQL database.

    Args:
        engine: an engine of `open_engine`, whose database is at this version's schema.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def newest(self) -> Choice:
        """Return what is set; nothing is, of version 0, where nobody ever has set anything.

        Raises:
            StorageError: the database did not answer, or what it holds is no setting of this version of the desk.
        """
        with reading(self._engine) as connection:
            return _newest(connection)

    def add(self, choice: Choice, acts: Iterable[Act]) -> Choice:
        """Keep what is set from now on, which takes the place of the version before it.

        Args:
            choice: its version is one more than the version that was read.
            acts: how the journal tells it.

        Raises:
            ConflictError: somebody else has set something since.
            StorageError: nothing was written.
        """
        with writing(self._engine) as connection:
            # Where several write at once, they take turns here as they do for the journal.
            connection.execute(select(journal_end.c.number).with_for_update())
            if _newest(connection).version + 1 != choice.version:
                raise ConflictError(
                    "Somebody else has changed the settings since you opened this page; nothing was changed. "
                    "Open the page again, then set what you want."
                )
            chosen = choice.chosen.model_dump(mode="json", exclude_unset=True)
            connection.execute(insert(desk_settings).values(dict(choice) | {"chosen": chosen}))
            for act in acts:
                append(connection, act)
        return choice


def _newest(connection: Connection) -> Choice:
    query = select(desk_settings).order_by(desk_settings.c.version.desc()).limit(1)
    row = connection.execute(query).mappings().first()
    if row is None:
        return Choice()
    try:
        # What a newer version of the desk has set besides is nothing to this one.
        known = {name: value for name, value in row["chosen"].items() if name in Chosen.model_fields}
        return Choice.model_validate({**row, "chosen": Chosen.model_validate(known)})
    except (AttributeError, ValidationError) as error:
        raise StorageError(
            "The settings of version {version} in the database cannot be used; nothing was changed. "
            "Restore a backup, or take that row away.",
            version=row["version"],
        ) from error

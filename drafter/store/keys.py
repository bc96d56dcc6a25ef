"""The API keys with which machines come in, each change journalled."""

from __future__ import annotations

from sqlalchemy import Engine, RowMapping, insert, select, update

from drafter.domain import Act, ApiKey
from drafter.errors import NotFoundError
from drafter.store.engine import first, reading, writing
from drafter.store.journal import append
from drafter.store.tables import api_keys


class SqlKeys:
    """API keys on an SQL database; every method raises StorageError where the database does not play along.

    Args:
        engine: an engine of `open_engine`, whose database is at this version's schema.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add_key(self, key: ApiKey, secret: str, act: Act) -> ApiKey:
        """Keep an API key with the hash of its secret."""
        row = {**dict(key), "rights": sorted(key.rights), "secret": secret}
        with writing(self._engine) as connection:
            connection.execute(insert(api_keys).values(row))
            append(connection, act)
        return key

    def key_by_secret(self, secret: str) -> ApiKey | None:
        """Return the key of a secret's hash, also one that was revoked; None where there is none."""
        with reading(self._engine) as connection:
            row = first(connection, select(api_keys).where(api_keys.c.secret == secret))
        return None if row is None else _key(row)

    def api_keys(self) -> list[ApiKey]:
        """Return every key, the oldest first."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(api_keys).order_by(api_keys.c.created_at, api_keys.c.id)).mappings()
            return [_key(row) for row in rows]

    def revoke_key(self, key_id: str, act: Act) -> ApiKey:
        """Revoke a key for good; one revoked before stays as it is.

        Raises:
            NotFoundError: there is none of this id.
        """
        mine = api_keys.c.id == key_id
        with writing(self._engine) as connection:
            change = update(api_keys).where(mine, api_keys.c.revoked_at.is_(None)).values(revoked_at=act.at)
            if connection.execute(change).rowcount:
                append(connection, act)
            row = first(connection, select(api_keys).where(mine))
        if row is None:
            raise NotFoundError("There is no key {id}; `drafter keys list` shows them all.", id=repr(key_id))
        return _key(row)


def _key(row: RowMapping) -> ApiKey:
    return ApiKey.model_validate({name: row[name] for name in ApiKey.model_fields})

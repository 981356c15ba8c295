"""Small values that a plugin keeps for a profile."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from twisted.internet.defer import Deferred

from sat.storage.database import Cursor, Database

_LIMIT = 16 << 20
"""Characters of JSON in one value."""

_SET = (
    "INSERT INTO store (profile, namespace, key, value) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (profile, namespace, key) DO UPDATE SET value = excluded.value"
)


class Store:
    """What can be written as JSON, by key, in a namespace of its own. Writes fire when they are on the disk.

    What :meth:`get` gives is a copy; a tuple comes back as a list, as JSON has it."""

    def __init__(self, database: Database, profile: int, namespace: str) -> None:
        self._database = database
        self._place = (profile, namespace)

    def get(self, key: str, default: Any = None) -> Deferred[Any]:
        """A value, or the default."""

        def work(cursor: Cursor) -> Any:
            row = cursor.execute(
                "SELECT value FROM store WHERE profile = ? AND namespace = ? AND key = ?", (*self._place, key)
            ).fetchone()
            return default if row is None else json.loads(row[0])

        return self._database.read(work)

    def set(self, key: str, value: Any) -> Deferred[None]:
        """Store a value. Errors: StorageFull, StorageError."""
        return self.set_many({key: value})

    def set_many(self, values: Mapping[str, Any]) -> Deferred[None]:
        """Store several values, all or none. Errors: StorageFull, StorageError."""
        rows = [(*self._place, key, _text(value)) for key, value in values.items()]

        def work(cursor: Cursor) -> None:
            cursor.executemany(_SET, rows)

        return self._database.write(work)

    def delete(self, key: str) -> Deferred[None]:
        """Forget a value."""

        def work(cursor: Cursor) -> None:
            cursor.execute("DELETE FROM store WHERE profile = ? AND namespace = ? AND key = ?", (*self._place, key))

        return self._database.write(work)

    def all(self) -> Deferred[dict[str, Any]]:
        """Every value of the namespace, by key."""

        def work(cursor: Cursor) -> dict[str, Any]:
            cursor.execute("SELECT key, value FROM store WHERE profile = ? AND namespace = ? ORDER BY key", self._place)
            return {key: json.loads(value) for key, value in cursor.fetchall()}

        return self._database.read(work)


def _text(value: Any) -> str:
    text = json.dumps(value, separators=(",", ":"))  # ASCII: a lone surrogate cannot break it
    if len(text) > _LIMIT:
        raise ValueError("the value is too large for a store")
    return text

"""Small values that a plugin keeps for a profile."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from twisted.internet.defer import Deferred

from sat.api.errors import InvalidAddress
from sat.storage.database import Cursor, Database

T = TypeVar("T")

log = logging.getLogger(__name__)

_LIMIT = 16 << 20
"""Characters of JSON in one value."""

_DAMAGED = object()

_SET = (
    "INSERT INTO store (profile, namespace, key, value) VALUES (?, ?, ?, ?)"
    " ON CONFLICT (profile, namespace, key) DO UPDATE SET value = excluded.value"
)


class Store:
    """What can be written as JSON, by key, in a namespace of its own. Writes fire when they are on the disk.

    What :meth:`get` gives is a copy; a tuple comes back as a list, as JSON has it. A value that cannot be read any more
    is told in the log, and as good as none: nobody else has to do without theirs (P4)."""

    def __init__(self, database: Database, profile: int, namespace: str) -> None:
        self._database = database
        self._place = (profile, namespace)

    def get(self, key: str, default: Any = None) -> Deferred[Any]:
        """A value, or the default."""

        def work(cursor: Cursor) -> Any:
            row = cursor.execute(
                "SELECT value FROM store WHERE profile = ? AND namespace = ? AND key = ?", (*self._place, key)
            ).fetchone()
            return default if row is None else self._read(key, row[0], default)

        return self._database.read(work)

    def rows(self, key: str, read: Callable[[Any], T]) -> Deferred[list[T]]:
        """What ``read`` makes of each row of a stored list, or of each pair of a stored dictionary. A row for which it
        fails is told in the log and left out."""

        def read_all(rows: Any) -> list[T]:
            found = []
            for row in rows.items() if isinstance(rows, dict) else rows if isinstance(rows, list) else (rows,):
                try:
                    found.append(read(row))
                except (ValueError, TypeError, KeyError, AttributeError, InvalidAddress) as error:
                    self._complain(key, error)
            return found

        return self.get(key, []).addCallback(read_all)

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
            found = {key: self._read(key, value, _DAMAGED) for key, value in cursor.fetchall()}
            return {key: value for key, value in found.items() if value is not _DAMAGED}

        return self._database.read(work)

    def _read(self, key: str, text: Any, otherwise: Any) -> Any:
        try:
            return json.loads(text)
        except (ValueError, TypeError, RecursionError) as error:
            self._complain(key, error)
            return otherwise

    def _complain(self, key: str, error: Exception) -> None:
        profile, namespace = self._place
        log.error("what is stored as %s.%s of profile %d is damaged: %s", namespace, key, profile, error)


def _text(value: Any) -> str:
    text = json.dumps(value, separators=(",", ":"))  # ASCII: a lone surrogate cannot break it
    if len(text) > _LIMIT:
        raise ValueError("the value is too large for a store")
    return text

"""Messages of rooms: who wrote them, whatever their nick is, and whether they name us."""

from __future__ import annotations

from sat.storage.database import Cursor

_STATEMENTS = (
    # What the room calls its author for itself (XEP-0421).
    "ALTER TABLE message ADD COLUMN occupant TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE message ADD COLUMN mention INTEGER NOT NULL DEFAULT 0",
)


def migrate(cursor: Cursor) -> None:
    """Add columns."""
    for statement in _STATEMENTS:
        cursor.execute(statement)

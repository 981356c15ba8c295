"""What goes with a text beside it, as JSON (sat/storage/extras.py); the same for the text of a correction."""

from __future__ import annotations

from sat.storage.database import Cursor

_STATEMENTS = (
    "ALTER TABLE message ADD COLUMN extra TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE edit ADD COLUMN extra TEXT NOT NULL DEFAULT ''",
)


def migrate(cursor: Cursor) -> None:
    """Add columns."""
    for statement in _STATEMENTS:
        cursor.execute(statement)

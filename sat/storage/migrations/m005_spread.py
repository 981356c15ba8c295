"""What a search by time need not look at: how far the order of messages is from their times."""

from __future__ import annotations

from sat.storage.database import Cursor

_STATEMENTS = (
    "CREATE TABLE spread (ahead INTEGER NOT NULL, behind INTEGER NOT NULL)",  # microseconds
    "INSERT INTO spread SELECT max(0, coalesce(max(id - CAST(time * 1000000 AS INTEGER)), 0)),"
    " max(0, coalesce(max(CAST(time * 1000000 AS INTEGER) - id), 0)) FROM message",
)


def migrate(cursor: Cursor) -> None:
    """Add a table."""
    for statement in _STATEMENTS:
        cursor.execute(statement)

"""Which messages are not to be kept: their texts are in memory, their rows go (sat/storage/unkept.py)."""

from __future__ import annotations

from sat.storage.database import Cursor


def migrate(cursor: Cursor) -> None:
    """Add a table."""
    cursor.execute("CREATE TABLE unkept (message INTEGER PRIMARY KEY)")

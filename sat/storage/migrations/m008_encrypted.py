"""How a correction came: one in clear replaces no text that was encrypted (sat/storage/edits.py)."""

from __future__ import annotations

from sat.storage.database import Cursor


def migrate(cursor: Cursor) -> None:
    """Add a column."""
    cursor.execute("ALTER TABLE edit ADD COLUMN encrypted TEXT NOT NULL DEFAULT ''")

"""The files that come with messages."""

from __future__ import annotations

from sat.storage.database import Cursor


def migrate(cursor: Cursor) -> None:
    """Add a column: the attachments as JSON, each a list of its fields in their order."""
    cursor.execute("ALTER TABLE message ADD COLUMN attachments TEXT NOT NULL DEFAULT ''")

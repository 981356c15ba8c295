"""Beginnings of words are found quickly, also in a long history: the index for the search is made anew."""

from __future__ import annotations

from sat.storage.database import Cursor
from sat.storage.message_text import REMAKE


def migrate(cursor: Cursor) -> None:
    """Empty the index; the daemon fills it when it has nothing else to do, and before a search."""
    for statement in REMAKE:
        cursor.execute(statement)

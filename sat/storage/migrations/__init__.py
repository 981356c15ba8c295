"""Steps from one layout of the database to the next.

Each is a module ``mNNN_name`` with a function ``migrate(cursor)``; its number is its place in :data:`STEPS`, and the
database remembers the last one in ``user_version``. Each runs in one transaction, so that a kill leaves the old
layout or the new one. Steps that have been released are never changed.
"""

from __future__ import annotations

import sqlite3
from importlib import import_module
from zlib import crc32

from sat.api.errors import StorageError

STEPS: tuple[str, ...] = (
    "m001_start",
    "m002_edits",
    "m003_rooms",
    "m004_beginnings",
    "m005_spread",
    "m006_attachments",
    "m007_extra",
    "m008_encrypted",
    "m009_unkept",
    "m010_posts",
    "m011_reactions",
    "m012_items",
)

_OF_SQLITE = (b"message_text_", b"post_text_", b"pubsub_text_")


def version_of(connection: sqlite3.Connection) -> int:
    """The number of the last step this database has seen; 0 is an empty one. Errors: StorageError when it is newer
    than this program."""
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > len(STEPS):
        raise StorageError(reason="the database was written by a newer version of this program")
    return version


def has_its_layout(connection: sqlite3.Connection) -> bool:
    """Whether the tables are described as they were when they were made: no other check sees a damage there."""
    noted = connection.execute("PRAGMA application_id").fetchone()[0]
    return noted in (0, _layout(connection.cursor()))  # 0: it was made before this was noted


def _layout(cursor: sqlite3.Cursor) -> int:
    """A digest of the description of all tables, as the database's application id (a signed number of 32 bits)."""
    # Not those that SQLite makes behind the indexes for the search: when another version makes such an index again,
    # they may be described otherwise.
    cursor.execute("SELECT CAST(name AS BLOB), CAST(sql AS BLOB) FROM sqlite_master WHERE sql IS NOT NULL")
    ours = sorted(row for row in cursor.fetchall() if not row[0].startswith(_OF_SQLITE))
    return crc32(b"\0".join(sql for _, sql in ours)) >> 1


def is_newest(version: int) -> bool:
    """Whether there is nothing to do."""
    return version == len(STEPS)


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the database to the newest layout."""
    for number in range(version_of(connection), len(STEPS)):
        step = import_module(f"{__name__}.{STEPS[number]}")
        cursor = connection.cursor()
        cursor.execute("BEGIN IMMEDIATE")
        try:
            step.migrate(cursor)
            cursor.execute(f"PRAGMA application_id = {_layout(cursor)}")
            cursor.execute(f"PRAGMA user_version = {number + 1}")
            cursor.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.rollback()
            raise

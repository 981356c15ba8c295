"""Items of nodes that are kept here, with an index for their search (sat/storage/items.py)."""

from __future__ import annotations

from sat.storage.database import Cursor
from sat.storage.items import ITEM_TEXT

_STATEMENTS = (
    """CREATE TABLE pubsub_node (
        id INTEGER PRIMARY KEY,
        profile INTEGER NOT NULL,
        service TEXT NOT NULL,
        node TEXT NOT NULL,
        UNIQUE (profile, service, node))""",
    # id: the order, microseconds since 1970, unique in the whole table. updated: when it was stored. text: its words.
    """CREATE TABLE pubsub_item (
        id INTEGER PRIMARY KEY,
        profile INTEGER NOT NULL,
        node INTEGER NOT NULL,
        item TEXT NOT NULL,
        updated REAL NOT NULL,
        xml TEXT NOT NULL,
        publisher TEXT NOT NULL,
        text TEXT NOT NULL,
        UNIQUE (node, item))""",
    "CREATE INDEX pubsub_item_all ON pubsub_item (profile, id)",
    "CREATE INDEX pubsub_item_node ON pubsub_item (node, id)",
    """CREATE VIEW pubsub_words (id, text, scope) AS
        SELECT id, text, char(57344) || 'p' || profile || ' ' || char(57344) || 'n' || node FROM pubsub_item""",
    ITEM_TEXT,
)


def migrate(cursor: Cursor) -> None:
    """Add tables."""
    for statement in _STATEMENTS:
        cursor.execute(statement)

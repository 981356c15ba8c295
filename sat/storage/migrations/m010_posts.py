"""Posts and comments of what is followed, with an index for their search (sat/storage/posts.py)."""

from __future__ import annotations

from sat.storage.database import Cursor
from sat.storage.post_rows import POST_TEXT

_STATEMENTS = (
    # looked: when its service was last asked for all that is new, seconds since 1970; 0: never. present: there was
    # something then, or it has told us of something.
    """CREATE TABLE post_node (
        id INTEGER PRIMARY KEY,
        profile INTEGER NOT NULL,
        service TEXT NOT NULL,
        node TEXT NOT NULL,
        looked REAL NOT NULL DEFAULT 0,
        present INTEGER NOT NULL DEFAULT 0,
        UNIQUE (profile, service, node))""",
    # id: the order, microseconds since 1970, unique in the whole table. listed: it stands in the timeline, which a
    # comment does not. heart: a comment that only says that its author likes the post. value: JSON of the other fields.
    """CREATE TABLE post (
        id INTEGER PRIMARY KEY,
        profile INTEGER NOT NULL,
        node INTEGER NOT NULL,
        item TEXT NOT NULL,
        author TEXT NOT NULL,
        title TEXT NOT NULL,
        text TEXT NOT NULL,
        listed INTEGER NOT NULL,
        unread INTEGER NOT NULL,
        heart INTEGER NOT NULL,
        comments_service TEXT NOT NULL,
        comments_node TEXT NOT NULL,
        value TEXT NOT NULL,
        UNIQUE (node, item))""",
    "CREATE INDEX post_all ON post (profile, id)",
    "CREATE INDEX post_listed ON post (profile, id) WHERE listed = 1",
    "CREATE INDEX post_unread ON post (profile, id, node, author) WHERE unread = 1",  # all that counting needs
    "CREATE INDEX post_said ON post (node, heart, author)",
    "CREATE INDEX post_comments ON post (profile, comments_node) WHERE comments_node != ''",
    # folded for comparison
    """CREATE TABLE post_tag (
        profile INTEGER NOT NULL,
        tag TEXT NOT NULL,
        post INTEGER NOT NULL,
        PRIMARY KEY (profile, tag, post)) WITHOUT ROWID""",
    """CREATE VIEW post_words (id, title, text, scope) AS
        SELECT id, title, text, char(57344) || 'p' || profile FROM post""",
    POST_TEXT,
)


def migrate(cursor: Cursor) -> None:
    """Add tables."""
    for statement in _STATEMENTS:
        cursor.execute(statement)

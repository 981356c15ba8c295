"""What is put to posts (XEP-0470), and what they say in other languages."""

from __future__ import annotations

from sat.storage.database import Cursor

_STATEMENTS = (
    # more: words in other languages, for the search. attached: JSON of sat.storage.post_rows.Attached, empty where
    # nothing is known.
    "ALTER TABLE post ADD COLUMN more TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE post ADD COLUMN attached TEXT NOT NULL DEFAULT ''",
    "DROP VIEW post_words",
    # Of what is in the index until now, the words are the same.
    """CREATE VIEW post_words (id, title, text, scope) AS
        SELECT id, title, text || CASE more WHEN '' THEN '' ELSE char(10) || more END, char(57344) || 'p' || profile
        FROM post""",
)


def migrate(cursor: Cursor) -> None:
    """Add columns."""
    for statement in _STATEMENTS:
        cursor.execute(statement)

"""Messages that change after they were written: corrected, taken back, reacted to, answered."""

from __future__ import annotations

from sat.storage.database import Cursor

_STATEMENTS = (
    "ALTER TABLE message ADD COLUMN edited REAL NOT NULL DEFAULT 0",
    "ALTER TABLE message ADD COLUMN retracted INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE message ADD COLUMN edit_state TEXT NOT NULL DEFAULT 'sent'",
    # JSON: who ("" is us) to the list of their emojis
    "ALTER TABLE message ADD COLUMN reactions TEXT NOT NULL DEFAULT ''",
    # What it answers: our id if that is stored, its author, its id on the wire, how it begins.
    "ALTER TABLE message ADD COLUMN reply TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE message ADD COLUMN reply_to TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE message ADD COLUMN reply_wire TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE message ADD COLUMN quote TEXT NOT NULL DEFAULT ''",
    # Whether its sender wants to know when it was read (XEP-0333).
    "ALTER TABLE message ADD COLUMN markable INTEGER NOT NULL DEFAULT 0",
    # Each change as it came. target is the message's id on the wire; message its order, 0 as long as it is not stored.
    # state is '' for what others did. stanza_id is unique for one author and kind: copies are known by it.
    """CREATE TABLE edit (
        id INTEGER PRIMARY KEY,
        profile INTEGER NOT NULL,
        conversation INTEGER NOT NULL,
        message INTEGER NOT NULL,
        target TEXT NOT NULL,
        kind TEXT NOT NULL,
        author TEXT NOT NULL,
        value TEXT NOT NULL,
        time REAL NOT NULL,
        state TEXT NOT NULL,
        stanza_id TEXT NOT NULL)""",
    "CREATE UNIQUE INDEX edit_once ON edit (conversation, author, kind, stanza_id)",
    "CREATE INDEX edit_message ON edit (message) WHERE message != 0",
    "CREATE INDEX edit_waits ON edit (conversation, target) WHERE message = 0",
    "CREATE INDEX edit_pending ON edit (profile) WHERE state = 'pending'",
    # A change names its message by these.
    "DROP INDEX message_elsewhere",
    "CREATE INDEX message_stanza ON message (conversation, stanza_id)",
    "CREATE INDEX message_archived ON message (conversation, archive_id) WHERE archive_id != ''",
    "CREATE INDEX message_reply ON message (conversation, reply) WHERE reply != ''",
)


def migrate(cursor: Cursor) -> None:
    """Add columns, and a table of changes."""
    for statement in _STATEMENTS:
        cursor.execute(statement)

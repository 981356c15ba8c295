"""The first layout."""

from __future__ import annotations

from sat.storage.database import Cursor
from sat.storage.message_text import MESSAGE_TEXT

_STATEMENTS = (
    # guard: where the key that wraps the profile's own key comes from (sat/storage/keys.py). A deleted profile
    # keeps its number, without a name, until its rows are gone.
    """CREATE TABLE profile (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT UNIQUE,
        account TEXT NOT NULL,
        is_default INTEGER NOT NULL DEFAULT 0,
        guard TEXT NOT NULL,
        guard_options TEXT NOT NULL,
        wrapped_key BLOB NOT NULL)""",
    """CREATE TABLE secret (
        profile INTEGER NOT NULL,
        key TEXT NOT NULL,
        sealed BLOB NOT NULL,
        PRIMARY KEY (profile, key)) WITHOUT ROWID""",
    # profile 0 is the daemon itself; value is JSON
    """CREATE TABLE store (
        profile INTEGER NOT NULL,
        namespace TEXT NOT NULL,
        key TEXT NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (profile, namespace, key)) WITHOUT ROWID""",
    """CREATE TABLE conversation (
        id INTEGER PRIMARY KEY,
        profile INTEGER NOT NULL,
        peer TEXT NOT NULL,
        UNIQUE (profile, peer))""",
    # id: the order, microseconds since 1970, unique in the whole table.
    # own: written here, so that stanza_id is also the message's id.
    # wire_key, archive_key: digests of what makes two copies the same message (sat/storage/copies.py).
    """CREATE TABLE message (
        id INTEGER PRIMARY KEY,
        profile INTEGER NOT NULL,
        conversation INTEGER NOT NULL,
        sender TEXT NOT NULL,
        outgoing INTEGER NOT NULL,
        own INTEGER NOT NULL,
        body TEXT NOT NULL,
        time REAL NOT NULL,
        state TEXT NOT NULL,
        kind TEXT NOT NULL,
        subject TEXT NOT NULL,
        thread TEXT NOT NULL,
        error TEXT NOT NULL,
        delayed INTEGER NOT NULL,
        encrypted TEXT NOT NULL,
        stanza_id TEXT NOT NULL,
        origin_id TEXT NOT NULL,
        archive TEXT NOT NULL,
        archive_id TEXT NOT NULL,
        wire_key BLOB,
        archive_key BLOB)""",
    "CREATE INDEX message_conversation ON message (conversation)",
    "CREATE UNIQUE INDEX message_wire ON message (conversation, wire_key) WHERE wire_key IS NOT NULL",
    "CREATE UNIQUE INDEX message_archive ON message (conversation, archive_key) WHERE archive_key IS NOT NULL",
    "CREATE UNIQUE INDEX message_own ON message (profile, stanza_id) WHERE own = 1",
    "CREATE INDEX message_elsewhere ON message (conversation, stanza_id) WHERE outgoing = 1 AND own = 0",
    "CREATE INDEX message_pending ON message (profile) WHERE state = 'pending'",
    "CREATE INDEX message_unread ON message (profile, conversation) WHERE state = 'unread'",
    # The full-text index has seen every message up to this one, except those in unindexed.
    "CREATE TABLE indexed (up_to INTEGER NOT NULL)",
    "INSERT INTO indexed VALUES (0)",
    "CREATE TABLE unindexed (message INTEGER PRIMARY KEY)",
    # scope narrows a search to a profile or a conversation before the words are compared (sat/storage/search.py).
    """CREATE VIEW message_words (id, body, subject, scope) AS
        SELECT id, body, subject, char(57344) || 'p' || profile || ' ' || char(57344) || 'c' || conversation
        FROM message""",
    MESSAGE_TEXT,
)


def migrate(cursor: Cursor) -> None:
    """Make the tables of an empty database."""
    for statement in _STATEMENTS:
        cursor.execute(statement)

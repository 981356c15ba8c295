"""What has been read: by us, and by who we write to."""

from __future__ import annotations

from typing import NamedTuple

from sat.api.errors import NotFound
from sat.api.messages import MessageChange, MessageState
from sat.api.values import JID
from sat.storage.database import Cursor
from sat.storage.places import conversation_of
from sat.storage.rows import id_of

_END = (1 << 63) - 1


class Read(NamedTuple):
    """What was marked: the changes, how many are unread now, the id on the wire of the newest one whose sender wants to
    know that it was read, the newest one that is in an archive, by its order and its id there; and how many of the
    unread name us."""

    changes: list[MessageChange]
    unread: int
    marker: str = ""
    archived: tuple[int, str] = (0, "")
    mentions: int = 0


def mark_read(cursor: Cursor, profile: int, peer: JID, order: int) -> Read:
    """What is unread in a conversation up to ``order`` (0: all of it) has been read."""
    conversation = conversation_of(cursor, profile, str(peer))
    cursor.execute(
        "SELECT id, markable, stanza_id, archive_id FROM message"
        " WHERE profile = ? AND conversation = ? AND state = 'unread' AND id <= ? ORDER BY id",
        (profile, conversation, order or _END),
    )
    rows = cursor.fetchall()
    cursor.executemany("UPDATE message SET state = 'read' WHERE id = ?", [row[:1] for row in rows])
    marker = next((stanza_id for _, markable, stanza_id, _ in reversed(rows) if markable), "")
    archived = next(((id, archive_id) for id, _, _, archive_id in reversed(rows) if archive_id), (0, ""))
    changes = [MessageChange(id_of(row[0]), peer, MessageState.READ) for row in rows]
    unread, mentions = _unread_of(cursor, profile, conversation)
    return Read(changes, unread, marker, archived, mentions)


def mark_unread(cursor: Cursor, profile: int, peer: JID, order: int) -> Read:
    """What they wrote in a conversation from ``order`` on is unread again, the last of it at least (0: only that).
    Errors: NotFound where they have written nothing."""
    conversation = conversation_of(cursor, profile, str(peer))
    cursor.execute(
        "SELECT id FROM message WHERE conversation = ? AND outgoing = 0 ORDER BY id DESC LIMIT 1", (conversation,)
    )
    last = cursor.fetchone()
    if last is None:
        raise NotFound(what=f"message of {peer}")
    cursor.execute(
        "UPDATE message SET state = 'unread' WHERE conversation = ? AND id >= ? AND state = 'read' RETURNING id",
        (conversation, min(order, *last) if order else last[0]),
    )
    changes = [MessageChange(id_of(id), peer, MessageState.UNREAD) for (id,) in sorted(cursor.fetchall())]
    unread, mentions = _unread_of(cursor, profile, conversation)
    return Read(changes, unread, mentions=mentions)


def place_of_incoming(cursor: Cursor, profile: int, peer: JID, stanza_id: str) -> int:
    """The order of the contact's newest message with this id on the wire, 0 where there is none."""
    return _last_with(cursor, conversation_of(cursor, profile, str(peer)), stanza_id, outgoing=False)


def place_in_archive(cursor: Cursor, profile: int, peer: JID, archive: JID, archive_id: str) -> int:
    """The order of the message of a conversation that this archive calls so, 0 where there is none."""
    cursor.execute(
        "SELECT max(id) FROM message WHERE conversation = ? AND archive_id = ? AND archive_id != '' AND archive = ?",
        (conversation_of(cursor, profile, str(peer)), archive_id, str(archive)),
    )
    return cursor.fetchone()[0] or 0


def mark_displayed(cursor: Cursor, profile: int, peer: JID, stanza_id: str) -> list[MessageChange]:
    """The contact has seen what we sent up to the message with this id on the wire (XEP-0333)."""
    conversation = conversation_of(cursor, profile, str(peer))
    cursor.execute(
        "UPDATE message SET state = 'displayed' WHERE conversation = ? AND outgoing = 1 AND id <= ?"
        " AND state IN ('sent', 'delivered') RETURNING id, own, stanza_id",
        (conversation, _last_with(cursor, conversation, stanza_id, outgoing=True)),
    )
    moved = sorted(cursor.fetchall())
    return [MessageChange(id if own else id_of(order), peer, MessageState.DISPLAYED) for order, own, id in moved]


def _last_with(cursor: Cursor, conversation: int | None, stanza_id: str, *, outgoing: bool) -> int:
    cursor.execute(
        "SELECT max(id) FROM message WHERE conversation = ? AND stanza_id = ? AND outgoing = ?",
        (conversation, stanza_id, int(outgoing)),
    )
    return cursor.fetchone()[0] or 0


def _unread_of(cursor: Cursor, profile: int, conversation: int | None) -> tuple[int, int]:
    cursor.execute(
        "SELECT count(*), ifnull(sum(mention), 0) FROM message"
        " WHERE profile = ? AND conversation = ? AND state = 'unread'",
        (profile, conversation),
    )
    unread, mentions = cursor.fetchone()
    return unread, mentions

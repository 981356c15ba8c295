"""Which messages are the same message: live, from the archive, as a carbon, sent again after a reconnection.

Only copies in one conversation and of one sender are compared, so an id that somebody else has chosen never hides a
message (XEP-0359 §6). Two digests per message make the look-up a part of the insertion; what they find is compared
field by field, so a clash of digests hides nothing either.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

from sat.api.messages import MessageKind, MessageState
from sat.storage.database import Cursor
from sat.storage.rows import NewMessage


class Keys(NamedTuple):
    """Digests of what identifies a message; None where it has nothing of the kind."""

    wire: bytes | None
    archive: bytes | None


class Known(NamedTuple):
    """The stored copy of a message."""

    order: int
    own: bool
    stanza_id: str
    state: str
    archive_id: str


def is_own(new: NewMessage) -> bool:
    """Whether a message was written here. Then its wire id, which we chose, is its id."""
    return new.outgoing and bool(new.stanza_id) and new.state is MessageState.PENDING


def keys_of(new: NewMessage) -> Keys:
    """The digests of a message."""
    origin_id = _origin_id(new)
    way = ">" if new.outgoing else "<"
    wire = archive = None
    if origin_id:
        wire = _digest(f"{way}{_author(new)}\0{origin_id}")
    elif new.stanza_id:
        # Some programs count their ids from 1 at every start, so the text must be the same too.
        wire = _digest(f"{way}{new.sender}\0{new.stanza_id}\0{new.body}")
    if new.archive_id:
        archive = _digest(f"{way}{_author(new)}\0{new.archive}\0{new.archive_id}")
    return Keys(wire, archive)


def find_known(cursor: Cursor, profile: int, conversation: int, new: NewMessage, keys: Keys) -> Known | None:
    """The stored copy of a message, if there is one."""
    own = find_own(cursor, profile, conversation, new)
    if own:
        return own
    for column, key in (("archive_key", keys.archive), ("wire_key", keys.wire)):
        if key is None:
            continue
        cursor.execute(
            "SELECT id, own, stanza_id, state, archive_id, archive, origin_id, sender, body, kind, outgoing"  # noqa: S608 - the names in it are ours
            f" FROM message WHERE conversation = ? AND {column} = ?",
            (conversation, key),
        )
        row = cursor.fetchone()
        if row and _same(new, row, column):
            return Known(row[0], bool(row[1]), row[2], row[3], row[4])
    return None


def find_own(cursor: Cursor, profile: int, conversation: int, new: NewMessage) -> Known | None:
    """What was written here, if this is a copy of it."""
    if not new.outgoing or not new.stanza_id:
        return None
    # Our id is random and 128 bits long: an archive that has lost the origin-id still gives it as the stanza's id.
    cursor.execute(
        "SELECT id, own, stanza_id, state, archive_id FROM message"
        " WHERE profile = ? AND own = 1 AND stanza_id IN (?, ?) AND conversation = ?",
        (profile, new.stanza_id, new.origin_id or new.stanza_id, conversation),
    )
    row = cursor.fetchone()
    return Known(row[0], bool(row[1]), *row[2:]) if row else None


def are_own(cursor: Cursor, profile: int, ids: Sequence[str]) -> bool:
    """Whether any message with one of these ids was written here."""
    cursor.execute(
        f"SELECT 1 FROM message WHERE profile = ? AND own = 1 AND stanza_id IN ({', '.join('?' * len(ids))}) LIMIT 1",  # noqa: S608
        (profile, *ids),
    )
    return cursor.fetchone() is not None


def _same(new: NewMessage, row: tuple[Any, ...], column: str) -> bool:
    _, own, stanza_id, _, archive_id, archive, origin_id, sender, body, kind, outgoing = row
    author = sender if kind == MessageKind.GROUPCHAT else sender.partition("/")[0]
    if author != _author(new) or bool(outgoing) != new.outgoing:
        return False
    if column == "archive_key":
        return bool(archive == new.archive and archive_id == new.archive_id)
    if own:
        origin_id = origin_id or stanza_id
    wanted = _origin_id(new)
    if wanted or origin_id:
        return bool(wanted == origin_id)
    if archive_id and new.archive_id and archive == new.archive and archive_id != new.archive_id:
        return False  # the archive knows that they are two
    return bool(sender == new.sender and stanza_id == new.stanza_id and body == new.body)


def _origin_id(new: NewMessage) -> str:
    return new.origin_id or (new.stanza_id if is_own(new) else "")


def _author(new: NewMessage) -> str:
    # In a room the resource tells the occupants apart.
    return str(new.sender) if new.kind is MessageKind.GROUPCHAT else new.sender.partition("/")[0]


def _digest(text: str) -> bytes:
    return blake2b(text.encode(), digest_size=8).digest()

"""Changes to stored messages: corrections (XEP-0308), retractions (XEP-0424), reactions (XEP-0444).

Each is kept as it came, so that one which comes before its message (an archive is read backwards) waits for it, a copy
changes nothing, and the earlier versions of a text can be looked at. What a message looks like now stands in its row.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from sat.api.errors import NotEditable, NotFound
from sat.api.messages import IN_CLEAR, PLAIN, Extra, Message, MessageKind, MessageState, Secured, Version
from sat.api.values import JID
from sat.storage.database import Cursor
from sat.storage.edit_values import Edit, EditKind, NewEdit, emojis_of, is_believed_less, is_less
from sat.storage.extras import column_of, extra_of
from sat.storage.places import conversation_of, place_of
from sat.storage.rows import NewMessage, by_id, id_of, is_unkept, secured_of, secured_text, select_message
from sat.storage.search import forget_words, note_unindexed

WAITING = 500
"""Changes of one conversation that may wait for their message."""

QUOTE = 300
"""Characters of an answered message that stand above the answer."""

SPOILER = "(spoiler)"
"""What is quoted of a text that is hidden and has no hint."""

PEOPLE = 1000
"""Who may have reacted to one message."""

OURS = ""
"""The author of what was written with this account."""

ROOM = "room"
"""The author of what a room has done itself: it may change every message in it."""


class _Target(NamedTuple):
    """The message that is to be changed."""

    order: int
    author: str
    body: str
    time: float
    edited: float
    retracted: int
    reactions: str
    stanza_id: str
    archive_id: str
    kind: str
    conversation: int
    own: int
    origin_id: str
    occupant: str
    extra: str
    encrypted: str

    @property
    def id(self) -> str:
        """The message's id, as frontends know it."""
        return self.stanza_id if self.own else id_of(self.order)


_TARGET = (
    "SELECT id, CASE WHEN outgoing = 1 THEN '' ELSE sender END, body, time, edited, retracted, reactions, stanza_id,"
    " archive_id, kind, conversation, own, origin_id, occupant, extra, encrypted FROM message"
)


# -- others' and other devices' ----------------------------------------------------------------------------------


def take(cursor: Cursor, profile: int, new: NewEdit) -> Message | None:
    """Keep a change that has come; the message as it is now, None where nothing is to be seen of it. Errors: NotFound
    where there is no such message of its author, and it is not to wait for it, or it is not believed."""
    conversation = place_of(cursor, profile, str(new.peer)).number
    author = _author_of_change(new)
    if new.outgoing and _has_come(cursor, profile, new.stanza_id):
        return None  # one of ours, as the archive or another device has it
    free = new.kind is EditKind.REACT or author == ROOM
    found = _find(cursor, conversation, new.target, new.room, None if free else author)
    if (found is None and not new.waits) or (
        found and author != ROOM and is_believed_less(new.kind, new.encrypted, secured_of(found.encrypted))
    ):
        raise NotFound(what=f"message {new.target}")
    order = found.order if found else 0
    if not _keep(cursor, profile, conversation, order, new, author):
        return None
    if found is None:
        _forget_waiting(cursor, conversation)
        return None
    _apply(cursor, found, new.kind, author, new.value, new.time, column_of(new.extra), secured_text(new.encrypted))
    return select_message(cursor, order)


def apply_waiting(cursor: Cursor, conversation: int, order: int) -> bool:
    """Apply to a message that was just stored what had come before it; whether there was anything."""
    awaited = waiting(cursor)
    if not awaited:
        return False
    target = _target(cursor, "id = ?", (order,))
    if target is None or not {(conversation, target.stanza_id), (conversation, target.archive_id)} & awaited:
        return False
    cursor.execute(
        "SELECT id, kind, author, value, time, extra, encrypted FROM edit"
        " WHERE conversation = ? AND message = 0 AND target IN (?, ?)"
        " ORDER BY time, id",
        (conversation, target.stanza_id, target.archive_id or target.stanza_id),
    )
    for id, kind, author, value, time, extra, encrypted in cursor.fetchall():
        if kind != EditKind.REACT and author not in (ROOM, _author_of(target)):
            continue  # nobody changes what another wrote
        if author != ROOM and is_believed_less(kind, secured_of(encrypted), secured_of(target.encrypted)):
            continue  # nor does a server
        cursor.execute("UPDATE edit SET message = ? WHERE id = ?", (order, id))
        _apply(cursor, target, EditKind(kind), author, value, time, extra, encrypted)
        target = _target(cursor, "id = ?", (order,)) or target
    cursor.notes.pop("waiting edits", None)
    return True


def _keep(cursor: Cursor, profile: int, conversation: int, order: int, new: NewEdit, author: str) -> bool:
    """Whether it is the first copy, and no later one of its kind is known."""
    if new.kind is EditKind.REACT and order:
        cursor.execute(
            "SELECT time, encrypted FROM edit WHERE message = ? AND kind = ? AND author = ?",
            (order, new.kind.value, author),
        )
        if any(time > new.time or is_less(new.encrypted, secured_of(seal)) for time, seal in cursor.fetchall()):
            return False
    cursor.execute(
        "INSERT INTO edit"
        " (profile, conversation, message, target, kind, author, value, time, state, stanza_id, extra, encrypted)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, '', ?, ?, ?) ON CONFLICT DO NOTHING",
        (
            *(profile, conversation, order, new.target, new.kind.value, author, new.value, new.time, new.stanza_id),
            *(column_of(new.extra), secured_text(new.encrypted)),
        ),
    )
    return bool(cursor.rowcount == 1)


def _has_come(cursor: Cursor, profile: int, stanza_id: str) -> bool:
    """Whether a change of this program has this id; the server has it then."""
    cursor.execute(
        "SELECT 1 FROM edit WHERE profile = ? AND author = ? AND stanza_id = ? AND state != ''",
        (profile, OURS, stanza_id),
    )
    if cursor.fetchone() is None:
        return False
    set_states(cursor, profile, [stanza_id], MessageState.SENT)
    return True


def waiting(cursor: Cursor) -> set[tuple[int, str]]:
    """Which messages are waited for, as a change to them has come: conversation and id on the wire."""
    known: set[tuple[int, str]] | None = cursor.notes.get("waiting edits")
    if known is None:
        cursor.execute("SELECT conversation, target FROM edit WHERE message = 0")
        known = cursor.notes["waiting edits"] = set(cursor.fetchall())
    return known


def _forget_waiting(cursor: Cursor, conversation: int) -> None:
    cursor.notes.pop("waiting edits", None)
    cursor.execute(
        "DELETE FROM edit WHERE id IN (SELECT id FROM edit WHERE conversation = ? AND message = 0"
        " ORDER BY id DESC LIMIT -1 OFFSET ?)",
        (conversation, WAITING),
    )


def answering(cursor: Cursor, conversation: int, new: NewMessage) -> NewMessage:
    """A new message with all that can be said of the one it answers. Errors: NotFound, when ours answers nothing."""
    target: _Target | None
    if new.reply:
        condition, key = by_id(new.reply)
        target = _target(cursor, f"conversation = ? AND {condition}", (conversation, key))
        if target is None:
            raise NotFound(what=f"message {new.reply}")
    else:
        target = _find(cursor, conversation, new.reply_wire, new.kind is MessageKind.GROUPCHAT, None)
    if target is None:
        return new
    # §4.1: the room's id in a room, else the origin-id, else the message's own
    wire_id = target.archive_id if target.kind == MessageKind.GROUPCHAT else target.origin_id or target.stanza_id
    author = new.reply_to
    if new.reply:
        cursor.execute("SELECT sender FROM message WHERE id = ?", (target.order,))
        author = JID(cursor.fetchone()[0])
    extra = extra_of(target.extra)
    hidden = extra.hint or SPOILER if extra.spoiler else ""  # an answer must not tell it
    quote = "" if target.retracted else hidden or target.body[:QUOTE] or new.quote
    return new._replace(reply=target.id, reply_to=author, reply_wire=wire_id, quote=quote)


# -- ours ----------------------------------------------------------------------------------------------------------


def edit_own(
    cursor: Cursor,
    profile: int,
    id: str,
    kind: EditKind,
    value: str,
    stanza_id: str,
    time: float,
    extra: Extra = PLAIN,
    seal: Secured = IN_CLEAR,
) -> tuple[Message, Edit]:
    """Change a message from here; it has still to leave. ``seal`` is how it is encrypted where the message is not.
    Errors: NotFound, NotEditable."""
    condition, key = by_id(id)
    target = _target(cursor, f"profile = ? AND {condition}", (profile, key))
    if target is None:
        raise NotFound(what=f"message {id}")
    if kind is not EditKind.REACT and target.author != OURS:
        raise NotEditable(reason="it was written by somebody else")
    if target.retracted:
        raise NotEditable(reason="it was taken back")
    if kind is EditKind.CORRECT and is_unkept(cursor, target.order):
        raise NotEditable(reason="it is off the record")
    room = target.kind == MessageKind.GROUPCHAT
    # XEP-0308 names a message by its own id; the others, in a room, by the id that the room gave it (XEP-0424 §5).
    wire_id = target.archive_id if room and kind is not EditKind.CORRECT else target.stanza_id
    if not wire_id:
        raise NotEditable(reason="it has no id by which others know it")
    cursor.execute(
        "INSERT INTO edit"
        " (profile, conversation, message, target, kind, author, value, time, state, stanza_id, extra, encrypted)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'pending', ?, ?, ?)",
        (
            *(profile, target.conversation, target.order, wire_id, kind.value, OURS, value, time, stanza_id),
            *(column_of(extra), secured_text(seal)),
        ),
    )
    _apply(cursor, target, kind, OURS, value, time, column_of(extra), target.encrypted)
    cursor.execute("UPDATE message SET edit_state = 'pending' WHERE id = ?", (target.order,))
    message = select_message(cursor, target.order)
    assert message is not None
    cursor.execute(f"{_LEAVING} WHERE e.profile = ? AND e.author = ? AND e.stanza_id = ?", (profile, OURS, stanza_id))
    return message, _edit(cursor.fetchone())


_LEAVING = (
    "SELECT c.peer, m.kind, e.kind, e.target, e.value, e.time, e.stanza_id, e.extra, m.reply_to, m.reply_wire, m.quote,"
    " CASE WHEN m.encrypted = '' THEN e.encrypted ELSE m.encrypted END"
    " FROM edit e JOIN conversation c ON c.id = e.conversation JOIN message m ON m.id = e.message"
)


def _edit(row: tuple[Any, ...]) -> Edit:
    peer, message_kind, kind, target, value, time, stanza_id, extra, reply_to, reply_wire, quote, encrypted = row
    return Edit(
        *(JID(peer), MessageKind(message_kind), EditKind(kind), target, value, time, stanza_id),
        *(extra_of(extra), JID(reply_to), reply_wire, quote, secured_of(encrypted).method),
    )


def pending(cursor: Cursor, profile: int) -> list[Edit]:
    """What is to be sent again after a reconnection, in order."""
    cursor.execute(f"{_LEAVING} WHERE e.profile = ? AND e.state = 'pending' ORDER BY e.time, e.id", (profile,))
    return [_edit(row) for row in cursor.fetchall()]


def set_states(
    cursor: Cursor, profile: int, stanza_ids: list[str], state: MessageState, error: str = "", peer: JID | None = None
) -> list[Message]:
    """Changes of ours have come further (SENT) or were refused (FAILED, perhaps said by ``peer``); the messages."""
    messages = []
    for stanza_id in stanza_ids:
        cursor.execute(
            "UPDATE edit SET state = ? WHERE profile = ? AND author = '' AND stanza_id = ? AND"
            " (state = 'pending' OR (state = 'sent' AND ? = 'failed'))"
            " AND (? IS NULL OR conversation = ?) RETURNING message",
            (state.value, profile, stanza_id, state.value, *_conversation(cursor, profile, peer)),
        )
        if row := cursor.fetchone():
            cursor.execute(
                "UPDATE message SET error = ?, edit_state = CASE WHEN EXISTS (SELECT 1 FROM edit WHERE message = ?"
                " AND state = 'pending') THEN 'pending' ELSE ? END WHERE id = ?",
                (error, row[0], state.value, row[0]),
            )
            if message := select_message(cursor, row[0]):
                messages.append(message)
    return messages


def _conversation(cursor: Cursor, profile: int, peer: JID | None) -> tuple[int | None, int | None]:
    number = None if peer is None else conversation_of(cursor, profile, str(peer)) or -1
    return number, number


def versions(cursor: Cursor, profile: int, id: str) -> list[Version]:
    """What a message has said, oldest first, the present text last. Errors: NotFound."""
    condition, key = by_id(id)
    target = _target(cursor, f"profile = ? AND {condition}", (profile, key))
    if target is None:
        raise NotFound(what=f"message {id}")
    cursor.execute(
        "SELECT time, value FROM edit WHERE message = ? AND kind IN ('correct', 'original')"
        " ORDER BY kind = 'original' DESC, time, id",
        (target.order,),
    )
    if target.retracted:
        return []
    return [Version(*row) for row in cursor.fetchall()] or [Version(target.time, target.body)]


# -- what these share ----------------------------------------------------------------------------------------------


def _apply(
    cursor: Cursor, target: _Target, kind: EditKind, author: str, value: str, time: float, extra: str, encrypted: str
) -> None:
    if target.retracted:
        return
    if kind is EditKind.REACT:
        reactions = json.loads(target.reactions or "{}")
        reactions.pop(author, None)
        if (emojis := list(emojis_of(value))) and len(reactions) < PEOPLE:
            reactions[author] = emojis
        text = json.dumps(reactions, ensure_ascii=False) if reactions else ""
        cursor.execute("UPDATE message SET reactions = ? WHERE id = ?", (text, target.order))
    elif kind is EditKind.RETRACT:
        gone = "subject = '', quote = '', reactions = '', attachments = '', extra = '', retracted = 1"
        _set_body(cursor, target.order, gone, "")
        cursor.execute(
            "UPDATE edit SET value = '', extra = '' WHERE message = ? AND kind IN ('correct', 'original')",
            (target.order,),
        )
        cursor.execute(
            "UPDATE message SET quote = '' WHERE conversation = ? AND reply = ?", (target.conversation, target.id)
        )
    elif time >= target.edited:
        if not target.edited:
            cursor.execute(
                "INSERT INTO edit"
                " (profile, conversation, message, target, kind, author, value, time, state, stanza_id, extra)"
                " SELECT profile, conversation, id, stanza_id, 'original', ?, body, time, '', 'original of ' || id,"
                " extra FROM message WHERE id = ? ON CONFLICT DO NOTHING",
                (author, target.order),
            )
        _set_body(cursor, target.order, "edited = ?, extra = ?, encrypted = ?", value, time, extra, encrypted)


def _set_body(cursor: Cursor, order: int, also: str, body: str, *values: Any) -> None:
    forget_words(cursor, [(order,)])
    cursor.execute(f"UPDATE message SET body = ?, {also} WHERE id = ?", (body, *values, order))  # noqa: S608
    note_unindexed(cursor, order)


def _find(cursor: Cursor, conversation: int, target: str, room: bool, author: str | None) -> _Target | None:
    """The newest message with an id on the wire, of one author where given: no one changes what another wrote."""
    for column in ("archive_id", "stanza_id") if room else ("stanza_id",):
        cursor.execute(
            f"{_TARGET} WHERE conversation = ? AND {column} = ? AND {column} != '' ORDER BY id DESC LIMIT 20",
            (conversation, target),
        )
        for row in cursor.fetchall():
            found = _Target(*row)
            if author is None or author == _author_of(found):
                return found
    return None


def _target(cursor: Cursor, condition: str, values: tuple[Any, ...]) -> _Target | None:
    cursor.execute(f"{_TARGET} WHERE {condition}", values)
    row = cursor.fetchone()
    return None if row is None else _Target(*row)


def _author_of(target: _Target) -> str:
    occupant = target.occupant if target.author != OURS else ""
    return _author(target.author, target.kind == MessageKind.GROUPCHAT, occupant)


def _author_of_change(new: NewEdit) -> str:
    if new.by_room:
        return ROOM
    # Reactions are shown with who put them, by nick.
    occupant = "" if new.kind is EditKind.REACT else new.occupant
    return OURS if new.outgoing else _author(str(new.sender), new.room, occupant)


def _author(sender: str, room: bool, occupant: str) -> str:
    # In a room the resource tells the occupants apart, but another may have the nick later.
    if room:
        return f"id:{occupant}" if occupant else sender
    return sender.partition("/")[0]

"""Messages as values and as rows."""

from __future__ import annotations

import json
from enum import StrEnum
from typing import Any, NamedTuple

from sat.api.messages import (
    IN_CLEAR,
    PAGE_TEXT,
    PLAIN,
    Attachment,
    Extra,
    Message,
    MessageKind,
    MessageState,
    Reaction,
    Secured,
    Trust,
    text_size,
)
from sat.api.values import ANYBODY, JID
from sat.storage.database import Cursor
from sat.storage.extras import extra_of


class Missed(StrEnum):
    """How a message came that was written while we were away: not so, QUEUED by the server for our next connection
    (XEP-0160, XEP-0198), or ARCHIVED, which is told in the archive's sequence."""

    NOT = ""
    QUEUED = "queued"
    ARCHIVED = "archived"


class NewMessage(NamedTuple):
    """A message to be stored; see :class:`sat.api.messages.Message` for the meanings.

    ``time`` is when it came, or with ``delayed`` the stamp it carries. ``stanza_id`` is the ``id`` on the wire,
    ``origin_id`` its sender's (XEP-0359 §3.2). ``archive_id`` is the one that the archive ``archive`` gave it; whoever
    adds the message has checked that it may be believed (XEP-0359 §6). ``below`` is an order that it must stay under:
    it is older than the message that has it, whatever its stamp says (stamps are often whole seconds). What was
    ``missed`` is newer than all that came out of the archive before
    :meth:`~sat.storage.messages.Messages.begin_catch_up`, whatever the two clocks say. What it answers is named by
    ``reply``, our id, or by ``reply_wire``, the one on the wire. ``markable``: its sender wants to know when it was
    read. ``occupant`` is the author as the room knows them (XEP-0421). A ``copy`` only completes what is stored. Not
    ``kept``: what it says is not to be on the disk (``sat/storage/unkept.py``)."""

    peer: JID
    sender: JID
    outgoing: bool
    body: str
    time: float
    state: MessageState
    kind: MessageKind = MessageKind.CHAT
    subject: str = ""
    thread: str = ""
    error: str = ""
    delayed: bool = False
    encrypted: Secured = IN_CLEAR
    stanza_id: str = ""
    origin_id: str = ""
    archive_id: str = ""
    archive: JID = JID("")
    below: int = 0
    missed: Missed = Missed.NOT
    reply: str = ""
    reply_to: JID = ANYBODY
    reply_wire: str = ""
    quote: str = ""
    markable: bool = False
    occupant: str = ""
    mention: bool = False
    attachments: list[Attachment] = []  # noqa: RUF012  # a default that nobody changes
    extra: Extra = PLAIN
    copy: bool = False
    kept: bool = True


COLUMNS = (
    "m.id, m.own, m.stanza_id, c.peer, m.sender, m.outgoing, m.body, m.time, m.state, m.kind, m.subject, m.thread,"
    " m.error, m.delayed, m.encrypted, m.edited, m.retracted, m.edit_state, m.reactions, m.reply, m.reply_to, m.quote,"
    " m.mention, m.attachments, m.extra"
)
"""What :func:`message_of` needs, from ``message m JOIN conversation c``."""

FROM = "FROM message m CROSS JOIN conversation c ON c.id = m.conversation"

_STATES = {state.value: state for state in MessageState}
_KINDS = {kind.value: kind for kind in MessageKind}
_TRUST = {trust.value: trust for trust in Trust}
_NO_REACTIONS: list[Reaction] = []
_NO_ATTACHMENTS: list[Attachment] = []


def message_of(row: tuple[Any, ...]) -> Message:
    """The message of a row of :data:`COLUMNS`."""
    (
        order,
        own,
        stanza_id,
        peer,
        sender,
        outgoing,
        body,
        time,
        state,
        kind,
        subject,
        thread,
        error,
        delayed,
        encrypted,
        edited,
        retracted,
        edit_state,
        reactions,
        reply,
        reply_to,
        quote,
        mention,
        attachments,
        extra,
    ) = row
    return Message(
        stanza_id if own else id_of(order),
        order,
        JID(peer),
        JID(sender),
        bool(outgoing),
        body,
        time,
        # What cannot be is damage that no check can see: the rest of the message is worth showing.
        _STATES.get(state, MessageState.READ),
        _KINDS.get(kind, MessageKind.CHAT),
        subject,
        thread,
        error,
        bool(delayed),
        secured_of(encrypted) if encrypted else IN_CLEAR,
        edited,
        bool(retracted),
        _STATES.get(edit_state, MessageState.SENT),
        reactions_of(reactions) if reactions else _NO_REACTIONS,
        reply,
        JID(reply_to),
        quote,
        bool(mention),
        attachments_of(attachments) if attachments else _NO_ATTACHMENTS,
        extra_of(extra),
    )


def secured_of(text: str) -> Secured:
    """How a message was encrypted, of a column."""
    method, _, rest = text.partition(" ")
    trust, _, rest = rest.partition(" ")
    key, _, whole = rest.partition(" ")
    return Secured(method, _TRUST.get(trust, Trust.UNDECIDED), key, bool(whole))


def secured_text(secured: Secured) -> str:
    """The column of how a message was encrypted."""
    if not secured.method:
        return ""
    method, trust, key, whole = secured
    return " ".join((method, trust, key, "whole") if whole else (method, trust, key))


def attachments_of(text: str) -> list[Attachment]:
    """The attachments of a column."""
    try:
        return [Attachment(*each) for each in json.loads(text)]
    except (ValueError, TypeError):  # damage; the rest of the message is worth showing
        return []


def attachments_text(attachments: list[Attachment]) -> str:
    """The column of attachments."""
    return json.dumps(attachments, ensure_ascii=False) if attachments else ""


def reactions_of(text: str) -> list[Reaction]:
    """The reactions of a column, the emoji that was put first at the beginning."""
    found: dict[str, Reaction] = {}
    try:
        people = json.loads(text)
    except ValueError:  # damage; the rest of the message is worth showing
        return []
    for author, emojis in people.items():
        for emoji in emojis:
            reaction = found.setdefault(emoji, Reaction(emoji, []))
            if author:
                reaction.senders.append(JID(author))
            else:
                found[emoji] = reaction._replace(own=True)
    return list(found.values())


def select_message(cursor: Cursor, order: int) -> Message | None:
    """The message of an order."""
    cursor.execute(f"SELECT {COLUMNS} {FROM} WHERE m.id = ?", (order,))
    row = cursor.fetchone()
    return None if row is None else message_of(row)


def is_unkept(cursor: Cursor, order: int) -> bool:
    """Whether a message is off the record (``unkept.py``)."""
    return cursor.execute("SELECT 1 FROM unkept WHERE message = ?", (order,)).fetchone() is not None


def page_of(cursor: Cursor) -> list[Message]:
    """The messages that were asked for, until there is so much text that it makes a page."""
    page, size = [], 0
    for row in iter(cursor.fetchone, None):
        message = message_of(row)
        page.append(message)
        size += text_size(message)
        if size >= PAGE_TEXT:
            cursor.execute("SELECT 1").fetchall()  # the rest is not read: SQLite must not wait for us to do so
            break
    return page


def id_of(order: int) -> str:
    """The id of a message that was not written here: its place, which is unique."""
    return f"r{order:016x}"


def by_id(id: str, table: str = "message") -> tuple[str, str | int]:
    """A condition on the messages of a profile, and its parameter, that finds the one with this id."""
    order = order_of(id)
    if order is None:
        return f"{table}.own = 1 AND {table}.stanza_id = ?", id
    return f"{table}.own = 0 AND {table}.id = ?", order


def order_of(id: str) -> int | None:
    """The reverse of :func:`id_of`; None for the id of a message that was written here."""
    if len(id) != 17 or id[0] != "r":
        return None
    try:
        order = int(id[1:], 16)
    except ValueError:
        return None
    return order if id_of(order) == id and order < 1 << 63 else None

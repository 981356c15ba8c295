"""What the templates draw, worked out from the models: plain values without behaviour."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from urllib.parse import quote

from libervia.server.render import chat_end, chat_path, file_path
from sat.api import JID
from sat.api.messages import Extra, Message, MessageKind, MessageState, Reaction
from sat.plugins.presence.api import Show
from sat_frontends.quick_frontend.amending import Composing, can_correct, can_react
from sat_frontends.quick_frontend.attachments import described, looks_like_picture
from sat_frontends.quick_frontend.attention import asked
from sat_frontends.quick_frontend.chat import Row
from sat_frontends.quick_frontend.contact_rows import ContactRow, GroupRow
from sat_frontends.quick_frontend.encryption_words import Mark, mark, unreadable
from sat_frontends.quick_frontend.hidden import cover, preview
from sat_frontends.quick_frontend.live import LiveProfile
from sat_frontends.quick_frontend.moderating import can_take_back
from sat_frontends.quick_frontend.room_words import Piece
from sat_frontends.quick_frontend.rows import author as written_by
from sat_frontends.quick_frontend.text import clean_line, short
from sat_frontends.quick_frontend.translations import also

LIST_LIMIT = 200
"""Contacts in the list on a page; more would freeze small machines. The rest is in /contacts."""

NAMED = 10
"""People that are named beside a reaction; the others are counted."""
EXCERPT = 120
"""Columns of a quoted message."""

STATES = {
    MessageState.PENDING: ("◌", "waiting to be sent"),
    MessageState.SENT: ("✓", "sent"),
    MessageState.DELIVERED: ("✓✓", "delivered"),
    MessageState.DISPLAYED: ("✓✓", "seen"),
    MessageState.FAILED: ("✗", "not sent"),
}


class ContactItem(NamedTuple):
    """A row of the contact list: a contact, or a group's heading (without ``jid``)."""

    key: str
    label: str
    jid: JID = JID("")
    path: str = ""
    show: Show = Show.OFFLINE
    status: str = ""
    unread: int = 0
    typing: bool = False
    asked: bool = False
    picture: str = ""
    online: int = 0
    total: int = 0
    draft: bool = False
    quiet: bool = False


class ReactionItem(NamedTuple):
    """A reaction as it is drawn: ``key`` passes the page as it is, ``who`` names some of the people."""

    emoji: str
    key: str
    people: int
    who: str
    own: bool


class FileItem(NamedTuple):
    """A file of a message as it is drawn; ``picture``: it may be one that is shown."""

    label: str
    path: str
    picture: bool


class QuoteItem(NamedTuple):
    """The beginning of the message that another answers; nothing of it is left where it was taken back."""

    label: str
    text: str
    id: str = ""
    path: str = ""


class MessageItem(NamedTuple):
    """A message as it is drawn."""

    id: str
    order: int
    peer: JID
    sender: str
    sender_label: str
    outgoing: bool
    body: str
    time: float
    kind: str
    subject: str
    state: str
    mark: str
    mark_label: str
    error: str
    secured: Mark | None
    day: bool
    heading: bool
    unread: int
    edited: float
    retracted: bool
    change: str
    quote: QuoteItem | None
    reactions: list[ReactionItem]
    can_react: bool
    can_correct: bool
    can_take_back: bool
    passage: Sequence[Piece]
    files: list[FileItem]
    name: str
    extra: Extra
    asked: str
    hidden: str
    unreadable: str
    also: str


class ComposingItem(NamedTuple):
    """What the text being written is for, as it is drawn."""

    purpose: str
    id: str
    label: str
    text: str


class ContactItems(list[ContactItem]):
    """The contact list as it is drawn; ``cut`` says that not everybody is in it."""

    cut: bool = False


def contact_items(live: LiveProfile) -> ContactItems:
    """The contact list. Where it is too long, who wrote stays, then who is there; their order is that of the list."""
    rows = live.contacts.rows
    people = [row for row in rows if isinstance(row, ContactRow)]
    kept = sorted(people, key=_rank)[:LIST_LIMIT]
    shown = {(row.group, row.jid) for row in kept}
    groups = {row.group for row in kept}
    items = ContactItems()
    for row in rows:
        if isinstance(row, GroupRow):
            if row.name in groups:
                items.append(_group(row))
        elif (row.group, row.jid) in shown:
            items.append(_contact(row))
    items.cut = len(people) > len(kept)
    return items


def _rank(row: ContactRow) -> int:
    return 0 if row.unread else 1 if row.show is not Show.OFFLINE else 2


def _group(row: GroupRow) -> ContactItem:
    return ContactItem(_key("group", row.name), row.label, online=row.online, total=row.total, unread=row.unread)


def _key(*names: str) -> str:
    """What a row is found again by. Every name has one that passes the page as it is."""
    return " ".join(quote(name) for name in names)


def _contact(row: ContactRow) -> ContactItem:
    return ContactItem(
        _key(row.group, row.jid),
        row.label,
        row.jid,
        chat_end(row.jid),
        row.show,
        row.status,
        row.unread,
        row.typing,
        row.asked,
        row.picture,
        draft=row.draft,
        quiet=row.quiet,
    )


def message_items(live: LiveProfile, rows: Iterable[Row]) -> list[MessageItem]:
    """Rows of a conversation."""
    return [_message(live, row) for row in rows]


def _message(live: LiveProfile, row: Row) -> MessageItem:
    message = row.message
    sign, sign_label = STATES.get(message.state, ("", "")) if message.outgoing else ("", "")
    return MessageItem(
        message.id,
        message.order,
        message.peer,
        written_by(message),
        author(live, message),
        message.outgoing,
        message.text,
        message.time,
        message.kind,
        message.subject,
        message.state,
        sign,
        sign_label,
        message.error,
        mark(message, row.in_clear),
        row.day,
        row.heading,
        row.unread,
        message.edited,
        message.retracted,
        message.edit_state if message.edit_state in (MessageState.PENDING, MessageState.FAILED) else "",
        _quote(live, message),
        [reaction_item(live, each) for each in message.reactions],
        can_react(message),
        can_correct(message),
        can_take_back(live.contacts.room(message.peer), message),
        row.passage,
        file_items(message),
        name(live, message),
        message.extra,
        asked(message, live.contacts.label(message.peer)),
        cover(message),
        unreadable(message),
        also(message),
    )


def file_items(message: Message) -> list[FileItem]:
    """The files of a message."""
    return [
        FileItem(clean_line(described(each)), file_path(message.id, number), looks_like_picture(each))
        for number, each in enumerate(message.attachments)
    ]


def author(live: LiveProfile, message: Message) -> str:
    """Who wrote a message; in a room, by the name there."""
    if message.outgoing:
        return "You"
    in_room = message.kind is MessageKind.GROUPCHAT and message.sender.resource
    return message.sender.resource if in_room else live.contacts.label(message.peer)


def name(live: LiveProfile, message: Message) -> str:
    """Who does something, as a sentence about them begins; ourselves, as others call us."""
    if message.outgoing and not (message.kind is MessageKind.GROUPCHAT and message.sender.resource):
        return live.jid.local or live.jid
    return message.sender.resource if message.outgoing else author(live, message)


def _name(live: LiveProfile, jid: JID) -> str:
    return "You" if jid.bare == live.jid else live.contacts.label(jid)


def _quote(live: LiveProfile, message: Message) -> QuoteItem | None:
    if not message.reply and not message.quote:
        return None
    label = _name(live, message.reply_to) if message.reply_to else ""
    path = f"{chat_path(message.peer)}?to={quote(message.reply, safe='')}" if message.reply else ""
    return QuoteItem(label, excerpt(message.quote), message.reply, path)


def excerpt(text: str) -> str:
    """How a message begins, in one line."""
    return short(clean_line(" ".join(text[: 4 * EXCERPT].split())), EXCERPT)


def reaction_item(live: LiveProfile, reaction: Reaction, most: int = NAMED) -> ReactionItem:
    """A reaction, with the names of so many people."""
    count = len(reaction.senders) + reaction.own
    names = [*(["You"] if reaction.own else []), *(_name(live, each) for each in reaction.senders[:most])][:most]
    more = count - len(names)
    who = ", ".join(names) + (f" and {more} more" if more else "")
    return ReactionItem(reaction.emoji, quote(reaction.emoji), count, who, reaction.own)


def composing_item(live: LiveProfile, composing: Composing) -> ComposingItem:
    """What the text being written is for."""
    message = composing.message
    if message is None:
        return ComposingItem(composing.purpose, "", "", "")
    return ComposingItem(composing.purpose, message.id, author(live, message), excerpt(preview(message)))

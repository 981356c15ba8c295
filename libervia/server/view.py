"""What the templates draw, worked out from the models: plain values without behaviour."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import quote

from libervia.server.render import chat_end
from sat.api import JID
from sat.api.messages import MessageState
from sat.plugins.presence.api import Show
from sat_frontends.quick_frontend.chat import Row
from sat_frontends.quick_frontend.contact_rows import ContactRow, GroupRow
from sat_frontends.quick_frontend.live import LiveProfile

LIST_LIMIT = 200
"""Contacts in the list on a page; more would freeze small machines. The rest is in /contacts."""

STATES = {
    MessageState.PENDING: ("◌", "waiting to be sent"),
    MessageState.SENT: ("✓", "sent"),
    MessageState.DELIVERED: ("✓✓", "delivered"),
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


class MessageItem(NamedTuple):
    """A message as it is drawn."""

    id: str
    order: int
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
    encrypted: str
    day: bool
    heading: bool
    unread: int


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
    )


def message_items(live: LiveProfile, rows: Iterable[Row]) -> list[MessageItem]:
    """Rows of a conversation."""
    return [_message(live, row) for row in rows]


def _message(live: LiveProfile, row: Row) -> MessageItem:
    message = row.message
    mark, mark_label = STATES.get(message.state, ("", "")) if message.outgoing else ("", "")
    return MessageItem(
        message.id,
        message.order,
        message.sender.bare,
        "You" if message.outgoing else live.contacts.label(message.peer),
        message.outgoing,
        message.body,
        message.time,
        message.kind,
        message.subject,
        message.state,
        mark,
        mark_label,
        message.error,
        message.encrypted,
        row.day,
        row.heading,
        row.unread,
    )

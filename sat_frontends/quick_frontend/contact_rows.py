"""The rows of the contact list, and which of them stand first."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from sat.api import JID
from sat.plugins.presence.api import Presence, Show
from sat.plugins.rooms.api import Room
from sat.plugins.roster.api import Contact, Subscription

ROOMS = "\0rooms"
"""The ``name`` of the group of the rooms that we are in or want to be in."""

STRANGERS = "\0strangers"
"""The ``name`` of the group of those who were written with but are in no contact list."""

LABELS = {"": "Ungrouped", ROOMS: "Rooms", STRANGERS: "Not in your contacts"}


class ListTab(StrEnum):
    """The tabs above the contact list."""

    ALL = "All"
    UNREAD = "Unread"
    ROOMS = "Rooms"


class SortBy(StrEnum):
    """In which order the contacts of a group stand."""

    PRESENCE = "presence"  # who is there first, then by label
    LABEL = "label"


class GroupRow(NamedTuple):
    """A group. ``name`` identifies it and may be empty: then ``label`` says what it is (``Ungrouped``, ``Not in your
    contacts``). A contact may stand in several groups."""

    name: str
    label: str
    online: int
    total: int
    unread: int
    folded: bool


class ContactRow(NamedTuple):
    """A contact in a group. ``show`` and ``status`` are those of the best resource. ``label`` and ``status`` are as
    the network sent them: draw ``text.clean_line`` of them. ``picture`` is the id of the one they show; ``draft``:
    something was begun and not sent; ``quiet``: of what is
    unread the person does not want to be told."""

    jid: JID
    label: str
    group: str
    show: Show
    status: str
    unread: int
    typing: bool = False
    subscription: Subscription = Subscription.NONE
    asked: bool = False
    blocked: bool = False
    picture: str = ""
    draft: bool = False
    quiet: bool = False


Row = GroupRow | ContactRow

_RANK = {show: rank for rank, show in enumerate((Show.CHAT, Show.ONLINE, Show.AWAY, Show.DND, Show.XA, Show.OFFLINE))}


def quality(presence: Presence) -> tuple[int, int, str]:
    """The best resource is the one with the highest priority (RFC 6121 §8.5.2.1), then the most available one."""
    return (-presence.priority, _RANK[presence.show], presence.jid)


def by_presence(row: ContactRow) -> tuple[int, str, str]:
    return (_RANK[row.show], row.label.casefold(), row.jid)


def by_label(row: ContactRow) -> tuple[str, str]:
    return (row.label.casefold(), row.jid)


class Section(NamedTuple):
    """A group worked out: all its contacts, sorted."""

    name: str
    rows: list[ContactRow]
    online: int
    unread: int

    def head(self, folded: bool) -> GroupRow:
        """Its own row."""
        label = LABELS.get(self.name, self.name)
        return GroupRow(self.name, label, self.online, len(self.rows), self.unread, folded)


def fitting(rows: list[ContactRow], wanted: str, tab: ListTab, show_offline: bool) -> list[ContactRow]:
    """Those of a group that are shown: whose name or address holds ``wanted`` (casefolded), else those of the tab."""
    if wanted:
        return [row for row in rows if wanted in row.label.casefold() or wanted in row.jid]
    if tab is ListTab.UNREAD:
        return [row for row in rows if row.unread]
    if not show_offline:
        return [row for row in rows if row.unread or row.show is not Show.OFFLINE]
    return rows


def room_label(room: Room, jid: JID, contacts: Iterable[Contact]) -> str:
    """What to call a room, or who is in it: by its own name, unless a contact is called so."""
    name = room.name or jid.local
    if any(each.label.casefold() == name.casefold() for each in contacts):
        name = jid.bare
    return f"{jid.resource} ({name})" if jid.resource else name

"""What the templates draw of rooms: plain values without behaviour."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import NamedTuple
from urllib.parse import quote

from libervia.server.render import chat_end
from sat.api import JID
from sat.plugins.presence.api import Show
from sat.plugins.rooms.api import Occupant
from sat_frontends.quick_frontend.contacts import ContactList
from sat_frontends.quick_frontend.moderating import HELP, LABELS, possible
from sat_frontends.quick_frontend.room_words import HEADINGS, standing
from sat_frontends.quick_frontend.text import clean_line

BESIDE = 100
"""Occupants beside a conversation; all are on the room's own page."""


class DeedItem(NamedTuple):
    """What can be done with somebody: the value of its button, what stands on it, and a warning."""

    name: str
    label: str
    help: str


class OccupantItem(NamedTuple):
    """Somebody in a room as they are drawn. ``key`` passes the page as it is; ``path`` leads to the private
    conversation."""

    key: str
    jid: JID
    nick: str
    standing: str
    show: Show
    status: str
    path: str
    known: str
    deeds: list[DeedItem]


class RoleItem(NamedTuple):
    """Those with the same role."""

    heading: str
    people: list[OccupantItem]
    total: int


class There(NamedTuple):
    """Who is in a room; ``more`` are not drawn."""

    room: JID
    roles: list[RoleItem]
    more: int


def there(contacts: ContactList, room: JID, most: int, text: str = "") -> There:
    """Who is in a room and has this text in their nick, so many of them."""
    wanted = text.casefold()
    everybody = [each for each in contacts.occupants.of(room) if wanted in each.nick.casefold()]
    own = contacts.occupants.own(room)
    roles, left = [], most
    for role, group in groupby(everybody, lambda each: each.role):
        people = list(group)
        if left > 0:
            roles.append(RoleItem(HEADINGS[role], _items(room, own, people[:left]), len(people)))
        left -= len(people)
    return There(room, roles, max(0, len(everybody) - most))


def _items(room: JID, own: Occupant | None, people: Iterable[Occupant]) -> list[OccupantItem]:
    return [_item(room, own, each) for each in people]


def _item(room: JID, own: Occupant | None, each: Occupant) -> OccupantItem:
    jid = room.with_resource(each.nick)
    # What has to be cleaned comes back from a page as another nick.
    reachable = not each.own and clean_line(each.nick) == each.nick and "\\" not in each.nick
    deeds = [DeedItem(deed, LABELS[deed], HELP.get(deed, "")) for deed in possible(own, each)]
    path = chat_end(jid) if reachable else ""
    return OccupantItem(
        quote(each.nick), jid, each.nick, standing(each), each.show, each.status, path, each.jid.bare, deeds
    )

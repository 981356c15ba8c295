"""Rooms on the wire (XEP-0045): what is read is bounded and of the known kinds, whatever a room says."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple, TypeVar

from sat.api import JID
from sat.api.disco import Info
from sat.api.errors import InvalidAddress
from sat.api.values import ANYBODY
from sat.plugins.presence.api import Show
from sat.plugins.rooms.api import Affiliated, Affiliation, Occupant, Role
from sat.xmpp import xml
from sat.xmpp.stanzas import Iq, Message, Presence, Stanza
from sat.xmpp.times import format_stamp
from sat.xmpp.xml import Element

NS = "http://jabber.org/protocol/muc"
NS_USER = f"{NS}#user"
NS_ADMIN = f"{NS}#admin"
NS_OWNER = f"{NS}#owner"
NS_DIRECT = "jabber:x:conference"
NS_OCCUPANT = "urn:xmpp:occupant-id:0"
NS_HATS = ("urn:xmpp:hats:0", "http://prosody.im/protocol/hats:1")
NS_MODERATE = "urn:xmpp:message-moderate:1"
NS_RETRACT = "urn:xmpp:message-retract:1"
AVATAR_HASH = ("muc#roominfo_avatarhash", "{http://modules.prosody.im/mod_vcard_muc}avatar#sha1")

LONGEST = 1000  # characters of a status or reason
NAME = 200  # of a name, a hat, an id
HATS = 10
AFFILIATED = 5000  # of one kind in an answer
CODES = 20  # statuses in one stanza

E = TypeVar("E", bound=StrEnum)
_SHA1 = re.compile("[0-9a-f]{40}")


class Status:
    """The codes that tell what a presence or message means (XEP-0045 §15.6)."""

    NOT_ANONYMOUS = 100
    CONFIGURED = 104
    SELF = 110
    LOGGED, NOT_LOGGED = 170, 171
    NOW_NOT_ANONYMOUS, NOW_ANONYMOUS = 172, 173
    CREATED = 201
    NICK_ASSIGNED = 210
    BANNED = 301
    NICK_CHANGED = 303
    KICKED = 307
    AFFILIATION_CHANGED, MEMBERS_ONLY = 321, 322
    SHUTDOWN, DISRUPTED = 332, 333


class Told(NamedTuple):
    """What a room says of one of its occupants: ``codes`` why, ``new_nick`` with NICK_CHANGED, ``other`` where a
    destroyed room goes on."""

    codes: frozenset[int]
    role: Role = Role.NONE
    affiliation: Affiliation = Affiliation.NONE
    jid: JID = ANYBODY
    new_nick: str = ""
    actor: str = ""
    reason: str = ""
    destroyed: bool = False
    other: JID = ANYBODY


def avatar(info: Info) -> str:
    """The SHA-1 of the picture that a room says it has (XEP-0486 §4.3), or nothing."""
    fields = (field for form in info.forms for field in form.fields if field.name in AVATAR_HASH)
    values = (value.strip().lower() for field in fields for value in field.values[:1])
    return next((value for value in values if _SHA1.fullmatch(value)), "")


def told(stanza: Stanza) -> Told | None:
    """What the ``<x/>`` of a room says in a stanza; None where there is none."""
    x = stanza.child("x", NS_USER)
    if x is None:
        return None
    codes = frozenset(map(_code, xml.elements(x, "status", NS_USER)[:CODES]))
    item, destroy = xml.child(x, "item"), xml.child(x, "destroy")
    if item is None:
        made = Told(codes)
    else:
        actor = xml.child(item, "actor")
        by = "" if actor is None else str(actor.attributes.get("nick") or actor.attributes.get("jid", ""))
        made = Told(
            codes,
            known(Role, item.attributes.get("role"), Role.NONE),
            known(Affiliation, item.attributes.get("affiliation"), Affiliation.NONE),
            address(item.attributes.get("jid")).bare,
            str(item.attributes.get("nick", "")),
            by[:LONGEST],
            text(xml.child(item, "reason")),
        )
    if destroy is None:
        return made
    other = address(destroy.attributes.get("jid")).bare
    return made._replace(destroyed=True, other=other, reason=text(xml.child(destroy, "reason")))


def occupant(presence: Presence, nick: str, said: Told, own: bool) -> Occupant:
    """An occupant who is there."""
    hats: list[str] = []
    for ns in NS_HATS:
        for each in xml.elements(presence.child("hats", ns) or xml.element("hats", ns), "hat")[:HATS]:
            title = str(each.attributes.get("title", ""))[:NAME]
            if title and title not in hats:
                hats.append(title)
    return Occupant(
        nick,
        said.role,
        said.affiliation,
        Show(presence.show) if presence.show else Show.ONLINE,
        presence.status[:LONGEST],
        said.jid,
        hats[:HATS],
        occupant_id(presence),
        own,
    )


def occupant_id(stanza: Stanza) -> str:
    """How the room knows who that is (XEP-0421); to be believed only where it says that it has such ids."""
    child = stanza.child("occupant-id", NS_OCCUPANT)
    return "" if child is None else str(child.attributes.get("id", ""))[:NAME]


# -- what we send ------------------------------------------------------------------------------------------------


def entering(address: JID, password: str, history: bool, since: float) -> Presence:
    """The presence that enters a room. Of its ``history`` nothing, or what was said ``since`` (0: a few messages)."""
    presence = Presence.to(address)
    x = presence.add("x", NS)
    if not history:
        xml.add(x, "history", NS, maxstanzas="0")
    elif since:
        xml.add(x, "history", NS, since=format_stamp(since))
    else:
        xml.add(x, "history", NS, maxstanzas="50")
    if password:
        xml.add(x, "password", NS, password)
    return presence


def admin(room: JID, reason: str, **item: object) -> Iq:
    """A request to change the role or affiliation of one (§8, §9)."""
    iq = Iq.set(room)
    made = xml.add(iq.add("query", NS_ADMIN), "item", NS_ADMIN, **item)
    if reason:
        xml.add(made, "reason", NS_ADMIN, reason)
    return iq


def affiliated(answer: Element, kind: Affiliation) -> list[Affiliated]:
    """Who has that affiliation, as an answer says."""
    query = xml.child(answer, "query", NS_ADMIN)
    found = []
    for item in [] if query is None else xml.elements(query, "item", NS_ADMIN)[:AFFILIATED]:
        if jid := address(item.attributes.get("jid")):
            nick = str(item.attributes.get("nick", ""))
            found.append(Affiliated(jid, kind, nick, text(xml.child(item, "reason"))))
    return found


def mediated(room: JID, name: str, jid: JID, reason: str) -> Message:
    """An invitation through the room, or with the name ``decline`` the answer to one (§7.8.2)."""
    message = Message.to(room, "normal")
    made = xml.add(message.add("x", NS_USER), name, NS_USER, to=jid)
    if reason:
        xml.add(made, "reason", NS_USER, reason)
    return message


# -- what is in an attribute -------------------------------------------------------------------------------------


def known(kind: type[E], value: object, otherwise: E) -> E:
    """A word of a list, whatever it is."""
    try:
        return kind(str(value))
    except ValueError:
        return otherwise


def address(value: object) -> JID:
    """An address; ANYBODY where it is none."""
    try:
        return JID.parse(str(value)) if value else ANYBODY
    except InvalidAddress:
        return ANYBODY


def text(element: Element | None) -> str:
    """A reason, shortened."""
    return xml.text_of(element)[:LONGEST].strip()


def _code(status: Element) -> int:
    code = str(status.attributes.get("code", ""))
    return int(code) if code.isascii() and code.isdecimal() and len(code) == 3 else 0

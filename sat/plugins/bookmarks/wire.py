"""Bookmarks as they are kept at the server (XEP-0402), and as they were before (XEP-0048)."""

from __future__ import annotations

from sat.api import JID, Secret
from sat.api.errors import InvalidAddress
from sat.plugins.bookmarks import notify
from sat.plugins.rooms import muc
from sat.plugins.rooms.bookmarks import MOST, Bookmark
from sat.xmpp import xml
from sat.xmpp.xml import Element

NS = "urn:xmpp:bookmarks:1"
NS_OLD = "storage:bookmarks"
NS_PRIVATE = "jabber:iq:private"
COMPAT, COMPAT_PEP = f"{NS}#compat", f"{NS}#compat-pep"


def room_of(id: str) -> JID | None:
    """The room of an item; None where it is the address of none."""
    jid = muc.address(id)
    return jid if jid.local and not jid.resource else None


def read(room: JID, conference: Element | None) -> Bookmark | None:
    """The bookmark that an item holds; None where it holds none."""
    if conference is None or (conference.name, conference.uri) != ("conference", NS):
        return None
    return _read(room, conference)


def read_old(storage: Element | None) -> list[Bookmark]:
    """The rooms among bookmarks of the old kind."""
    listed = [] if storage is None else xml.elements(storage, "conference", NS_OLD)[:MOST]
    rooms = ((room_of(str(each.attributes.get("jid", ""))), each) for each in listed)
    return [_read(room, each) for room, each in rooms if room is not None]


def _read(room: JID, conference: Element) -> Bookmark:
    said = conference.attributes
    return Bookmark(
        room,
        _nick(xml.text_of(xml.child(conference, "nick"))),
        clean(str(said.get("name", "")))[: muc.NAME],
        str(said.get("autojoin", "")).strip() in ("true", "1"),
        Secret(xml.text_of(xml.child(conference, "password"))[: muc.LONGEST]),
        notify.read(xml.child(conference, "extensions")),
    )


def clean(name: str) -> str:
    """A name in one line."""
    return " ".join(name.split())


def _nick(text: str) -> str:
    try:
        return JID.parse(f"a@b/{text.strip()}").resource if text.strip() else ""
    except InvalidAddress:
        return ""


def write(bookmark: Bookmark, known: Element | None) -> Element:
    """The item of a bookmark. What others have written beside it in the one that is ``known`` is kept (§3.4)."""
    made = xml.element("conference", NS)
    others: list[Element] = []
    if known is not None:
        made.attributes.update(known.attributes)
        others = [each for each in xml.elements(known) if each.uri != NS or each.name not in ("nick", "password")]
    for name, value in (("name", bookmark.name), ("autojoin", "true" if bookmark.autojoin else "")):
        made.attributes.pop(name, None)
        if value:
            made.attributes[name] = value
    for name, value in (("nick", bookmark.nick), ("password", str(bookmark.password))):
        if value:
            xml.add(made, name, NS, value)
    made.children += others
    notify.write(made, bookmark.notify)
    return made

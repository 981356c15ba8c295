"""What is followed, as it is kept at our server for all programs of the account (XEP-0330)."""

from __future__ import annotations

import hashlib
from typing import NamedTuple

from sat.api import JID
from sat.api.disco import Info
from sat.api.errors import InvalidAddress
from sat.api.posts import Place
from sat.xmpp import xml
from sat.xmpp.pubsub import LONGEST, Item
from sat.xmpp.xml import Element

NODE = "urn:xmpp:pubsub:subscription"
NS = f"{NODE}:0"
TITLE = 200  # characters


class Listed(NamedTuple):
    """A node that is followed, what it is called, and the id of its item in our list."""

    place: Place
    title: str
    id: str


class Described(NamedTuple):
    """What a node says of itself: its type (``pubsub#type``), what it is called, what it is about."""

    kind: str = ""
    title: str = ""
    description: str = ""


def described(info: Info | None, name: str = "") -> Described:
    """What it has answered (XEP-0060 §5.4), if it has; ``name`` is how others call it."""
    if info is None:
        return Described("", clean(name))
    said = {each.name: each.values[0] for form in info.forms for each in form.fields if each.values}
    names = (said.get("pubsub#title", ""), *(each.name for each in info.identities), name)
    title = next(filter(None, map(clean, names)), "")
    return Described(said.get("pubsub#type", "").strip(), title, clean(said.get("pubsub#description", "")))


def id_of(place: Place, own: JID) -> str:
    """The id of its item (§2.1)."""
    return hashlib.sha1(f"{place.service}<{place.node}<{own}".encode(), usedforsecurity=False).hexdigest()


def read(item: Item) -> Listed | None:
    """The node of an item; None where it holds none."""
    said = item.payload
    if said is None or (said.name, said.uri) != ("subscription", NS) or not item.id:
        return None
    node = str(said.attributes.get("node", ""))
    try:
        service = JID.parse(str(said.attributes.get("server", ""))).bare
    except InvalidAddress:
        return None
    if not 0 < len(node) <= LONGEST:
        return None
    return Listed(Place(service, node), clean(xml.text_of(xml.child(said, "title", NS))), item.id)


def write(listed: Listed) -> Element:
    """The item of a node."""
    made = xml.element("subscription", NS)
    made.attributes.update(server=str(listed.place.service), node=listed.place.node)
    if listed.title:
        xml.add(made, "title", NS, listed.title)
    return made


def clean(title: str) -> str:
    """A title in one line, without what turns letters around."""
    text = "".join(each if each.isprintable() else " " for each in title[: 4 * TITLE])
    return " ".join(text.split())[:TITLE]

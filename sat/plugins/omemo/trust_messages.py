"""What devices tell each other of keys, in XML (XEP-0434): who thinks what of which key. The library is not needed."""

from __future__ import annotations

import base64
from binascii import Error as NoBase64
from collections.abc import Iterable
from typing import NamedTuple

from sat.api import JID
from sat.api.errors import InvalidAddress
from sat.plugins.omemo.names import NEW
from sat.xmpp import xml
from sat.xmpp.stanzas import Message
from sat.xmpp.xml import Element

NS = "urn:xmpp:tm:1"
USAGE = "urn:xmpp:atm:1"
MOST = 200  # keys in one message


class Said(NamedTuple):
    """A key (32 bytes as hexadecimal digits) of ``owner`` is theirs, or is not to be trusted."""

    owner: JID
    key: str
    trusted: bool


def write(message: Message, said: Iterable[Said]) -> None:
    """Put into a message what is thought of keys."""
    made = message.add("trust-message", NS, usage=USAGE, encryption=NEW)
    people: dict[JID, Element] = {}
    for each in said:
        owner = people.get(each.owner)
        if owner is None:
            owner = people[each.owner] = xml.add(made, "key-owner", NS, jid=each.owner)
        key = base64.b64encode(bytes.fromhex(each.key)).decode()
        xml.add(owner, "trust" if each.trusted else "distrust", NS, key)


def is_one(message: Message) -> bool:
    """Whether something is told of keys; such a message says nothing else (§4)."""
    return message.child("trust-message", NS) is not None


def read(message: Message, sender: JID, own: JID) -> list[Said]:
    """What may be believed of it if the sender is who they seem: a contact knows their own keys alone, our own devices
    know all (XEP-0450 §4). What is malformed, or too much, is left out."""
    element = message.child("trust-message", NS)
    if element is None or (element.attributes.get("usage"), element.attributes.get("encryption")) != (USAGE, NEW):
        return []
    found: list[Said] = []
    for owner in xml.elements(element, "key-owner", NS):
        try:
            jid = JID.parse(str(owner.attributes.get("jid", ""))).bare
        except InvalidAddress:
            continue
        if sender not in (jid, own):
            continue
        for each in xml.elements(owner):
            key = _key(each)
            if key and each.uri == NS and each.name in ("trust", "distrust") and len(found) < MOST:
                found.append(Said(jid, key, each.name == "trust"))
    return found


def _key(element: Element) -> str:
    text = "".join(xml.text_of(element).split())
    try:
        key = base64.b64decode(text, validate=True) if len(text) == 44 else b""
    except (NoBase64, ValueError):
        return ""
    return key.hex() if len(key) == 32 else ""

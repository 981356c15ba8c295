"""What of a message goes inside an encryption (XEP-0420): an envelope with its elements, and who it is from."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import NamedTuple

from sat.api import JID
from sat.api.errors import InvalidAddress
from sat.xmpp import xml
from sat.xmpp.times import format_stamp, parse_stamp
from sat.xmpp.xml import Element

NS = "urn:xmpp:sce:1"
_SMALLEST = 200  # characters that each envelope has at least, so that its length tells little
_PADDING = 200  # random ones on top, at most

SERVERS = frozenset(
    (
        "urn:xmpp:hints",
        "urn:xmpp:sid:0",
        "urn:xmpp:eme:0",
        "http://jabber.org/protocol/address",
        "urn:xmpp:delay",
        "jabber:x:delay",
        "urn:xmpp:carbons:2",
        "urn:xmpp:mam:2",
        "urn:xmpp:forward:0",
        "http://jabber.org/protocol/muc#user",
        "http://jabber.org/protocol/muc",
        "urn:xmpp:occupant-id:0",
        "urn:xmpp:omemo:2",
        "eu.siacs.conversations.axolotl",
        NS,
    )
)
"""Namespaces of what servers and rooms put into messages, or have to see (Server-processed Elements): only outside."""


class Envelope(NamedTuple):
    """What was inside: the elements, who it says it is from and for, and when it was closed (seconds since 1970)."""

    content: list[Element]
    sender: JID | None
    recipient: JID | None
    time: float | None


def is_content(element: Element) -> bool:
    """Whether an element of a message belongs inside, and counts there alone."""
    return element.uri not in SERVERS and element.name != "error"


def write(content: Iterable[Element], sender: JID, recipient: JID | None, time: float) -> str:
    """An envelope."""
    envelope = xml.element("envelope", NS)
    inner = xml.add(envelope, "content", NS)
    inner.children += content
    xml.add(envelope, "time", NS, stamp=format_stamp(time))
    xml.add(envelope, "from", NS, jid=sender)
    if recipient is not None:
        xml.add(envelope, "to", NS, jid=recipient)
    size = len(xml.to_text(envelope))
    xml.add(envelope, "rpad", NS, _random(max(0, _SMALLEST - size) + secrets.randbelow(_PADDING + 1)))
    return xml.to_text(envelope, "")


def _random(length: int) -> str:
    return secrets.token_urlsafe(length)[:length]


def read(text: bytes) -> Envelope:
    """What is in an envelope, without what does not belong there. Errors: ValueError, for what is none."""
    envelope = xml.parse(text)
    if (envelope.uri, envelope.name) != (NS, "envelope"):
        raise ValueError("it is no envelope")
    content = xml.child(envelope, "content", NS)
    if content is None:
        raise ValueError("the envelope is empty")
    time = xml.child(envelope, "time", NS)
    return Envelope(
        [each for each in xml.elements(content) if is_content(each)],
        _address(xml.child(envelope, "from", NS)),
        _address(xml.child(envelope, "to", NS)),
        None if time is None else parse_stamp(str(time.attributes.get("stamp", ""))),
    )


def _address(element: Element | None) -> JID | None:
    if element is None:
        return None
    try:
        return JID.parse(str(element.attributes.get("jid", ""))).bare
    except InvalidAddress as error:
        raise ValueError(str(error)) from None

"""Bytes in stanzas: In-Band Bytestreams (XEP-0047), and as a transport of Jingle (XEP-0261), to and from XML."""

from __future__ import annotations

import binascii
from typing import NamedTuple

from twisted.words.xish.domish import SerializedXML

from sat.xmpp import xml
from sat.xmpp.xml import Element

NS = "http://jabber.org/protocol/ibb"
NS_JINGLE = "urn:xmpp:jingle:transports:ibb:1"
LARGEST = 65_535  # bytes of a block (XEP-0047 §2.1)
LONG = 500  # characters of an id
AROUND = 65_536  # sequence numbers


class Opening(NamedTuple):
    """What ``<open/>`` and the ``<transport/>`` of XEP-0261 say. ``in_messages``: not in IQs."""

    sid: str
    block: int  # bytes, at most
    in_messages: bool = False


class Block(NamedTuple):
    """A ``<data/>``: ``number`` counts from 0 and goes around."""

    sid: str
    number: int
    text: str  # base64, not checked yet


def read_opening(element: Element) -> Opening:
    """Raises ValueError."""
    block = _number(element, "block-size", LARGEST)
    if block < 1:
        raise ValueError("blocks without bytes")
    return Opening(_sid(element), block, element.attributes.get("stanza", "iq") != "iq")


def read_block(element: Element) -> Block:
    """Raises ValueError."""
    return Block(_sid(element), _number(element, "seq", AROUND - 1), xml.text_of(element))


def read_close(element: Element) -> str:
    """The id of the stream that is closed. Raises ValueError."""
    return _sid(element)


def decoded(text: str, limit: int) -> bytes:
    """The bytes of a block of ``limit`` at most; all that is not base64 is refused (XEP-0047 §5). Raises ValueError."""
    if len(text) > (limit + 2) // 3 * 4:
        raise ValueError("a block is too long")
    data = binascii.a2b_base64(text, strict_mode=True)
    if len(data) > limit:
        raise ValueError("a block is too long")
    return data


def opening(given: Opening) -> Element:
    """An ``<open/>``."""
    return xml.element("open", NS, sid=given.sid, stanza="iq", **{"block-size": given.block})


def transport(given: Opening) -> Element:
    """A ``<transport/>`` of Jingle."""
    return xml.element("transport", NS_JINGLE, sid=given.sid, **{"block-size": given.block})


def block(sid: str, number: int, data: bytes) -> Element:
    """A ``<data/>``."""
    made = xml.element("data", NS, sid=sid, seq=number)
    made.children.append(SerializedXML(binascii.b2a_base64(data, newline=False).decode("ascii")))
    return made


def close(sid: str) -> Element:
    """A ``<close/>``."""
    return xml.element("close", NS, sid=sid)


def _sid(element: Element) -> str:
    sid = str(element.attributes.get("sid", ""))
    if not 0 < len(sid) <= LONG:
        raise ValueError("no id, or too long a one")
    return sid


def _number(element: Element, attribute: str, most: int) -> int:
    text = str(element.attributes.get(attribute, ""))
    if not (text.isascii() and text.isdigit() and len(text) <= 6 and int(text) <= most):
        raise ValueError(f"{attribute} is no number, or too large")
    return int(text)

"""Small data inside of stanzas, named by its hash (XEP-0231), to and from XML. It comes from anybody."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re

from sat.xmpp import xml
from sat.xmpp.xml import Element

NS = "urn:xmpp:bob"
URI = "cid:"
_ALGORITHMS = {"sha1": "sha1", "sha-1": "sha1", "sha-256": "sha256", "sha-512": "sha512"}
_CID = re.compile(r"(?P<algorithm>[a-z0-9-]{1,20})\+[0-9a-f]{40,128}@bob\.xmpp\.org", re.ASCII | re.IGNORECASE)


def cid(data: bytes) -> str:
    """What some data is called (§2.5)."""
    return f"sha1+{hashlib.sha1(data, usedforsecurity=False).hexdigest()}@bob.xmpp.org"


def is_hash(name: str) -> bool:
    """Whether a name is the hash of data, of a kind that can be looked at."""
    found = _CID.fullmatch(name)
    return found is not None and found["algorithm"].lower() in _ALGORITHMS


def fits(name: str, data: bytes) -> bool:
    """Whether this is the data of a name that is a hash."""
    algorithm, _, told = name.lower().partition("@")[0].partition("+")
    return hashlib.new(_ALGORITHMS[algorithm], data, usedforsecurity=False).hexdigest() == told


def write(name: str, data: bytes, kind: str) -> Element:
    """A ``<data/>`` that nobody needs to keep (§2.4)."""
    made = xml.element("data", NS, cid=name, type=kind, **{"max-age": "0"})
    xml.set_text(made, base64.b64encode(data).decode())
    return made


def read(element: Element, most: int) -> bytes:
    """What a ``<data/>`` holds. Errors: ValueError, where it is more than so many bytes, or damaged."""
    return decoded(xml.text_of(element), most)


def decoded(text: str, most: int) -> bytes:
    """The data of a text in Base64, whose lines may be broken. Errors: ValueError, as above."""
    if len(text) > most * 3 // 2:  # with line breaks, before it is copied
        raise ValueError("It is too large.")
    text = "".join(text.split())
    if len(text) > -(-most // 3) * 4:
        raise ValueError("It is too large.")
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("It is damaged.") from None
    if len(data) > most:
        raise ValueError("It is too large.")
    return data

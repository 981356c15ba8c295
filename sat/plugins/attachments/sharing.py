"""Files as messages tell them in full: what is known of a file and where it is (XEP-0446, XEP-0447), encrypted or not
(XEP-0448)."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from binascii import Error
from typing import NamedTuple

from sat.api.messages import Attachment
from sat.plugins.attachments.links import new_link, read_link
from sat.plugins.attachments.names import name_of, safe_name
from sat.xmpp import xml
from sat.xmpp.xml import Element

NS = "urn:xmpp:sfs:0"
NS_FILE = "urn:xmpp:file:metadata:0"
NS_ENCRYPTED = "urn:xmpp:esfs:0"
NS_HASHES = "urn:xmpp:hashes:2"
NS_URL = "http://jabber.org/protocol/url-data"
CIPHER = "urn:xmpp:ciphers:aes-256-gcm-nopadding:0"
MOST = 10  # hashes, and sources, that are looked at
LONG = 1000  # characters of a description
_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,60}/[a-z0-9][a-z0-9.+-]{0,60}", re.ASCII)


class _Source(NamedTuple):
    url: str
    sealed: dict[str, str]


def write(about: Attachment) -> Element:
    """What is told of an encrypted file. It holds the key: it belongs inside an encryption."""
    link = read_link(about.url)
    sharing = xml.element("file-sharing", NS)
    if about.type.startswith("image/"):
        sharing.attributes["disposition"] = "inline"
    file = xml.add(sharing, "file", NS_FILE)
    told = {
        "media-type": about.type,
        "name": about.name,
        "size": about.size,
        "width": about.width,
        "height": about.height,
        "desc": about.description,
    }
    for name, value in told.items():
        if value:
            xml.add(file, name, NS_FILE, str(value))
    add_hashes(file, about.hashes)
    encrypted = xml.add(xml.add(sharing, "sources", NS), "encrypted", NS_ENCRYPTED, cipher=CIPHER)
    xml.add(encrypted, "key", NS_ENCRYPTED, b64encode(link.key).decode())
    xml.add(encrypted, "iv", NS_ENCRYPTED, b64encode(link.iv).decode())
    add_hashes(encrypted, about.sealed)
    xml.add(xml.add(encrypted, "sources", NS), "url-data", NS_URL, target=link.url)
    return sharing


def add_hashes(parent: Element, hashes: dict[str, str]) -> None:
    """Tell hashes in an element."""
    for algorithm, value in hashes.items():
        xml.add(parent, "hash", NS_HASHES, value, algo=algorithm)


def read(sharing: Element) -> Attachment:
    """The file that is shared. Errors: ValueError, whose text fits into a sentence."""
    source = _source(xml.child(sharing, "sources", NS))
    file = xml.child(sharing, "file", NS_FILE)
    if file is None:
        return Attachment(source.url, name_of(source.url.partition("#")[0]), sealed=source.sealed)
    name = _text(file, "name")
    kind = _text(file, "media-type").lower()
    return Attachment(
        source.url,
        safe_name(name) if name else name_of(source.url.partition("#")[0]),
        kind if _TYPE.fullmatch(kind) else "",
        _number(file, "size"),
        _text(file, "desc"),
        _number(file, "width"),
        _number(file, "height"),
        read_hashes(file),
        source.sealed,
    )


def _source(sources: Element | None) -> _Source:
    """The first place that can be used; an encrypted one before others."""
    why = ValueError("it does not say where it is")
    found = [] if sources is None else xml.elements(sources)[:MOST]
    for each in [each for each in found if (each.name, each.uri) == ("encrypted", NS_ENCRYPTED)]:
        try:
            return _encrypted(each)
        except ValueError as error:
            why = error
    for each in [each for each in found if (each.name, each.uri) == ("url-data", NS_URL)]:
        try:
            return _Source(_web(each), {})
        except ValueError as error:
            why = error
    raise why


def _encrypted(source: Element) -> _Source:
    if source.attributes.get("cipher") != CIPHER:
        raise ValueError("it is encrypted in a way that is not known here")
    sources = xml.child(source, "sources", NS)
    place = None if sources is None else xml.child(sources, "url-data", NS_URL)
    if place is None:
        raise ValueError("it does not say where it is")
    try:
        key, iv = (b64decode(_text(source, name, NS_ENCRYPTED), validate=True) for name in ("key", "iv"))
    except (Error, ValueError):
        raise ValueError("its key is missing, or is none") from None
    return _Source(str(new_link(str(place.attributes.get("target", "")), key, iv)), read_hashes(source))


def _web(place: Element) -> str:
    from sat.xmpp.web import checked_url

    return checked_url(str(place.attributes.get("target", "")))


def read_hashes(parent: Element) -> dict[str, str]:
    """The hashes in an element, by algorithm, in Base64 (XEP-0300 §2)."""
    found = xml.elements(parent, "hash", NS_HASHES)[:MOST]
    return {str(each.attributes.get("algo", ""))[:40]: xml.text_of(each).strip()[:200] for each in found}


def _text(parent: Element, name: str, ns: str = NS_FILE) -> str:
    return xml.text_of(xml.child(parent, name, ns)).strip()[:LONG]


def _number(file: Element, name: str) -> int:
    text = _text(file, name)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0

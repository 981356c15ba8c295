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
    """What is told of a file. Of an encrypted one it holds the key: it belongs inside an encryption."""
    sharing = xml.element("file-sharing", NS)
    if about.type.startswith("image/"):
        sharing.attributes["disposition"] = "inline"
    add_file(sharing, NS_FILE, about, width=about.width, height=about.height)
    sources = xml.add(sharing, "sources", NS)
    if about.is_encrypted:
        _add_encrypted(sources, about)
    else:
        xml.add(sources, "url-data", NS_URL, target=about.url)
    return sharing


def add_file(parent: Element, ns: str, about: Attachment, **more: int) -> None:
    """Tell of a file what it is, in XEP-0446's words or in those of XEP-0234, which are the same as far as they go."""
    file = xml.add(parent, "file", ns)
    told = {"media-type": about.type, "name": about.name, "size": about.size, **more, "desc": about.description}
    for name, value in told.items():
        if value:
            xml.add(file, name, ns, str(value))
    add_hashes(file, about.hashes)


def _add_encrypted(sources: Element, about: Attachment) -> None:
    link = read_link(about.url)
    encrypted = xml.add(sources, "encrypted", NS_ENCRYPTED, cipher=CIPHER)
    xml.add(encrypted, "key", NS_ENCRYPTED, b64encode(link.key).decode())
    xml.add(encrypted, "iv", NS_ENCRYPTED, b64encode(link.iv).decode())
    add_hashes(encrypted, about.sealed)
    xml.add(xml.add(encrypted, "sources", NS), "url-data", NS_URL, target=link.url)


def add_hashes(parent: Element, hashes: dict[str, str]) -> None:
    """Tell hashes in an element."""
    for algorithm, value in hashes.items():
        xml.add(parent, "hash", NS_HASHES, value, algo=algorithm)


def read(sharing: Element) -> Attachment:
    """The file that is shared. Errors: ValueError, whose text fits into a sentence."""
    source = _source(xml.child(sharing, "sources", NS))
    about = Attachment(source.url, sealed=source.sealed)
    return with_file(about, xml.child(sharing, "file", NS_FILE), NS_FILE)


def with_file(about: Attachment, file: Element | None, ns: str) -> Attachment:
    """What is told of a file in that namespace, and where it is."""
    named = name_of(about.url.partition("#")[0])
    if file is None:
        return about._replace(name=named)
    name = _text(file, "name", ns)
    kind = _text(file, "media-type", ns).lower()
    return about._replace(
        name=safe_name(name) if name else named,
        type=kind if _TYPE.fullmatch(kind) else "",
        size=_number(file, "size", ns),
        description=_text(file, "desc", ns),
        width=_number(file, "width", ns),
        height=_number(file, "height", ns),
        hashes=read_hashes(file),
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


def _text(parent: Element, name: str, ns: str) -> str:
    return xml.text_of(xml.child(parent, name, ns)).strip()[:LONG]


def _number(file: Element, name: str, ns: str) -> int:
    text = _text(file, name, ns)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0

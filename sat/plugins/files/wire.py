"""What is said of a file that goes from program to program (XEP-0234), to and from XML. It comes from anybody."""

from __future__ import annotations

import re
from typing import NamedTuple

from sat.core.hashes import KNOWN
from sat.plugins.attachments.sharing import NS_HASHES, add_hashes, read_hashes
from sat.plugins.jet import proofs
from sat.xmpp import xml
from sat.xmpp.jingle import NS_FILES
from sat.xmpp.times import format_stamp, parse_stamp
from sat.xmpp.xml import Element

NS = NS_FILES
ANY_VERSION = NS[:-1]
LARGEST = 1 << 60  # bytes; what says more says nonsense
LONG = 1000  # characters of a name or a description
_TYPE = re.compile(r"[a-z0-9][a-z0-9.+-]{0,60}/[a-z0-9][a-z0-9.+-]{0,60}", re.ASCII)


class About(NamedTuple):
    """A file as it is described: ``name`` as it was told, harmless or not; ``size`` in bytes, -1 where it is not told;
    ``modified`` in seconds since 1970, 0.0 where it is not. ``later`` are algorithms whose hash is told when it is
    known. ``proves``: instead, its hash is told to those who have its key, now as ``proof`` or when it has gone
    (``sat/plugins/jet/proofs.py``). ``ranged``: a part of it can be had; ``offset`` is where that begins, ``length``
    how many bytes it has, 0: to the end."""

    name: str = ""
    size: int = -1
    type: str = ""
    description: str = ""
    modified: float = 0.0
    hashes: dict[str, str] = {}  # noqa: RUF012 - a named tuple's default, never changed
    later: tuple[str, ...] = ()
    ranged: bool = False
    offset: int = 0
    length: int = 0
    proves: bool = False
    proof: str = ""


def description(about: About) -> Element:
    """A content's ``<description/>``."""
    made = xml.element("description", NS)
    made.children.append(write(about))
    return made


def write(about: About) -> Element:
    """A ``<file/>``."""
    file = xml.element("file", NS)
    told = {
        "media-type": about.type,
        "name": about.name,
        "date": format_stamp(about.modified) if about.modified else "",
        "size": str(about.size) if about.size >= 0 else "",
        "desc": about.description,
    }
    for name, value in told.items():
        if value:
            xml.add(file, name, NS, value)
    if about.ranged:
        part = {"offset": about.offset or None, "length": about.length or None}
        xml.add(file, "range", NS, **part)
    add_hashes(file, about.hashes)
    for algorithm in about.later:
        xml.add(file, "hash-used", NS_HASHES, algo=algorithm)
    if about.proves:
        xml.add(file, "proof", proofs.NS, about.proof or None)
    return file


def file_of(description: Element) -> Element:
    """The ``<file/>`` of a ``<description/>``; an empty one where it has none."""
    found = xml.child(description, "file", NS)
    return xml.element("file", NS) if found is None else found


def read_description(element: Element) -> About:
    """What a ``<description/>`` describes; nothing where it has no file."""
    return read(file_of(element))


def read(file: Element) -> About:
    """What a ``<file/>`` says; of this or another version."""
    ns = file.uri or NS
    found = read_hashes(file)
    empty = [algorithm for algorithm, value in found.items() if not value]  # an older way to say: later
    named = [str(each.attributes.get("algo", ""))[:40] for each in xml.elements(file, "hash-used", NS_HASHES)[:10]]
    part = xml.child(file, "range", ns)
    kind = _text(file, "media-type", ns).lower()
    proof = xml.child(file, "proof", proofs.NS)
    return About(
        _text(file, "name", ns),
        _number(_text(file, "size", ns), -1),
        kind if _TYPE.fullmatch(kind) else "",
        _text(file, "desc", ns),
        parse_stamp(_text(file, "date", ns)) or 0.0,
        {algorithm: value for algorithm, value in found.items() if value and algorithm in KNOWN},
        tuple(each for each in dict.fromkeys([*empty, *named]) if each in KNOWN),
        part is not None,
        0 if part is None else _number(str(part.attributes.get("offset", "")), 0),
        0 if part is None else _number(str(part.attributes.get("length", "")), 0),
        proof is not None,
        xml.text_of(proof).strip()[:LONG],
    )


def checksum(creator: str, name: str, about: About) -> Element:
    """The hashes or the proof of a content, told while it goes (§9.1)."""
    made = xml.element("checksum", NS, creator=creator, name=name)
    made.children.append(write(about))
    return made


def read_checksum(element: Element) -> About:
    """What a ``<checksum/>`` tells of the whole file."""
    file = xml.child(element, "file", NS)
    return About() if file is None else read(file)


def received(creator: str, name: str) -> Element:
    """That a content has come whole (§8.2)."""
    return xml.element("received", NS, creator=creator, name=name)


def _text(file: Element, name: str, ns: str) -> str:
    return xml.text_of(xml.child(file, name, ns)).strip()[:LONG]


def _number(text: str, otherwise: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 and int(text) <= LARGEST else otherwise

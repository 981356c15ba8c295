"""SOCKS5 Bytestreams (XEP-0065), and as a transport of Jingle (XEP-0260), to and from XML. Bounded."""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import sha1
from typing import NamedTuple

from sat.api import JID
from sat.api.errors import InvalidAddress
from sat.xmpp import xml
from sat.xmpp.xml import Element

NS = "http://jabber.org/protocol/bytestreams"
NS_JINGLE = "urn:xmpp:jingle:transports:s5b:1"
MOST = 20  # candidates taken of a peer
LONG = 500  # characters of an id
DIRECT, ASSISTED, TUNNEL, PROXY = "direct", "assisted", "tunnel", "proxy"
_PREFERENCE = {DIRECT: 126, ASSISTED: 120, TUNNEL: 110, PROXY: 10}  # XEP-0260 §2.2
_HASH = re.compile("[0-9a-f]{40}")
_HOST = re.compile(r"[0-9A-Za-z_.:\-]{1,253}")


class Candidate(NamedTuple):
    """A place where a stream could begin; of XEP-0065 it has no ``id`` and no priority."""

    host: str
    port: int
    jid: JID
    id: str = ""
    priority: int = 0
    type: str = DIRECT


class Transport(NamedTuple):
    """A ``<transport/>`` of Jingle. ``told`` is what a transport-info says, by name: ``candidate-used`` and
    ``activated`` (with the id of a candidate), ``candidate-error``, ``proxy-error``."""

    sid: str
    candidates: list[Candidate]
    destination: str = ""
    told: tuple[str, str] | None = None


def destination(sid: str, requester: JID, target: JID) -> str:
    """What both ask the SOCKS5 server for (XEP-0065 §5.3.2). The requester is who has offered the server."""
    return sha1(f"{sid}{requester}{target}".encode(), usedforsecurity=False).hexdigest()


def priority(type: str, local: int) -> int:
    """Of a candidate; ``local`` from 0 to 65535 orders those of a type (XEP-0260 §2.2)."""
    return _PREFERENCE[type] * 65_536 + local


def read_transport(element: Element) -> Transport:
    """Raises ValueError. A candidate that makes no sense is left out."""
    sid = str(element.attributes.get("sid", ""))
    if not 0 < len(sid) <= LONG:
        raise ValueError("no id, or too long a one")
    if element.attributes.get("mode", "tcp") != "tcp":
        raise ValueError("only TCP is known here")
    candidates: dict[str, Candidate] = {}
    told = None
    for each in xml.elements(element, ns=NS_JINGLE):
        id = str(each.attributes.get("cid", ""))[:LONG]
        if each.name == "candidate" and len(candidates) < MOST:
            found = _candidate(each, id)
            if found is not None:
                candidates.setdefault(id, found)
        elif each.name in ("candidate-used", "activated", "candidate-error", "proxy-error"):
            told = each.name, id
    return Transport(sid, list(candidates.values()), _destination(element), told)


def _candidate(element: Element, id: str) -> Candidate | None:
    type = str(element.attributes.get("type", DIRECT))
    priority = str(element.attributes.get("priority", ""))
    place = _place(element)
    if place is None or not id or type not in _PREFERENCE or not _is_number(priority, 2**31 - 1):
        return None
    return place._replace(id=id, type=type, priority=int(priority))


def _place(element: Element) -> Candidate | None:
    host, port = str(element.attributes.get("host", "")), str(element.attributes.get("port", "1080"))
    if not _HOST.fullmatch(host) or not _is_number(port, 65_535) or not int(port):
        return None
    try:
        return Candidate(host, int(port), JID.parse(str(element.attributes.get("jid", ""))))
    except InvalidAddress:
        return None


def _is_number(text: str, most: int) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 10 and int(text) <= most


def _destination(element: Element) -> str:
    told = str(element.attributes.get("dstaddr", ""))
    return told if _HASH.fullmatch(told) else ""


def transport(
    sid: str, candidates: Iterable[Candidate] = (), destination: str = "", told: Element | None = None
) -> Element:
    """A ``<transport/>`` of Jingle."""
    made = xml.element("transport", NS_JINGLE, sid=sid, dstaddr=destination or None)
    for each in candidates:
        about = {"cid": each.id, "host": each.host, "jid": each.jid, "port": each.port, "priority": each.priority}
        xml.add(made, "candidate", NS_JINGLE, type=each.type, **about)
    if told is not None:
        made.children.append(told)
    return made


def note(name: str, id: str = "") -> Element:
    """What a transport-info says."""
    return xml.element(name, NS_JINGLE, cid=id or None)


# -- XEP-0065 by itself -------------------------------------------------------------------------------------------


class Query(NamedTuple):
    """What a requester asks of its target."""

    sid: str
    hosts: list[Candidate]
    destination: str = ""


def read_query(element: Element) -> Query:
    """Raises ValueError."""
    sid = str(element.attributes.get("sid", ""))
    if not 0 < len(sid) <= LONG or element.attributes.get("mode", "tcp") != "tcp":
        raise ValueError("no id, or too long a one, or another mode")
    hosts = [_place(each) for each in xml.elements(element, "streamhost", NS)[:MOST]]
    return Query(sid, [each for each in hosts if each is not None], _destination(element))


def query(sid: str, hosts: Iterable[Candidate]) -> Element:
    """The question of a requester, which offers places."""
    made = xml.element("query", NS, sid=sid)
    for each in hosts:
        xml.add(made, "streamhost", NS, jid=each.jid, host=each.host, port=each.port)
    return made


def used(sid: str, jid: JID) -> Element:
    """The answer of a target: which place it has used."""
    made = xml.element("query", NS, sid=sid)
    xml.add(made, "streamhost-used", NS, jid=jid)
    return made


def read_used(answer: Element) -> str:
    """The address of the place that the target has used; nothing where it does not say."""
    told = xml.child(answer, "query", NS)
    used = None if told is None else xml.child(told, "streamhost-used", NS)
    return "" if used is None else str(used.attributes.get("jid", ""))


def activation(sid: str, target: JID) -> Element:
    """What a proxy is told by who has offered it (XEP-0065 §6.3.5)."""
    made = xml.element("query", NS, sid=sid)
    xml.add(made, "activate", NS, target)
    return made


def read_address(answer: Element) -> Candidate | None:
    """Where a proxy says it is (XEP-0065 §4)."""
    told = xml.child(answer, "query", NS)
    host = None if told is None else xml.child(told, "streamhost", NS)
    return None if host is None else _place(host)

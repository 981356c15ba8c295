"""What a session asks for along with its log-in (XEP-0388 §2.1): an address by Bind 2 (XEP-0386) with stream management
and carbons turned on at once, and going on with the session before (XEP-0198 §9)."""

from __future__ import annotations

from typing import NamedTuple

from sat.api import JID
from sat.api.errors import InvalidAddress, ProtocolViolation
from sat.api.profile import Account
from sat.xmpp import xml
from sat.xmpp.acks import NS_SM
from sat.xmpp.exchange import NS_SASL2
from sat.xmpp.xml import Element

NS_BIND2 = "urn:xmpp:bind:0"
NS_CARBONS = "urn:xmpp:carbons:2"
_TAG = "sat"  # in front of the resource that the server makes


class Told(NamedTuple):
    """What a server says about a session, as namespaces: what its stream ``offers`` after the log-in, and what it has
    ``enabled`` at once because we asked it to while binding."""

    offers: frozenset[str] = frozenset()
    enabled: frozenset[str] = frozenset()


class Resumption(NamedTuple):
    """What is needed to go on with a session: its id, and how many stanzas of the server's are done."""

    id: str
    handled: int


def requests(offered: Element, account: Account, resumption: Resumption | None) -> list[Element]:
    """What to ask for, of what is ``offered``."""
    made: list[Element] = []
    if resumption is not None and xml.child(offered, "sm", NS_SM) is not None:
        made.append(xml.element("resume", NS_SM, h=resumption.handled, previd=resumption.id))
    bind = xml.child(offered, "bind", NS_BIND2)
    if bind is not None:
        request = xml.element("bind", NS_BIND2)
        xml.add(request, "tag", NS_BIND2, account.resource or _TAG)
        features = _features(bind)
        if NS_SM in features:
            request.children.append(xml.element("enable", NS_SM, resume="true"))
        if NS_CARBONS in features:
            request.children.append(xml.element("enable", NS_CARBONS))
        made.append(request)
    return made


def told(offered: Element | None, features: Element | None, bound: bool) -> Told:
    """What the server says, of SASL2's ``offered`` and the features of the stream after it, if there are any; with
    ``bound`` it did what :func:`requests` asked for."""
    after = {each.uri or "" for each in xml.elements(features)} if features is not None else set()
    bind = xml.child(offered, "bind", NS_BIND2) if offered is not None else None
    inline = _features(bind) if bind is not None else set()
    return Told(frozenset(after | inline), frozenset(inline & {NS_CARBONS} if bound else ()))


def _features(bind: Element) -> set[str]:
    """XEP-0386 §4.1; the list may be missing, as older servers have it without ``inline``."""
    inline = xml.child(bind, "inline", NS_BIND2)
    return {str(each.attributes.get("var", "")) for each in xml.elements(bind if inline is None else inline, "feature")}


def identity(server: str, success: Element, account: Account) -> JID:
    """Who the server says that we are: the full address where one was bound. Errors: ProtocolViolation."""
    text = xml.text_of(xml.child(success, "authorization-identifier", NS_SASL2)).strip()
    return own_address(server, text, account)


def own_address(server: str, text: str, account: Account) -> JID:
    """An address that must be ours. Errors: ProtocolViolation."""
    try:
        jid = JID.parse(text)
    except InvalidAddress:
        raise ProtocolViolation(server=server, reason="the address that it gave is not valid") from None
    if jid.bare != account.jid.bare:
        raise ProtocolViolation(server=server, reason="it gave us the address of another account")
    return jid

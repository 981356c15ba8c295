"""Stanzas as the plugins see them: thin, typed faces on elements.

Only what is in the namespace ``jabber:client`` is a stanza. What came from the network has been through
:func:`stanza_of`, so its addresses are valid.
"""

from __future__ import annotations

import secrets
from typing import Self

from sat.api import JID
from sat.api.errors import InvalidAddress, PeerError
from sat.xmpp import xml
from sat.xmpp.xml import LANG, NS_CLIENT, Element

NS_STANZAS = "urn:ietf:params:xml:ns:xmpp-stanzas"


def new_id() -> str:
    """An id that nobody can guess (RFC 6120 §8.1.3): 128 random bits. It can stand anywhere: a shell that gets it takes
    it for no option, as what begins with ``-`` would be."""
    return secrets.token_hex(16)


class Stanza:
    """What messages, presences and IQs have in common."""

    __slots__ = ("element",)
    name = ""

    def __init__(self, element: Element) -> None:
        self.element = element

    @property
    def sender(self) -> JID | None:
        """Who sent it; None where the server named nobody, which means our own account (RFC 6120 §8.1.2.1)."""
        return _address(self.element, "from")

    @property
    def recipient(self) -> JID | None:
        """Whom it is for; None is our own account."""
        return _address(self.element, "to")

    @property
    def id(self) -> str:
        """The sender's name for the stanza, or nothing."""
        return str(self.element.attributes.get("id", ""))

    @property
    def kind(self) -> str:
        """The attribute ``type``, or what its absence means."""
        return str(self.element.attributes.get("type", ""))

    def child(self, name: str, ns: str) -> Element | None:
        """The first child of that name and namespace."""
        return xml.child(self.element, name, ns)

    def children(self, ns: str | None = None) -> list[Element]:
        """The child elements, of one namespace or all."""
        return xml.elements(self.element, ns=ns)

    @property
    def namespaces(self) -> set[str | None]:
        """Those of the child elements."""
        return {each.uri for each in self.element.children if not isinstance(each, str)}

    def add(self, name: str, ns: str, text: str | None = None, /, **attributes: object) -> Element:
        """A new child element."""
        return xml.add(self.element, name, ns, text, **attributes)

    @property
    def error(self) -> PeerError | None:
        """The error that it carries, with ``type='error'``."""
        return stanza_error(self.element) if self.kind == "error" else None

    def reply_error(
        self, condition: str, kind: str = "cancel", text: str = "", specific: tuple[str, str] | None = None
    ) -> Self:
        """An answer that says why it cannot be done (RFC 6120 §8.3). ``specific``: the application's own condition, as
        name and namespace (§8.3.4)."""
        made = element_for(self.name, to=self.element.attributes.get("from"), type="error", id=self.id or None)
        error = xml.add(made, "error", type=kind)
        xml.add(error, condition, NS_STANZAS)
        if text:
            xml.add(error, "text", NS_STANZAS, text)
        if specific is not None:
            xml.add(error, *specific)
        return type(self)(made)


class Message(Stanza):
    """A ``<message/>``, received or about to leave."""

    __slots__ = ()
    name = "message"

    @classmethod
    def to(cls, peer: JID, kind: str = "chat", id: str | None = None) -> Message:
        """A new message; it gets a random id unless one is given."""
        return cls(element_for("message", to=peer, type=kind, id=id or new_id()))

    @property
    def kind(self) -> str:
        """One of the five of RFC 6121 §5.2.2; an unknown one means ``normal``."""
        kind = self.element.attributes.get("type", "normal")
        return kind if kind in ("chat", "error", "groupchat", "headline") else "normal"

    @property
    def body(self) -> str:
        """What is written, in the first language given; nothing where there is no body."""
        return self._text("body")

    @body.setter
    def body(self, text: str) -> None:
        self._replace("body", text)

    @property
    def subject(self) -> str:
        """What it is about."""
        return self._text("subject")

    @subject.setter
    def subject(self, text: str) -> None:
        self._replace("subject", text)

    @property
    def thread(self) -> str:
        """The name of the thread that it belongs to."""
        return xml.text_of(xml.child(self.element, "thread", NS_CLIENT))

    @thread.setter
    def thread(self, text: str) -> None:
        self._replace("thread", text)

    def texts(self, name: str) -> dict[str, str]:
        """The bodies or subjects by language; without ``xml:lang``, the message's own or ``""``."""
        default = self.element.attributes.get(LANG, "")
        found: dict[str, str] = {}
        for each in xml.elements(self.element, name, NS_CLIENT):
            found.setdefault(str(each.attributes.get(LANG, default)), xml.text_of(each))
        return found

    def _text(self, name: str) -> str:
        first = None
        for each in self.element.children:
            if not isinstance(each, str) and each.name == name and (each.uri == NS_CLIENT or each.uri is None):
                if LANG not in each.attributes:
                    return xml.text_of(each)
                first = first or each
        return xml.text_of(first)

    def _replace(self, name: str, text: str) -> None:
        for old in xml.elements(self.element, name, NS_CLIENT):
            self.element.children.remove(old)
        if text:
            xml.add(self.element, name, NS_CLIENT, text)


class Presence(Stanza):
    """A ``<presence/>``. Its kind is "" for available (RFC 6121 §4.7.1)."""

    __slots__ = ()
    name = "presence"

    @classmethod
    def to(cls, peer: JID | None = None, kind: str = "", id: str | None = None) -> Presence:
        """A new presence, for everybody or for one."""
        return cls(element_for("presence", to=peer, type=kind or None, id=id))

    @property
    def show(self) -> str:
        """``away``, ``chat``, ``dnd``, ``xa`` or nothing; anything else counts as nothing."""
        show = xml.text_of(xml.child(self.element, "show", NS_CLIENT)).strip()
        return show if show in ("away", "chat", "dnd", "xa") else ""

    @property
    def status(self) -> str:
        """What the person says of their availability."""
        return xml.text_of(xml.child(self.element, "status", NS_CLIENT))

    @property
    def priority(self) -> int:
        """−128 to 127; 0 where it is missing or no number."""
        text = xml.text_of(xml.child(self.element, "priority", NS_CLIENT)).strip()
        try:
            return max(-128, min(127, int(text[:8] or "0")))
        except ValueError:
            return 0


class Iq(Stanza):
    """An ``<iq/>``: a request or an answer."""

    __slots__ = ()
    name = "iq"

    @classmethod
    def get(cls, peer: JID | None = None, payload: Element | None = None) -> Iq:
        """A question with one child, given here or added. Without a peer it is for our own account at the server."""
        return cls(_request("get", peer, payload))

    @classmethod
    def set(cls, peer: JID | None = None, payload: Element | None = None) -> Iq:
        """A request to change something."""
        return cls(_request("set", peer, payload))

    def result(self, payload: Element | None = None) -> Iq:
        """The answer to this request."""
        made = element_for("iq", to=self.element.attributes.get("from"), type="result", id=self.id)
        if payload is not None:
            made.addChild(payload)
        return Iq(made)

    @property
    def payload(self) -> Element | None:
        """The one child of a request, the first of an answer that is no error."""
        for each in xml.elements(self.element):
            if each.name != "error" or each.uri != NS_CLIENT:
                return each
        return None


def element_for(stanza: str, **attributes: object) -> Element:
    """A new element of the stream's own namespace."""
    return xml.element(stanza, NS_CLIENT, **attributes)


def _request(kind: str, peer: JID | None, payload: Element | None) -> Element:
    made = element_for("iq", to=peer, type=kind, id=new_id())
    if payload is not None:
        made.addChild(payload)
    return made


_KINDS: dict[str, type[Stanza]] = {"message": Message, "presence": Presence, "iq": Iq}


def is_stanza(element: Element) -> bool:
    """Whether it is one of the three stanzas; a ``<message/>`` of another namespace is not."""
    return element.uri == NS_CLIENT and element.name in _KINDS


def stanza_of(element: Element) -> Message | Presence | Iq | None:
    """The face for an element from the network. None where it is no stanza or one of its addresses is invalid;
    valid addresses are normalised in place."""
    kind = _KINDS.get(element.name)
    if kind is None or element.uri != NS_CLIENT:
        return None
    attributes = element.attributes
    try:
        if "from" in attributes:
            attributes["from"] = JID.parse(attributes["from"])
        if "to" in attributes:
            attributes["to"] = JID.parse(attributes["to"])
    except InvalidAddress:
        return None
    return kind(element)  # type: ignore[return-value]  # one of the kinds


def _address(element: Element, attribute: str) -> JID | None:
    text = element.attributes.get(attribute)
    return text if text is None or isinstance(text, JID) else JID.parse(text)


# -- errors ------------------------------------------------------------------------------------------------------

CONDITIONS = {  # RFC 6120 §8.3.3, for people
    "bad-request": "the request is not understood",
    "conflict": "there is something of that name already",
    "feature-not-implemented": "this is not supported",
    "forbidden": "you are not allowed to do this",
    "gone": "this address is no longer in use",
    "internal-server-error": "something went wrong there",
    "item-not-found": "there is no such thing or address",
    "jid-malformed": "the address is not valid",
    "not-acceptable": "this is not acceptable there",
    "not-allowed": "this is not allowed there",
    "not-authorized": "permission has to be asked for first",
    "policy-violation": "the rules of the server do not allow this",
    "recipient-unavailable": "the contact cannot be reached now",
    "redirect": "another address has to be used",
    "registration-required": "an account or membership is needed",
    "remote-server-not-found": "the server of {peer} cannot be found; perhaps the address holds a typing mistake",
    "remote-server-timeout": "the server of {peer} cannot be reached now; try again later",
    "resource-constraint": "a limit of the server is reached; try again later",
    "service-unavailable": "nobody is at this address now, or it cannot do this",
    "subscription-required": "a subscription is needed",
    "undefined-condition": "something went wrong",
    "unexpected-request": "this was not expected now",
}

_SPECIFIC = {"blocked": "you have blocked this address"}  # XEP-0191 §3.3
_OURS = ("remote-server-not-found", "remote-server-timeout")  # what our own server says of another
_TEXTS = {  # what servers are known to say, for people
    "Communication with remote domains is not enabled": "your own server does not talk to other servers",
}


def _details(specific: Element) -> dict[str, str]:
    """What the application's own condition says, by the names of its attributes and children; in few words."""
    told = {str(name): str(value) for name, value in specific.attributes.items() if isinstance(name, str)}
    told |= {each.name: xml.text_of(each) for each in xml.elements(specific)}
    return {f"{specific.name[:100]}.{name[:100]}": value.strip()[:100] for name, value in list(told.items())[:5]}


def stanza_error(element: Element) -> PeerError:
    """The error of a stanza of type ``error``, however strange it is. The peer's own text is kept, shortened."""
    error = xml.child(element, "error", NS_CLIENT)
    condition, kind, text = "undefined-condition", "", ""
    specific: dict[str, str] = {}
    if error is not None:
        kind = str(error.attributes.get("type", ""))
        for each in xml.elements(error, ns=NS_STANZAS):
            if each.name == "text":
                text = " ".join(xml.text_of(each).split())[:500]
            elif each.name in CONDITIONS:
                condition = each.name
        for each in xml.elements(error):
            if each.uri not in (NS_STANZAS, NS_CLIENT):  # what the application calls it (RFC 6120 §8.3.4)
                specific = {"specific": each.name[:100], **_details(each)}
                break
    peer = str(element.attributes.get("from") or "The server")
    reason = _TEXTS.get(text) or _SPECIFIC.get(specific.get("specific", ""), CONDITIONS[condition])
    reason = reason.replace("{peer}", peer)
    if text:
        reason = f"{reason} (“{text}”)"
    if condition in _OURS or text in _TEXTS:
        peer = "Your server"
    return PeerError(peer=peer, condition=condition, kind=kind, text=text, reason=reason, **specific)

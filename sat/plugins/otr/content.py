"""OTR's bodies in messages: what goes with them, and what stands beside them that nobody has protected (XEP-0364)."""

from __future__ import annotations

from sat.api import JID
from sat.xmpp import sce
from sat.xmpp.stanzas import Message
from sat.xmpp.xml import Element, elements

NS = "urn:xmpp:otr:0"
TITLE = "OTR"
NS_EME = "urn:xmpp:eme:0"
NS_HINTS = "urn:xmpp:hints"
NS_CARBONS = "urn:xmpp:carbons:2"

_BESIDE = frozenset(
    ("urn:xmpp:receipts", "urn:xmpp:chat-markers:0", "http://jabber.org/protocol/chatstates", "urn:xmpp:attention:0")
)
"""Namespaces of what may stand beside an encrypted text: it tells nothing of what that says, and changes nothing."""


def message(to: JID, body: str) -> Message:
    """A message that holds nothing but a body of the protocol."""
    made = Message.to(to)
    _address(made, to, body)
    return made


def seal(message: Message, to: JID, body: str) -> None:
    """Put an encrypted body in the place of what a message says."""
    message.element.children = [each for each in elements(message.element) if _stays(each)]
    _address(message, to, body)


def unseal(message: Message, text: str) -> None:
    """Put the text in the place of its encryption; what stood beside it and would say more goes."""
    message.element.children = [each for each in elements(message.element) if _stays(each)]
    message.body = text


def _stays(element: Element) -> bool:
    return not sce.is_content(element) or element.uri in _BESIDE


def _address(message: Message, to: JID, body: str) -> None:
    """No program but that one can read it, and none later: it is not to be copied or archived (XEP-0364 §2)."""
    message.element["to"] = str(to)
    message.body = body
    if body.startswith(("?OTR:", "?OTR,")):  # a query is for people, too
        message.add("encryption", NS_EME, namespace=NS, name=TITLE)
    for hint in ("no-copy", "no-permanent-store"):
        message.add(hint, NS_HINTS)
    message.add("private", NS_CARBONS)

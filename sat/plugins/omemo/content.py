"""What of a message OMEMO encrypts, and what it leaves outside.

Version 2 has everything inside that servers need not see (XEP-0420). The old version knows only the body: what belongs
to the text but says nothing of it stays outside, where it is not protected, and the rest does not leave."""

from __future__ import annotations

from hashlib import blake2b

from sat.api import JID
from sat.plugins.omemo.lists import number_of
from sat.plugins.omemo.names import NEW, OLD, TITLE
from sat.xmpp import sce, xml
from sat.xmpp.stanzas import Message
from sat.xmpp.xml import Element, elements

NS_EME = "urn:xmpp:eme:0"
NS_HINTS = "urn:xmpp:hints"
FALLBACK = "This message is encrypted with OMEMO, and your program cannot read it."

OUTSIDE = frozenset(
    (
        "urn:xmpp:message-correct:0",
        "urn:xmpp:reply:0",
        "urn:xmpp:fallback:0",
        "urn:xmpp:chat-markers:0",
        "urn:xmpp:receipts",
        "http://jabber.org/protocol/chatstates",
        "urn:xmpp:attention:0",
        "urn:xmpp:styling:0",
    )
)
"""Namespaces of what stands beside the text in the old version; it tells which message is meant, not what it says."""

CHANGES = frozenset(("urn:xmpp:message-correct:0", "urn:xmpp:message-retract:1", "urn:xmpp:reactions:0"))
"""Namespaces of what changes another message."""


def envelope(message: Message, sender: JID, time: float) -> str:
    """What version 2 encrypts of a message."""
    content = [each for each in elements(message.element) if sce.is_content(each)]
    recipient = message.recipient
    return sce.write(content, sender, None if recipient is None else recipient.bare, time)


def nothing(sender: JID, recipient: JID, time: float) -> str:
    """The same of a message that says nothing."""
    return sce.write([], sender, recipient, time)


def seal(message: Message, encrypted: list[Element]) -> None:
    """Put the encryptions in the place of what they hold."""
    newest = all(each.uri == NEW for each in encrypted)
    kept = [each for each in elements(message.element) if not sce.is_content(each) or (not newest and _outside(each))]
    message.element.children = [*kept, *encrypted]
    message.add("encryption", NS_EME, namespace=NEW if newest else OLD, name=TITLE)
    if message.child("no-store", NS_HINTS) is None:
        message.add("store", NS_HINTS)  # archives keep what has a body, and this has none any more
    if not newest:
        message.body = FALLBACK


def unseal(message: Message, ns: str, plaintext: bytes, sender: JID, recipient: JID) -> float | None:
    """Put what was inside into its place; what stood there and nobody has protected goes. When it was encrypted, where
    that is inside, too. Errors: ValueError."""
    if ns == OLD:
        kept = [each for each in elements(message.element) if not sce.is_content(each) or _outside(each)]
        message.element.children = list(kept)
        message.body = xml.cleaned(plaintext.decode("utf-8", "replace"))
        return None
    found = sce.read(plaintext)
    if found.sender != sender:
        raise ValueError("it names another sender")
    if found.recipient is not None and found.recipient != recipient:
        raise ValueError("it names another recipient")
    kept = [each for each in elements(message.element) if not sce.is_content(each)]
    message.element.children = [*kept, *found.content]
    return found.time


def device_of(encrypted: Element) -> int:
    """The number of the device that a message is from, 0 where it does not say so."""
    header = xml.child(encrypted, "header", encrypted.uri)
    return 0 if header is None else number_of(header.attributes.get("sid"))


def mark_of(encrypted: Element) -> bytes:
    """What tells an encryption from all others."""
    return blake2b(xml.to_text(encrypted).encode(), digest_size=16).digest()


def becomes_a_message(message: Message) -> bool:
    """Whether the history has a message of its own for this one: it is no correction, marker, or the like."""
    return bool(message.body) and message.namespaces.isdisjoint(CHANGES)


def _outside(element: Element) -> bool:
    # Of a file nothing is told: what stands for it in the text is no quotation.
    return element.uri in OUTSIDE and element.attributes.get("for") != "urn:xmpp:sfs:0"

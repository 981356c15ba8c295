"""Jingle (XEP-0166), to and from XML. Bounded: it comes from anybody."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from sat.api import JID
from sat.xmpp import xml
from sat.xmpp.xml import Element

NS = "urn:xmpp:jingle:1"
NS_ERRORS = "urn:xmpp:jingle:errors:1"
NS_FILES = "urn:xmpp:jingle:apps:file-transfer:5"
"""Of XEP-0234, whose words for a file others use, too."""
MOST_CONTENTS = 20  # of one action
LONG = 500  # characters of an id, a name, a text


class Action(StrEnum):
    """What is done with a session (XEP-0166 §7.2)."""

    SESSION_INITIATE = "session-initiate"
    SESSION_ACCEPT = "session-accept"
    SESSION_INFO = "session-info"
    SESSION_TERMINATE = "session-terminate"
    CONTENT_ADD = "content-add"
    CONTENT_ACCEPT = "content-accept"
    CONTENT_REJECT = "content-reject"
    CONTENT_REMOVE = "content-remove"
    CONTENT_MODIFY = "content-modify"
    DESCRIPTION_INFO = "description-info"
    SECURITY_INFO = "security-info"
    TRANSPORT_INFO = "transport-info"
    TRANSPORT_REPLACE = "transport-replace"
    TRANSPORT_ACCEPT = "transport-accept"
    TRANSPORT_REJECT = "transport-reject"


class Condition(StrEnum):
    """Why something is done (XEP-0166 §7.4). What is not known counts as GENERAL_ERROR."""

    ALTERNATIVE_SESSION = "alternative-session"
    BUSY = "busy"
    CANCEL = "cancel"
    CONNECTIVITY_ERROR = "connectivity-error"
    DECLINE = "decline"
    EXPIRED = "expired"
    FAILED_APPLICATION = "failed-application"
    FAILED_TRANSPORT = "failed-transport"
    GENERAL_ERROR = "general-error"
    GONE = "gone"
    INCOMPATIBLE_PARAMETERS = "incompatible-parameters"
    MEDIA_ERROR = "media-error"
    SECURITY_ERROR = "security-error"
    SUCCESS = "success"
    TIMEOUT = "timeout"
    UNSUPPORTED_APPLICATIONS = "unsupported-applications"
    UNSUPPORTED_TRANSPORTS = "unsupported-transports"


_CONDITIONS = frozenset(each.value for each in Condition)


class Reason(NamedTuple):
    """Why, and the peer's own words, shortened."""

    condition: Condition
    text: str = ""


class Part(NamedTuple):
    """A ``<content/>``: creator and senders are ``initiator``, ``responder``; the latter also ``both`` and ``none``."""

    name: str
    creator: str = "initiator"
    senders: str = "both"
    description: Element | None = None
    transport: Element | None = None
    disposition: str = "session"
    security: Element | None = None  # how the stream is protected, which is a condition (§8)


class Said(NamedTuple):
    """One ``<jingle/>``."""

    action: Action
    sid: str
    parts: list[Part]
    reason: Reason | None = None
    payloads: list[Element] = []  # noqa: RUF012 - a named tuple's default, never changed


class Malformed(Exception):
    """It is against XEP-0166 in form."""


def read(jingle: Element) -> Said:
    """What a ``<jingle/>`` says. Raises Malformed."""
    try:
        action = Action(jingle.attributes.get("action", ""))
    except ValueError:
        raise Malformed("there is no such action") from None
    sid = _id(jingle, "sid")
    contents = xml.elements(jingle, "content", NS)
    if len(contents) > MOST_CONTENTS:
        raise Malformed("too many contents")
    parts = [_part(each) for each in contents]
    if len({(each.creator, each.name) for each in parts}) < len(parts):
        raise Malformed("two contents of one name")
    reason = xml.child(jingle, "reason", NS)
    others = [each for each in xml.elements(jingle) if each.uri != NS][:MOST_CONTENTS]
    return Said(action, sid, parts, None if reason is None else _reason(reason), others)


def _part(content: Element) -> Part:
    creator = str(content.attributes.get("creator", "initiator"))
    senders = str(content.attributes.get("senders", "both"))
    if creator not in ("initiator", "responder") or senders not in ("initiator", "responder", "both", "none"):
        raise Malformed("a content of nobody")
    found: dict[str, Element] = {}
    for each in xml.elements(content):
        if each.name in ("description", "transport", "security"):
            if each.name in found:
                raise Malformed(f"a content with two of {each.name}")
            found[each.name] = each
    disposition = str(content.attributes.get("disposition", "session"))[:LONG]
    description, transport = found.get("description"), found.get("transport")
    security = found.get("security")
    return Part(_id(content, "name"), creator, senders, description, transport, disposition, security)


def _reason(element: Element) -> Reason:
    condition = Condition.GENERAL_ERROR
    for each in xml.elements(element, ns=NS):
        if (name := each.name.replace("_", "-")) in _CONDITIONS:  # Dino 0.4 writes failed_transport
            condition = Condition(name)
            break
    return Reason(condition, " ".join(xml.text_of(xml.child(element, "text", NS)).split())[:LONG])


def _id(element: Element, attribute: str) -> str:
    text = str(element.attributes.get(attribute, ""))
    if not 0 < len(text) <= LONG:
        raise Malformed(f"{element.name} without {attribute}, or with too long a one")
    return text


def write(
    action: Action,
    sid: str,
    parts: Iterable[Part] = (),
    reason: Reason | None = None,
    payload: Element | None = None,
    **roles: JID,
) -> Element:
    """A ``<jingle/>``; ``roles`` are ``initiator`` in session-initiate and ``responder`` in session-accept."""
    made = xml.element("jingle", NS, action=action.value, sid=sid, **roles)
    for part in parts:
        # ``senders`` is told always: its default is not what some programs think it is.
        content = xml.add(made, "content", NS, creator=part.creator, name=part.name, senders=part.senders)
        content.children += [each for each in (part.description, part.transport, part.security) if each is not None]
    if reason is not None:
        told = xml.add(made, "reason", NS)
        xml.add(told, reason.condition.value, NS)
        if reason.text:
            xml.add(told, "text", NS, reason.text)
    if payload is not None:
        made.children.append(payload)
    return made

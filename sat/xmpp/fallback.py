"""Text that is in a message only for programs which lack a feature (XEP-0428)."""

from __future__ import annotations

from sat.xmpp.stanzas import Message
from sat.xmpp.xml import add, elements

NS = "urn:xmpp:fallback:0"
NS_REFERENCE = "urn:xmpp:reference:0"


def put_before(message: Message, feature: str, text: str) -> None:
    """Put a text before the body, for those who do not know a feature."""
    message.body = text + message.body
    fallback = message.add("fallback", NS, **{"for": feature})
    add(fallback, "body", NS, start=0, end=len(text))
    _move(message, 0, len(text))


def put_all(message: Message, feature: str) -> None:
    """Say that all of the body is there for those who do not know a feature."""
    add(message.add("fallback", NS, **{"for": feature}), "body", NS)


def is_all(message: Message, feature: str) -> bool:
    """Whether all of the body is there for those who do not know a feature, as its sender says."""
    return any(
        each.name == "fallback"
        and each.attributes.get("for") == feature
        and any(not span.attributes for span in elements(each, "body", NS))
        for each in message.children(NS)
    )


def take_out(message: Message, feature: str) -> str:
    """Take out of the body what is there for those who do not know a feature; what that was. It stays where nothing
    else would be left."""
    for fallback in message.children(NS):
        if fallback.name != "fallback" or fallback.attributes.get("for") != feature:
            continue
        for span in elements(fallback, "body", NS):
            try:
                begin, end = int(span.attributes.get("start", "")), int(span.attributes.get("end", ""))
            except ValueError:
                continue
            body = message.body
            rest = body[:begin] + body[end:]
            if 0 <= begin < end <= len(body) and rest.strip():
                message.element.children.remove(fallback)
                message.body = rest
                _move(message, end, begin - end)
                return body[begin:end]
    return ""


def _move(message: Message, start: int, by: int) -> None:
    """Let what refers to places of the text (XEP-0372) follow when what stands from ``start`` on is moved."""
    for each in message.children(NS_REFERENCE):
        try:
            begin, end = int(each.attributes.get("begin", "")), int(each.attributes.get("end", ""))
        except ValueError:
            continue
        if begin >= start:
            each.attributes["begin"], each.attributes["end"] = str(begin + by), str(end + by)
        elif end > start + by:  # it refers to something that was taken out: to nothing, now
            each.attributes["end"] = "0"

"""A message inside a message (XEP-0297): what carbons and archives wrap."""

from __future__ import annotations

from typing import NamedTuple

from sat.xmpp import xml
from sat.xmpp.stanzas import Message, stanza_of
from sat.xmpp.times import NS_DELAY, parse_stamp
from sat.xmpp.xml import Element

NS = "urn:xmpp:forward:0"


class Forwarded(NamedTuple):
    """The message, and when who forwards it got it (seconds since 1970), if that is said."""

    message: Message
    stamp: float | None


def forwarded(wrapper: Element) -> Forwarded | None:
    """The message in a ``<forwarded/>`` below this element; None where there is none or its addresses are invalid."""
    outer = xml.child(wrapper, "forwarded", NS)
    inner = delay = None
    for each in () if outer is None else outer.children:  # a catch-up brings many
        if isinstance(each, str):
            continue
        if each.name == "message":
            inner = inner or each
        elif each.name == "delay" and each.uri == NS_DELAY:
            delay = delay or each
    message = None if inner is None else stanza_of(inner)
    if not isinstance(message, Message):
        return None
    return Forwarded(message, None if delay is None else parse_stamp(str(delay.attributes.get("stamp", ""))))

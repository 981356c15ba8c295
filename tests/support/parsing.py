"""Elements from text, as a stream would give them."""

from __future__ import annotations

from sat.xmpp.xml import Element, StreamParser


def parse(text: str) -> Element:
    """The first element of a stream whose default namespace is that of a client."""
    got: list[Element] = []
    header = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"
    StreamParser(lambda _: None, got.append, lambda: None).feed((header + text).encode())
    return got[0]

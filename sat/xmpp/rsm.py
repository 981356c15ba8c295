"""Pages of long lists (XEP-0059). tx-xmpp's module of that name brings all of pubsub with it, so it is not used."""

from __future__ import annotations

from typing import NamedTuple

from sat.xmpp import xml
from sat.xmpp.xml import Element

NS = "http://jabber.org/protocol/rsm"


class Page(NamedTuple):
    """What an answer says of its place in the list. ``count`` is -1 where the whole is not known."""

    first: str = ""
    last: str = ""
    count: int = -1  # type: ignore[assignment] # nobody counts values in this tuple


def add_page(parent: Element, most: int, after: str | None = None, before: str | None = None) -> None:
    """Ask for at most ``most``, behind one id or before one; before ``""`` is the end of the list."""
    page = xml.add(parent, "set", NS)
    xml.add(page, "max", NS, str(most))
    if after is not None:
        xml.add(page, "after", NS, after)
    if before is not None:
        xml.add(page, "before", NS, before)


def read_page(parent: Element) -> Page:
    """The place of an answer; an empty one where it says nothing."""
    page = xml.child(parent, "set", NS)
    if page is None:
        return Page()
    count = xml.text_of(xml.child(page, "count", NS)).strip()
    return Page(
        xml.text_of(xml.child(page, "first", NS))[:1000],
        xml.text_of(xml.child(page, "last", NS))[:1000],
        int(count) if count.isascii() and count.isdigit() and len(count) < 12 else -1,
    )

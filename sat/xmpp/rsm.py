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


class Wanted(NamedTuple):
    """Which part of a list somebody asks us for; ``most`` is 0 where they do not say how much of it."""

    most: int = 0
    after: str = ""


def read_wanted(parent: Element) -> Wanted:
    """Which page a request wants."""
    page = xml.child(parent, "set", NS)
    if page is None:
        return Wanted()
    most = xml.text_of(xml.child(page, "max", NS)).strip()
    number = int(most) if most.isascii() and most.isdigit() and len(most) < 12 else 0
    return Wanted(number, xml.text_of(xml.child(page, "after", NS))[:1000])


def add_place(parent: Element, first: str, last: str, count: int) -> None:
    """Say which part of a list an answer has."""
    page = xml.add(parent, "set", NS)
    xml.add(page, "first", NS, first)
    xml.add(page, "last", NS, last)
    xml.add(page, "count", NS, str(count))


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

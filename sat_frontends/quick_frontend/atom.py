"""Blogs as feeds for news readers (Atom, RFC 4287): what all feeds of ours have in common."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import quote
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from sat.api import JID
from sat.api.places import to_uri
from sat.api.posts import Enclosure, Place
from sat_frontends.quick_frontend.dates import stamp
from sat_frontends.quick_frontend.text import clean, clean_line

ATOM, THREAD = "http://www.w3.org/2005/Atom", "http://purl.org/syndication/thread/1.0"
_KEPT = "!#$%&'()*+,/:;=?@[]~"  # of all that is ASCII, what an address can hold (RFC 3986 §2)
register_namespace("", ATOM)
register_namespace("thr", THREAD)


class Entry(NamedTuple):
    """A post in a feed. ``html`` is harmless, ``address`` that of its author as far as it is known, ``url`` where it
    is read on the web, ``replies`` where its comments are and ``said`` how many."""

    place: Place
    title: str
    author: str
    published: float
    updated: float
    html: str
    address: str = ""
    lang: str = ""
    url: str = ""
    replies: str = ""
    said: int = 0
    tags: list[str] = []  # noqa: RUF012 - a named tuple's default, never changed
    files: list[Enclosure] = []  # noqa: RUF012


def begun(place: Place, title: str, entries: list[Entry], author: str) -> Element:
    """A feed that has no links and no entries yet."""
    root = Element(f"{{{ATOM}}}feed")
    text(root, "id", to_uri(place))
    text(root, "title", title)
    text(root, "updated", stamp(max((each.updated or each.published for each in entries), default=0.0)))
    _author(root, author, place.service)
    return root


def link(parent: Element, rel: str, href: str, kind: str = "") -> Element:
    """Add a link, with what it leads to if that is a media type."""
    known = {"type": kind} if "/" in kind.strip("/") else {}
    return SubElement(parent, f"{{{ATOM}}}link", {"rel": rel, "href": quote(href, _KEPT)} | known)


def text(parent: Element, name: str, words: str) -> None:
    """Add an element with a text of one line."""
    SubElement(parent, f"{{{ATOM}}}{name}").text = clean_line(words)


def add(root: Element, each: Entry) -> None:
    """Add an entry."""
    entry = SubElement(root, f"{{{ATOM}}}entry")
    if each.lang:
        entry.set("{http://www.w3.org/XML/1998/namespace}lang", each.lang)
    text(entry, "id", to_uri(each.place))
    text(entry, "title", each.title)
    text(entry, "published", stamp(each.published))
    text(entry, "updated", stamp(each.updated or each.published))
    _author(entry, each.author, each.address)
    if each.url:
        link(entry, "alternate", each.url, "text/html")
    if each.replies:
        link(entry, "replies", each.replies, "text/html").set(f"{{{THREAD}}}count", str(each.said))
    for tag in each.tags:
        SubElement(entry, f"{{{ATOM}}}category", {"term": clean_line(tag)})
    for file in each.files:
        enclosure = link(entry, "enclosure", file.url, clean_line(file.type))
        if file.size > 0:
            enclosure.set("length", str(file.size))
        if file.title:
            enclosure.set("title", clean_line(file.title))
    SubElement(entry, f"{{{ATOM}}}content", {"type": "html"}).text = clean(each.html)


def _author(parent: Element, name: str, address: str) -> None:
    author = SubElement(parent, f"{{{ATOM}}}author")
    text(author, "name", name)
    if address:
        text(author, "uri", to_uri(Place(JID(address))).partition("?")[0])


def encoded(root: Element) -> bytes:
    """The feed as a file."""
    words: str = tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{words}'.encode("utf-8", "replace")

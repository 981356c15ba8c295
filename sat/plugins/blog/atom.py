"""Posts as they are published: an Atom entry in an item (RFC 4287, XEP-0277 §2, XEP-0472 §4).

What strangers have published is within bounds afterwards, and its XHTML is harmless.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import NamedTuple

from sat.api import JID
from sat.api.errors import InvalidAddress
from sat.api.places import from_uri, to_uri
from sat.api.posts import MICROBLOG, NOWHERE, Enclosure, Place, Post, Version
from sat.plugins.blog import cleaning
from sat.xmpp import xml
from sat.xmpp.pubsub import Item
from sat.xmpp.times import format_stamp, parse_stamp
from sat.xmpp.xml import Element

NS = "http://www.w3.org/2005/Atom"
NS_THREAD = "http://purl.org/syndication/thread/1.0"  # RFC 4685
TITLE = 500  # characters
NAME = 100
TAG = 100
MOST = 50  # tags; enclosures
VERSIONS = 20  # languages
LINKS = 200  # links that are looked at
URL = 4000  # characters
AHEAD = 300.0  # seconds that a clock may be ahead of ours

LANG = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8}){0,4}")


class Text(NamedTuple):
    """A text construct (RFC 4287 §3.1): its words, and harmless XHTML of them."""

    words: str = ""
    html: str = ""

    def __bool__(self) -> bool:
        return bool(self.words or self.html)


def read(item: Item, service: JID, node: str, now: float) -> Post | None:
    """The post that an item holds; None where it holds none. ``now`` is in seconds since 1970: what claims to come from
    the future comes from then."""
    entry = item.payload
    if entry is None or (entry.name, entry.uri) != ("entry", NS) or not item.id:
        return None
    author, name, verified = _author(entry, item.publisher, service, node)
    (lang, heading, content), *others = _said(entry)
    versions = [Version(tag, title, text.words, text.html) for tag, title, text in others]
    published, updated = (_time(entry, each, now) for each in ("published", "updated"))
    links = _Links(entry)
    return Post(
        Place(service, node, item.id),
        author,
        name,
        verified,
        heading,
        content.words,
        content.html,
        lang,
        published or updated,
        max(published, updated),
        _tags(entry),
        links.enclosures,
        links.url,
        links.comments,
        links.via,
        _answers(entry),
        versions=[each for each in versions if each.title or each.text or each.html],
    )


def write(post: Post, known: Element | None = None, repeated: Post | None = None) -> Element:
    """The entry of a post of ours. ``known`` is what stands there until now: its id stays, and what other programs have
    added that we do not know. ``repeated`` is the post whose author is named instead of us (XEP-0277 §2.4)."""
    entry = xml.element("entry", NS)
    if post.lang:
        entry.attributes[xml.LANG] = post.lang
    author = xml.add(entry, "author")
    named = post if repeated is None else repeated
    if named.name:
        xml.add(author, "name", NS, named.name)
    xml.add(author, "uri", NS, f"xmpp:{named.author.bare}")
    main = Version("", post.title, post.text, post.html)
    for each in (main, *post.versions):  # in this order: many read nothing but the first one
        _write_version(entry, each)
    day = datetime.fromtimestamp(post.published, UTC).date()
    id = "" if known is None else id_of(known)
    xml.add(entry, "id", NS, id or f"tag:{post.author.domain},{day}:posts-{post.place.id}")
    xml.add(entry, "published", NS, format_stamp(post.published))
    xml.add(entry, "updated", NS, format_stamp(post.updated))
    for tag in post.tags:
        xml.add(entry, "category", NS, term=tag)
    _write_links(entry, post)
    if known is not None:
        entry.children += [each for each in xml.elements(known) if each.uri not in (NS, NS_THREAD)]
    return entry


def _write_version(entry: Element, said: Version) -> None:
    heading = said.title or cleaning.cut(_line(said.text.strip().partition("\n")[0]), TITLE)
    made = [xml.add(entry, "title", NS, heading, type="text")]
    if said.html and (said.title or said.html != cleaning.from_text(heading)):
        made.append(xml.add(entry, "content", NS, said.text, type="text"))
        made.append(xml.add(entry, "content", NS, type="xhtml"))
        made[-1].children.append(cleaning.parsed(said.html))
    for each in made:
        if said.lang:
            each.attributes[xml.LANG] = said.lang


def id_of(entry: Element) -> str:
    """The id of an entry, which stays when its address changes (RFC 4287 §4.2.6)."""
    return xml.text_of(xml.child(entry, "id", NS)).strip()


def _write_links(entry: Element, post: Post) -> None:
    xml.add(entry, "link", NS, rel="alternate", href=to_uri(post.place))
    if post.url:
        xml.add(entry, "link", NS, rel="alternate", type="text/html", href=post.url)
    for each in post.enclosures:
        size = str(each.size) if each.size else None
        more = {"type": each.type or None, "title": each.title or None, "length": size}
        xml.add(entry, "link", NS, rel="enclosure", href=each.url, **more)
    if post.comments != NOWHERE:
        xml.add(entry, "link", NS, rel="replies", title="comments", href=to_uri(post.comments))
    if post.via != NOWHERE:
        xml.add(entry, "link", NS, rel="via", href=to_uri(post.via))
    if post.answers != NOWHERE:
        uri = to_uri(post.answers)
        xml.add(entry, "in-reply-to", NS_THREAD, ref=uri, href=uri)


# -- who ---------------------------------------------------------------------------------------------------------


def _author(entry: Element, publisher: str, service: JID, node: str) -> tuple[JID, str, bool]:
    """Who has written it, their name, and whether the service vouches for them. Who has published it is told by the
    service (XEP-0060 §7.1.2.3); in the blog of an account nobody else can publish (XEP-0163 §3). What the entry says
    of its author, anybody could have written; and in what is repeated it is somebody else (XEP-0277 §2.4)."""
    said = xml.child(entry, "author", NS)
    claimed = None if said is None else _jid(_first(said, "uri").removeprefix("xmpp:").partition("?")[0])
    name = "" if said is None else cleaning.cut(_line(_first(said, "name")), NAME)
    author = _jid(publisher)
    if author is None and node == MICROBLOG and service.local:
        author = service.bare
    if author is None:
        return claimed or service.bare, name, False
    return author, name if claimed in (None, author) else "", True


def _jid(text: str) -> JID | None:
    try:
        return JID.parse(text.strip()).bare if text.strip() else None
    except InvalidAddress:
        return None


# -- what --------------------------------------------------------------------------------------------------------


def _said(entry: Element) -> list[tuple[str, str, Text]]:
    """What it says in each language: the language, the heading, the text; the main one first. RFC 4287 knows one title
    and one content. Where there are more, each says in ``xml:lang`` what it is in; the first is the main one."""
    own = _lang(entry)
    names: dict[str, str] = {}  # of languages, by themselves without case
    found: dict[str, dict[str, list[Element]]] = {}
    for name in ("title", "content", "summary"):
        for each in xml.elements(entry, name, NS)[: 10 * VERSIONS]:
            lang = _lang(each) or own
            names.setdefault(lang.lower(), lang)
            found.setdefault(lang.lower(), {}).setdefault(name, []).append(each)
    first, *rest = found or {own.lower(): {}}
    main = found.get(first, {})
    if rest and main.keys() == {"title"} and "title" not in found[rest[0]]:  # only one of the two names its language
        other = rest.pop(0)
        main, first = main | found[other], first or other
    read = [(names.get(first, own), *_read_version(main))]
    read += [(names[each], *_read_version(found[each])) for each in rest[: VERSIONS - 1] if each]
    return read


def _read_version(found: dict[str, list[Element]]) -> tuple[str, Text]:
    title = _text(found.get("title", []))
    content = _text(found.get("content", [])) or _text(found.get("summary", []))
    heading = cleaning.cut(_line(title.words), TITLE)
    if not content or _begins(content.words, heading):  # short posts have nothing but a title (XEP-0277 §2.2)
        return "", content or title
    return heading, content


def _text(elements: list[Element]) -> Text:
    """The best of these: XHTML, else HTML, else a text (XEP-0472 §4.2 wants two)."""
    found = {_kind(each): each for each in reversed(elements[:10])}
    for kind in ("xhtml", "html", "text"):
        each = found.get(kind)
        text = Text() if each is None else _read_text(kind, each)
        if text:
            return text
    return Text()


def _kind(element: Element) -> str:
    said = str(element.attributes.get("type", "text")).strip().lower()
    return {"application/xhtml+xml": "xhtml", "text/html": "html", "text/plain": "text"}.get(said, said)


def _read_text(kind: str, element: Element) -> Text:
    if kind == "text":
        words = cleaning.cut(xml.text_of(element).strip())
        return Text(words, cleaning.from_text(words) if words else "")
    if kind == "xhtml":  # a div around it is there for XML only (RFC 4287 §3.1.1.3)
        div = xml.child(element, "div", cleaning.NS)
        html = cleaning.clean_element(element if div is None else div)
    else:
        html = cleaning.clean(xml.text_of(element))
    return Text(cleaning.words(html), html) if html else Text()


def _begins(text: str, heading: str) -> bool:
    """Whether a title says only what the text begins with: it was made for programs that want one."""
    begin = _line(text[: 2 * TITLE].strip().partition("\n")[0])
    return begin == heading or (heading.endswith(cleaning.CUT) and begin.startswith(heading[:-1].rstrip()))


def _line(text: str) -> str:
    return " ".join(text[: 10 * TITLE].split())


def _first(element: Element, name: str) -> str:
    return xml.text_of(xml.child(element, name, NS))[:URL]


def _time(entry: Element, name: str, now: float) -> float:
    """Seconds since 1970; 0 where it says none that can be."""
    stamp = parse_stamp(_first(entry, name).upper())
    if stamp is None or stamp < 0:
        return 0.0
    return stamp if stamp <= now + AHEAD else now


def _lang(element: Element) -> str:
    said = str(element.attributes.get(xml.LANG, ""))
    return said if LANG.fullmatch(said) else ""


def _tags(entry: Element) -> list[str]:
    terms = (str(each.attributes.get("term", ""))[: 2 * TAG] for each in xml.elements(entry, "category", NS)[:LINKS])
    tags = (cleaning.cut(_line(each).lstrip("#").strip(), TAG) for each in terms)
    return list(dict.fromkeys(filter(None, tags)))[:MOST]


# -- links -------------------------------------------------------------------------------------------------------


class _Links:
    """The links of an entry (RFC 4287 §4.2.7), by what they are for."""

    def __init__(self, entry: Element) -> None:
        self.url = ""
        self.enclosures: list[Enclosure] = []
        self.comments = self.via = NOWHERE
        for each in xml.elements(entry, "link", NS)[:LINKS]:
            href = str(each.attributes.get("href", "")).strip()
            rel = str(each.attributes.get("rel", "alternate"))
            if len(href) > URL:
                continue
            if rel == "replies" and self.comments == NOWHERE:
                place = from_uri(href)
                self.comments = NOWHERE if place is None else place._replace(id="")
            elif rel == "via" and self.via == NOWHERE:
                place = from_uri(href)
                self.via = place if place is not None and place.id else NOWHERE
            elif rel == "alternate" and not self.url and is_web(href):
                self.url = href
            elif rel == "enclosure" and is_web(href) and len(self.enclosures) < MOST:
                self.enclosures.append(_enclosure(each, href))


def _enclosure(link: Element, href: str) -> Enclosure:
    said = {key: _line(str(link.attributes.get(key, "")))[:TITLE] for key in ("type", "title", "length")}
    size = said["length"]
    whole = int(size) if size.isascii() and size.isdigit() and len(size) < 16 else 0
    return Enclosure(href, said["type"][:NAME], said["title"], whole)


def is_web(href: str) -> bool:
    """Whether it is an address of the web."""
    return href.lower().startswith(("https://", "http://")) and href.isprintable() and not re.search(r"\s", href)


def _answers(entry: Element) -> Place:
    for each in xml.elements(entry, "in-reply-to", NS_THREAD)[:10]:
        place = from_uri(str(each.attributes.get("href", ""))) or from_uri(str(each.attributes.get("ref", "")))
        if place is not None and place.id:
            return place
    return NOWHERE

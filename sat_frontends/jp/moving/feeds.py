"""Feeds of other programs as posts: Atom (RFC 4287), RSS 2.0, and what WordPress exports, which is RSS too.

What they hold is not trusted: no document types, so no entities; no net; each text of at most 10 MB, as libxml2 has it.
They are read as a stream, so that only the posts are kept, not the tree.
"""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import IO, Any

from lxml import etree

from sat.api.errors import InvalidArgument
from sat.api.posts import Enclosure
from sat_frontends.jp import foreign_xml
from sat_frontends.jp.moving import markup
from sat_frontends.jp.moving.incoming import Found, draft_of, slug_of
from sat_frontends.jp.moving.wordpress import CONTENT, WordPress, namespace
from sat_frontends.quick_frontend import dates

_ATOM = "{http://www.w3.org/2005/Atom}"
_XHTML = "{http://www.w3.org/1999/xhtml}"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_FEED, _ENTRY = f"{_ATOM}feed", f"{_ATOM}entry"


def read_feed(stream: IO[bytes], name: str, found: Found) -> None:
    """Take the entries of a feed. Errors: InvalidArgument."""
    reader = _Reader(found)
    try:
        events = foreign_xml.events(stream)
        for event, element in events:
            reader.take(event, element)
    except etree.XMLSyntaxError as error:
        raise InvalidArgument(
            reason=f"{name} is no feed, and Markdown ends in .md, .markdown or .txt: {error.msg}."
        ) from None
    except _Refused as error:
        raise InvalidArgument(reason=f"{name} {error}") from None
    reader.end()


class _Refused(Exception):
    """What is said behind the name of the file."""


class _Reader:
    def __init__(self, found: Found) -> None:
        self._found, self._wordpress = found, WordPress(found)
        self._lang, self._begun = "", False

    def take(self, event: str, element: Any) -> None:
        if event == "start":
            if not self._begun:
                self._begin(element)
        elif element.tag == "language" and element.getparent().tag == "channel":
            self._lang = element.text or ""
        elif element.tag in (_ENTRY, "item"):
            self._take_entry(element)
            element.clear()
            while element.getprevious() is not None:  # else the empty ones would stay
                del element.getparent()[0]

    def _begin(self, root: Any) -> None:
        self._begun = True
        if root.getroottree().docinfo.internalDTD is not None:
            raise _Refused("has a document type: that could make texts of nothing, so it is not read.")
        if root.tag not in (_FEED, "rss"):
            raise _Refused("is neither Atom nor RSS.")
        self._lang = root.get(_LANG, "")

    def _take_entry(self, element: Any) -> None:
        if element.tag == _ENTRY:
            self._take_atom(element)
        elif space := namespace(element):
            self._wordpress.take(element, space, self._lang)
        else:
            self._take_rss(element)

    def end(self) -> None:
        self._wordpress.end()

    def _take_atom(self, entry: Any) -> None:
        content = entry.find(f"{_ATOM}content")
        if content is None:
            content = entry.find(f"{_ATOM}summary")
        links = entry.findall(f"{_ATOM}link")
        files = [
            Enclosure(each.get("href", ""), each.get("type", ""), each.get("title", ""), _size(each.get("length")))
            for each in links
            if each.get("rel") == "enclosure"
        ]
        link = next((each.get("href", "") for each in links if each.get("rel", "alternate") == "alternate"), "")
        title, id = entry.findtext(f"{_ATOM}title", ""), entry.findtext(f"{_ATOM}id", "")
        tags = [each.get("term", "") for each in entry.findall(f"{_ATOM}category")]
        draft = draft_of(_content(content), title, entry.get(_LANG, self._lang), tags)
        date = entry.findtext(f"{_ATOM}published", "") or entry.findtext(f"{_ATOM}updated", "")
        draft = draft._replace(slug=slug_of(link, title, id), published=_iso(date), enclosures=_web(files))
        self._found.add(draft, known_as=id or link)

    def _take_rss(self, item: Any) -> None:
        title, link, id = (item.findtext(name, "") for name in ("title", "link", "guid"))
        body = markup.well_formed(item.findtext(CONTENT) or item.findtext("description") or "")
        draft = draft_of(body, title, self._lang, [each.text or "" for each in item.findall("category")])
        files = [
            Enclosure(each.get("url", ""), each.get("type", ""), "", _size(each.get("length")))
            for each in item.findall("enclosure")
        ]
        published = of_mail(item.findtext("pubDate", ""))
        draft = draft._replace(slug=slug_of(link, title, id), published=published, enclosures=_web(files))
        self._found.add(draft, known_as=id or link)


def _content(content: Any) -> str:
    if content is None:
        return ""
    if content.get("type") == "xhtml":
        div = content.find(f"{_XHTML}div")
        if div is None:
            return ""
        for each in div.iter(f"{_XHTML}*"):  # with whatever prefix it came
            each.tag = each.tag.removeprefix(_XHTML)
        content.remove(div)  # else its parts would tell the namespaces of the feed
        etree.cleanup_namespaces(div)
        return markup.inside(div)
    if content.get("type") == "html":
        return markup.well_formed(content.text or "")
    return markup.of_text(content.text or "")


def _iso(date: str) -> float:
    try:
        return dates.read(date)
    except ValueError:
        return 0.0


def of_mail(date: str) -> float:
    """A moment as RSS has it (RFC 822); 0 where it is none."""
    try:
        return parsedate_to_datetime(date).timestamp()
    except (TypeError, ValueError, OverflowError, OSError):
        return 0.0


def _size(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 16 else 0


def _web(files: list[Enclosure]) -> list[Enclosure]:
    return [each for each in files if each.url.startswith(("https://", "http://"))][:50]

"""What strangers have written as XHTML or HTML, made harmless: it goes into pages of ours.

Two do it, one behind the other: nh3 parses it as a browser does and takes away what is not allowed; a writer of ours
writes what is left, and writes nothing but what is allowed, well-formed and within bounds. Its XHTML is HTML, too.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from html import escape
from typing import Any

from sat.xmpp import xhtml, xml
from sat.xmpp.xml import Element

NS = xhtml.NS_XHTML
LONGEST = 200_000  # characters of what is written, with its tags; and of a text
TAGS, OPEN = 5_000, 200  # that are parsed, and left open at once: more can cost a browser's parser half a minute
DEEPEST = 40  # elements in each other; of those that are deeper the words are kept
CUT = "…"

_EMPTY = {"br", "hr", "img"}
_NEED_NO_END = {*_EMPTY, "p", "li", "dt", "dd", "tr", "th", "td", "thead", "tbody", "tfoot"}
_TAGS = {
    *_EMPTY,
    *("p", "div", "span", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "ul", "ol", "li", "dl", "dt", "dd"),
    *("a", "abbr", "b", "cite", "code", "del", "em", "i", "ins", "kbd", "mark", "q", "s", "samp", "small", "strong"),
    *("sub", "sup", "u", "var", "figure", "figcaption"),
    *("table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"),
}
# What stands in these is no text for people.
_SILENT = {
    *("script", "style", "head", "title", "template", "noscript", "textarea", "select", "option", "button"),
    *("iframe", "object", "embed", "applet", "audio", "video", "canvas", "svg", "math", "xmp", "noembed", "noframes"),
    "plaintext",
}
_SCHEMES = ("http", "https", "xmpp", "mailto")
_LINKS = tuple(f"{each}:" for each in _SCHEMES)
_REL = "noopener noreferrer nofollow"
_TAG = re.compile("<(/?)([a-zA-Z][^\\s/>]*)")
_CONTROLS = re.compile("[\x00-\x20\x7f]")


def _link(value: str) -> bool:
    return value.lower().startswith(_LINKS) and not _CONTROLS.search(value)


def _picture(value: str) -> bool:
    # Without TLS it would be refused by a page that has it, and would tell everybody on the way who reads what.
    return value.lower().startswith("https://") and not _CONTROLS.search(value)


def _number(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) < 7


def _words(value: str) -> bool:
    return len(value) <= 1000


_LANG = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8}){0,4}")
_ATTRIBUTES: dict[str, dict[str, Callable[[str], object]]] = {
    "a": {"href": _link, "title": _words},
    "img": {"src": _picture, "alt": _words, "title": _words},
    "abbr": {"title": _words},
    "ol": {"start": _number},
    "*": {"dir": ("ltr", "rtl", "auto").__contains__, "lang": _LANG.fullmatch},
}


def clean(html: str) -> str:
    """HTML or XHTML as harmless XHTML, without an element around it; nothing where nothing of it is left."""
    import nh3  # these two take 20 ms; most sessions read no blog
    from lxml import etree

    harmless = nh3.clean(
        xml.cleaned(_bounded(html)),
        tags=_TAGS,
        clean_content_tags=_SILENT,
        attributes={tag: set(names) for tag, names in _ATTRIBUTES.items()},
        url_schemes=set(_SCHEMES),
        url_relative="deny",
        link_rel=None,
    )
    parser = etree.HTMLParser(huge_tree=True, no_network=True, encoding="utf-8")
    root = etree.fromstring(f"<html><body>{harmless}</body></html>".encode(), parser)
    body = None if root is None else root.find("body")
    if body is None:
        return ""
    writer = _Writer()
    writer.inside(body, 0)
    return "".join(writer.parts).strip()


def _bounded(html: str) -> str:
    """As much of it as is parsed in a moment."""
    html = cut(html, 2 * LONGEST)
    waiting: Counter[str] = Counter()
    for number, found in enumerate(_TAG.finditer(html)):
        closes, name = found.group(1), found.group(2).lower()
        if not closes:
            waiting[name] += name not in _NEED_NO_END
        elif waiting[name]:
            waiting[name] -= 1
        if number == TAGS or waiting.total() > OPEN:
            return html[: found.start()] + CUT
    return html


def clean_element(element: Element) -> str:
    """The same of an element that holds XHTML, as it has come in a stanza."""
    parts: list[str] = []
    _as_html(element, parts.append)
    return clean("".join(parts))


def from_text(text: str) -> str:
    """A plain text as XHTML: paragraphs, lines, links."""
    paragraphs = re.split(r"\n\s*\n", xml.cleaned(text)[:LONGEST].strip())
    return "".join(f"<p>{'<br/>'.join(map(linked, each.strip().splitlines()))}</p>" for each in paragraphs if each)


def words(html: str) -> str:
    """The words of clean XHTML: for consoles, for search."""
    return xhtml.words(parsed(html), "\n\n")


def parsed(html: str) -> Element:
    """Clean XHTML as an element."""
    return xml.parse(f"<div xmlns='{NS}'>{html}</div>".encode())


def cut(text: str, longest: int = LONGEST) -> str:
    """A text that is no longer than that, with a mark where something is missing."""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + CUT


_ADDRESS = re.compile(r"""https?://[^\s<>"']*[^\s<>"'.,;:!?)\]]""")


def linked(line: str) -> str:
    """A line of plain text as XHTML, in which addresses of the web are links."""
    parts, end = [], 0
    for found in _ADDRESS.finditer(line):
        url = escape(found.group(), quote=False)  # it has no quotes
        parts += [escape(line[end : found.start()], quote=False), f'<a href="{url}" rel="{_REL}">{url}</a>']
        end = found.end()
    return "".join([*parts, escape(line[end:], quote=False)])


def _as_html(element: Element, out: Callable[[str], object]) -> None:
    """What is in an element, as a browser's parser reads it: there, only few elements can end where they begin."""
    for each in element.children:
        if isinstance(each, str):
            out(escape(each))
        elif each.uri != NS or each.name in _SILENT:
            continue
        elif each.name not in _TAGS:
            _as_html(each, out)
        else:
            said = (
                f' {key}="{escape(str(value))}"' for key, value in each.attributes.items() if _allowed(each.name, key)
            )
            out(f"<{each.name}{''.join(said)}>")
            if each.name not in _EMPTY:
                _as_html(each, out)
                out(f"</{each.name}>")


def _said(attributes: dict[str, str]) -> str:
    return "".join(f' {key}="{escape(value)}"' for key, value in attributes.items())


def _allowed(tag: str, key: object) -> bool:
    return key in _ATTRIBUTES.get(tag, ()) or key in _ATTRIBUTES["*"]


class _Writer:
    """Writes elements of lxml as XHTML."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self._left = LONGEST

    def inside(self, element: Any, depth: int) -> None:
        """What is in an element."""
        self._text(element.text)
        for each in element:
            if each.tag in _TAGS and depth < DEEPEST:
                self._element(each, depth + 1)
            else:
                self._text(" ".join(each.itertext()) if isinstance(each.tag, str) else "")
            self._text(each.tail)

    def _element(self, element: Any, depth: int) -> None:
        tag, checks = element.tag, _ATTRIBUTES["*"] | _ATTRIBUTES.get(element.tag, {})
        said = {key: value.strip() for key, value in element.attrib.items() if key in checks}
        said = {key: value for key, value in said.items() if checks[key](value)}
        if tag == "img" and "src" not in said:
            self._text(said.get("alt"))
            return
        if tag == "img":
            said |= {"alt": said.get("alt", ""), "loading": "lazy", "referrerpolicy": "no-referrer"}
        elif tag == "a" and "href" in said:
            said["rel"] = _REL
        opening = tag + _said(said)
        if self._left < len(opening):
            self._left = 0
            return
        if tag in _EMPTY:
            self._put(f"<{opening}/>")
            return
        self._put(f"<{opening}>")
        self.inside(element, depth)
        self._put(f"</{tag}>")

    def _text(self, text: str | None) -> None:
        if text and self._left > 0:
            whole = escape(text, quote=False)
            if len(whole) > self._left:  # a character becomes five at most
                whole = escape(cut(text, self._left // 5 + 1), quote=False)
                self._left = 0
            self._put(whole)

    def _put(self, text: str) -> None:
        self.parts.append(text)
        self._left -= len(text)

"""A plain text of what somebody has sent as XHTML only (XEP-0071). Nothing of it is shown but its words."""

from __future__ import annotations

import re

from sat.xmpp.stanzas import Message
from sat.xmpp.xml import Element, child

NS = "http://jabber.org/protocol/xhtml-im"
NS_XHTML = "http://www.w3.org/1999/xhtml"
NOTHING = "(This message has nothing that can be shown.)"

_SILENT = {"script", "style", "head", "title"}
_BLOCKS = {"p", "div", "li", "ul", "ol", "dl", "dt", "dd", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6"}
_PARAGRAPHS = _BLOCKS - {"li", "dt", "dd", "div"}
_BREAK, _GAP = "\0", "\1"  # where a block begins or ends, and a paragraph; XML has no such characters
_SPACES = re.compile(r"[ \t\r\n]+")


def plain_text(message: Message) -> str:
    """The words of a message that has XHTML, never none; nothing where it has none."""
    html = message.child("html", NS)
    body = None if html is None else child(html, "body", NS_XHTML)
    if body is None:
        return ""
    return words(body) or NOTHING


def words(element: Element, gap: str = "\n") -> str:
    """The words of an element that holds XHTML, each block in lines of its own; ``gap`` stands between paragraphs."""
    parts: list[str] = []
    _walk(element, parts, preformatted=False)
    found: list[str] = []
    between = ""
    for piece in re.split(f"([{_BREAK}{_GAP}])", "".join(parts)):
        block = piece.strip(" ")
        if piece in (_BREAK, _GAP):
            between = gap if piece == _GAP or between == gap else "\n"
        elif block:
            found += [between, block] if found else [block]
            between = ""
    return "".join(found).strip()


def _walk(element: Element, parts: list[str], *, preformatted: bool) -> None:
    for each in element.children:
        if isinstance(each, str):
            parts.append(each if preformatted else _SPACES.sub(" ", each))
        elif each.uri != NS_XHTML or each.name in _SILENT:
            continue
        elif each.name == "br":
            parts.append("\n")
        elif each.name == "img":
            parts.append(" ".join(str(each.attributes.get("alt", "")).split()))
        else:
            block = [_GAP] if each.name in _PARAGRAPHS else [_BREAK] if each.name in _BLOCKS else []
            parts += block
            _walk(each, parts, preformatted=preformatted or each.name == "pre")
            parts += _target(each)
            parts += block


def _target(element: Element) -> list[str]:
    """Where a link leads to, where its words do not say it: else it could deceive."""
    href = str(element.attributes.get("href", "")) if element.name == "a" else ""
    words = "".join(each for each in element.children if isinstance(each, str)).strip()
    return [f" ({href})"] if href.lower().startswith(("http://", "https://", "xmpp:")) and href != words else []

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
_BREAK = "\0"  # where a block begins or ends; XML has no such character
_SPACES = re.compile(r"[ \t\r\n]+")


def plain_text(message: Message) -> str:
    """The words of a message that has XHTML, never none; nothing where it has none."""
    html = message.child("html", NS)
    body = None if html is None else child(html, "body", NS_XHTML)
    if body is None:
        return ""
    parts: list[str] = []
    _walk(body, parts, preformatted=False)
    blocks = (block.strip(" ") for block in "".join(parts).split(_BREAK))
    return "\n".join(block for block in blocks if block).strip() or NOTHING


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
            block = [_BREAK] if each.name in _BLOCKS else []
            parts += block
            _walk(each, parts, preformatted=preformatted or each.name == "pre")
            parts += _target(each)
            parts += block


def _target(element: Element) -> list[str]:
    """Where a link leads to, where its words do not say it: else it could deceive."""
    href = str(element.attributes.get("href", "")) if element.name == "a" else ""
    words = "".join(each for each in element.children if isinstance(each, str)).strip()
    return [f" ({href})"] if href.lower().startswith(("http://", "https://", "xmpp:")) and href != words else []

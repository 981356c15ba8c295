"""XHTML that somebody has sent (XEP-0071): its words, and what stands around them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

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


def body_of(message: Message) -> Element | None:
    """The XHTML of a message that has some."""
    html = message.child("html", NS)
    return None if html is None else child(html, "body", NS_XHTML)


def plain_text(message: Message) -> str:
    """The words of a message that has XHTML, never none; nothing where it has none."""
    body = body_of(message)
    return "" if body is None else words(body) or NOTHING


def words(element: Element, gap: str = "\n") -> str:
    """The words of an element that holds XHTML, each block in lines of its own; ``gap`` stands between paragraphs."""
    found: list[str] = []
    between = ""
    for piece in re.split(f"([{_BREAK}{_GAP}])", "".join(part.text for part in parts(element))):
        block = piece.strip(" ")
        if piece in (_BREAK, _GAP):
            between = gap if piece == _GAP or between == gap else "\n"
        elif block:
            found += [between, block] if found else [block]
            between = ""
    return "".join(found).strip()


class Part(NamedTuple):
    """Words, or where a block begins or ends. ``within`` are the elements around them, the outermost first. A
    ``target`` is where a link leads to: its author has not written it as words."""

    text: str
    within: tuple[Element, ...] = ()
    target: bool = False

    @property
    def signs(self) -> str:
        """What of it is to be seen: neither spaces, nor where blocks are."""
        return "".join(each for each in self.text if not each.isspace() and each not in (_BREAK, _GAP))


def parts(element: Element, within: tuple[Element, ...] = ()) -> Iterator[Part]:
    """What an element that holds XHTML says, in its order, without what is no XHTML and what is not to be seen."""
    preformatted = any(each.name == "pre" for each in within)
    for each in element.children:
        if isinstance(each, str):
            yield Part(each if preformatted else _SPACES.sub(" ", each), within)
        elif each.uri != NS_XHTML or each.name in _SILENT:
            continue
        elif each.name == "br":
            yield Part("\n")
        elif each.name == "img":
            yield Part(" ".join(str(each.attributes.get("alt", "")).split()), within)
        else:
            ends = [Part(_GAP)] if each.name in _PARAGRAPHS else [Part(_BREAK)] if each.name in _BLOCKS else []
            yield from ends
            yield from parts(each, (*within, each))
            yield from _target(each)
            yield from ends


def _target(element: Element) -> list[Part]:
    """Where a link leads to, where its words do not say it: else it could deceive."""
    href = str(element.attributes.get("href", "")) if element.name == "a" else ""
    words = "".join(each for each in element.children if isinstance(each, str)).strip()
    told = href.lower().startswith(("http://", "https://", "xmpp:")) and href != words
    return [Part(f" ({href})", target=True)] if told else []

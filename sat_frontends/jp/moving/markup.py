"""HTML of other programs as XHTML. What is in it is cleaned by the daemon, as all that is published."""

from __future__ import annotations

import re
from html import escape
from typing import Any

from lxml import etree, html

_BLANK = re.compile(r"\n[ \t\r]*\n\s*")
_PRE = re.compile(r"(<pre\b.*?</pre>)", re.DOTALL | re.IGNORECASE)
_PARAGRAPH = re.compile(r"<p[\s>]", re.IGNORECASE)
_BLOCK = re.compile(
    r"</?(?:h[1-6]|ul|ol|li|dl|dt|dd|table|thead|tbody|tr|td|th|blockquote|pre|div|figure|figcaption|hr|p|section)\b",
    re.IGNORECASE,
)
_CODES = re.compile(r"\[/?(?:caption|embed)\b[^\]\n]{0,500}\]")


def well_formed(markup: str) -> str:
    """HTML as XHTML."""
    if not markup.strip():
        return ""
    parser = html.HTMLParser(remove_comments=True, remove_pis=True, huge_tree=False, no_network=True)
    try:
        found = html.fragment_fromstring(markup, create_parent="div", parser=parser)
    except (etree.LxmlError, ValueError):
        return of_text(markup)
    return inside(found)


def of_text(text: str) -> str:
    """Plain text as XHTML."""
    return f"<p>{escape(text)}</p>"


def inside(element: Any) -> str:
    """What is in an element, without it."""
    parts = (str(etree.tostring(each, encoding="unicode", method="xml")) for each in element)
    return escape(element.text or "", quote=False) + "".join(parts)


def of_wordpress(text: str) -> str:
    """What stands in WordPress: HTML without paragraphs, which are parted by empty lines, unless its newer editor has
    written it. Frames around pictures and films are taken away."""
    text = _CODES.sub("", text.replace("\r\n", "\n"))
    if _PARAGRAPH.search(text) or "<!-- wp:" in text:
        return well_formed(text)
    parts = [part if n % 2 else _paragraphs(part) for n, part in enumerate(_PRE.split(text))]
    return well_formed("".join(parts))


def _paragraphs(text: str) -> str:
    blocks = (block.strip() for block in _BLANK.split(text))
    return "".join(
        block if _BLOCK.match(block) else f"<p>{block.replace(chr(10), '<br/>')}</p>" for block in blocks if block
    )

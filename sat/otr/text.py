"""Texts out of encrypted messages. XML has not seen them, so they can hold anything; libpurple's programs send HTML."""

from __future__ import annotations

import html
import re

MAX_HTML = 65_536  # characters; a longer text is left as it is, for taking HTML apart takes time
# What XML would have refused, and what a terminal obeys; newline and tab stay.
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_BLOCKS = {"p", "div", "li", "ul", "ol", "pre", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6"}
_PAIRED = _BLOCKS | {
    "a",
    "b",
    "i",
    "u",
    "s",
    "em",
    "strong",
    "font",
    "span",
    "html",
    "body",
    "code",
    "tt",
    "sub",
    "sup",
}
_SINGLE = ("br", "hr", "img")
_TAG = re.compile(
    rf"<(/?)({'|'.join(sorted({*_PAIRED, *_SINGLE}, key=len, reverse=True))})(\s[^<>]*)?/?>", re.IGNORECASE
)
_SILENT = re.compile(r"<(script|style|head|title)\b[^<>]*>[^<]*</\1\s*>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|apos|nbsp|#39);")
_BARE = re.compile(r"[<>]|&(?!(?:[a-zA-Z]{2,8}|#[0-9]{1,7}|#x[0-9a-fA-F]{1,6});)")
_ATTRIBUTE = r"""\b{}\s*=\s*(?:"([^"]*)"|'([^']*)')"""
_HREF = re.compile(_ATTRIBUTE.format("href"), re.IGNORECASE)
_ALT = re.compile(_ATTRIBUTE.format("alt"), re.IGNORECASE)


def clean(text: str) -> str:
    """A text without what could act on who shows it: control characters become U+FFFD."""
    return _CONTROLS.sub("\ufffd", text.replace("\r\n", "\n"))


def readable(data: bytes) -> str:
    """The words of a decrypted message."""
    text = data.decode("utf-8", "replace")
    return clean(_plain(text) if len(text) <= MAX_HTML and is_html(text) else text)


def is_html(text: str) -> bool:
    """Whether a text was written as HTML: nothing says so. It has a tag with its end, or it holds entities and none of
    the characters that they stand for."""
    ends = {found[2].lower() for found in _TAG.finditer(text) if found[1]}
    for found in _TAG.finditer(text):
        name = found[2].lower()
        if not found[1] and (name in _SINGLE or name in ends):
            return True
    return bool(_ENTITY.search(text)) and not _BARE.search(text)


def _plain(text: str) -> str:
    """The words of HTML; where a link leads to is told, for its words may say something else."""
    text = _SILENT.sub("", text)
    parts: list[str] = []
    link, words_from = "", 0
    position = 0
    for found in _TAG.finditer(text):
        parts.append(html.unescape(text[position : found.start()]))
        position = found.end()
        closing, name = bool(found[1]), found[2].lower()
        attributes = found[3] or ""
        if name == "br" or name == "hr" or (name in _BLOCKS and closing):
            parts.append("\n")
        elif name == "img":
            parts.append(_value(_ALT, attributes))
        elif name == "a" and not closing:
            link, words_from = _value(_HREF, attributes), len(parts)
        elif name == "a":
            if link and link != "".join(parts[words_from:]).strip():
                parts.append(f" ({link})")
            link = ""
    parts.append(html.unescape(text[position:]))
    return "".join(parts).strip("\n")


def _value(attribute: re.Pattern[str], attributes: str) -> str:
    found = attribute.search(attributes)
    return html.unescape(found[1] or found[2] or "") if found else ""

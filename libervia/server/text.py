"""Text of others in HTML: everything escaped, links only where they are harmless, nothing invisible that deceives."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby

from markupsafe import Markup, escape

from sat.api.messages import Extra
from sat_frontends.quick_frontend import styling
from sat_frontends.quick_frontend.text import clean, clean_line

_LINK = re.compile(r"(?:https?://|xmpp:)[^\s<>\"'`\\^{|}]+", re.IGNORECASE)
_TRAILING = ".,;:!?…»”’"
_PAIRS = {")": "(", "]": "["}
_LINKS_AT_MOST = 100
STYLED_AT_MOST = 1000
"""Parts of one text that look different; what comes behind them is plain, or a page would be nothing but tags."""

_TAGS = {
    "strong": Markup("<strong>{}</strong>"),
    "emphasis": Markup("<em>{}</em>"),
    "strike": Markup("<s>{}</s>"),
    "code": Markup("<code>{}</code>"),
    "mention": Markup('<span class="mention">{}</span>'),
    "mention own": Markup('<mark class="mention">{}</mark>'),
}


def finalize(value: object) -> object:
    """What Jinja does with every value in every template: strings that are not our own markup are cleaned."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return clean_line(value)
    return value


def rich(text: str) -> Markup:
    """A text as it was typed: lines kept, addresses of the web and of XMPP clickable, all else plain."""
    return _Links().linked(clean(text))


def said(text: str, extra: Extra, name: str) -> Markup:
    """A message's text with its styles (XEP-0393), links as in :func:`rich`. Nothing is taken away: without its tags,
    it is the text. Only what somebody does (XEP-0245) begins with their ``name``."""
    cleaned = clean(text)
    if cleaned != text:  # places in it may be others
        extra = styling.without_places(extra)
    if did := styling.action(cleaned):
        who = Markup('<span class="does">* <bdi>{}</bdi></span> ').format(clean_line(name))
        return who + _Styled(styling.message_lines(did, extra, len(did) - len(cleaned))).html
    return _Styled(styling.message_lines(cleaned, extra)).html


class _Links:
    """The links of one text; there are only so many."""

    def __init__(self) -> None:
        self._left = _LINKS_AT_MOST

    def linked(self, text: str) -> Markup:
        """A part of the text with its links."""
        parts: list[Markup] = []
        at = 0
        for match in _LINK.finditer(text):
            if not self._left:
                break
            self._left -= 1
            url = _without_tail(match.group())
            parts.append(escape(text[at : match.start()]))
            parts.append(
                Markup('<a href="{}" rel="noopener noreferrer nofollow" target="_blank">{}</a>').format(url, url)
            )
            at = match.start() + len(url)
        parts.append(escape(text[at:]))
        return Markup("").join(parts)


class _Styled:
    """A text on its way into HTML. Each line ends inside the block that it stands in, so that no block begins with an
    empty line."""

    def __init__(self, found: Iterable[styling.Line]) -> None:
        self._links = _Links()
        self._left = STYLED_AT_MOST
        self._parts: list[Markup] = []
        self._depth = 0
        lines = list(found)
        for (depth, code), block in groupby(lines, lambda line: (line.depth, line.code)):
            self._to_depth(depth)
            content = Markup("").join(self._line(line, end=line is lines[-1]) for line in block)
            if code and self._left:
                self._left -= 1
                content = Markup("<pre><code>{}</code></pre>").format(content)
            self._parts.append(content)
        self._to_depth(0)

    @property
    def html(self) -> Markup:
        return Markup("").join(self._parts)

    def _to_depth(self, depth: int) -> None:
        if not self._left:
            depth = 0
        self._parts += [Markup("<blockquote>")] * (depth - self._depth)
        self._parts += [Markup("</blockquote>")] * (self._depth - depth)
        self._left = max(0, self._left - abs(depth - self._depth))
        self._depth = depth

    def _line(self, line: styling.Line, *, end: bool) -> Markup:
        parts = [escape(line.prefix)]
        for styles, spans in groupby(line.spans, lambda span: span.styles):
            # Each by itself: the asterisk behind a link is no part of it.
            write = escape if line.code or "code" in styles else self._links.linked
            parts.append(self._tagged(Markup("").join(write(span.text) for span in spans), styles))
        return Markup("").join(parts) + ("" if end else "\n")

    def _tagged(self, html: Markup, styles: tuple[str, ...]) -> Markup:
        if not styles or not self._left:
            return html
        self._left -= 1
        for style in reversed(styles):
            html = _TAGS[style].format(html)
        return html


def _without_tail(url: str) -> str:
    """Without the sentence's punctuation, and without a bracket that was not opened inside."""
    while url:
        last = url[-1]
        unpaired = last in _PAIRS and url.count(last) > url.count(_PAIRS[last])
        if last not in _TRAILING and not unpaired:
            break
        url = url[:-1]
    return url

"""What is in a post, as HTML of ours.

The daemon has cleaned it already (``Post.html``). Here it is written anew, tag by tag, so that even what it might have
missed cannot be more than text: only tags and attributes of the lists below are written, each in the form in which we
write it, all that was opened is closed, and headings follow those of the page without a gap.
"""

from __future__ import annotations

from html.parser import HTMLParser

from markupsafe import Markup, escape

from sat_frontends.quick_frontend.post_words import harmless
from sat_frontends.quick_frontend.recent import Recent
from sat_frontends.quick_frontend.text import clean, clean_line

_EMPTY = ("br", "hr")
_TAGS = {
    *("p", "div", "span", "blockquote", "pre", "ul", "ol", "li", "dl", "dt", "dd", "a", "abbr"),
    *(
        "b",
        "cite",
        "code",
        "del",
        "em",
        "i",
        "ins",
        "kbd",
        "mark",
        "q",
        "s",
        "samp",
        "small",
        "strong",
        "sub",
        "sup",
        "u",
    ),
    *(
        "var",
        "figure",
        "figcaption",
        "table",
        "caption",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "br",
        "hr",
        "img",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
    ),
}
_SILENT = ("script", "style", "title", "template", "textarea", "select", "iframe", "object", "svg", "math", "noscript")
"""What stands in these is no text for people."""
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_DEEPEST = 50
"""Tags inside each other; of those that are deeper, the words are kept."""
_LINK = Markup('<a href="{}" rel="noopener noreferrer nofollow" target="_blank">')
_PICTURE = Markup('<img src="{}" alt="{}" loading="lazy">')
_INSTEAD = Markup('<a href="{}" rel="noopener noreferrer nofollow" target="_blank">Picture: {}</a>')


def post_html(html: str, pictures: bool = False, level: int = 3) -> Markup:
    """A post, or a comment. Pictures are shown, or there are links in their place; its highest heading is of that
    ``level``."""
    key = html, pictures, level
    written = _written.find(key)
    if written is None:
        writer = _Writer(pictures, level)
        writer.feed(clean(html))
        writer.close()
        written = writer.html
        _written.put(key, written, len(html) + len(written))
    return written


def has_pictures(html: str) -> bool:
    """Whether there are any to be shown."""
    return "<img" in html.lower() and "<img " in post_html(html, True)


def picture_address(url: str) -> str:
    """Where a picture is fetched by a browser: nowhere without TLS, which would tell everybody on the way."""
    url = harmless(url)
    return url if url.startswith("https:") else ""


_written: Recent[tuple[str, bool, int], Markup] = Recent(4 << 20)
"""Characters, with what they were made of: posts are shown again and again, and this takes ten times what their page
does."""


class _Writer(HTMLParser):
    """Writes what may stand in a post."""

    def __init__(self, pictures: bool, level: int) -> None:
        super().__init__(convert_charrefs=True)
        self._pictures, self._level = pictures, level
        self._above: list[str] = []
        """The headings, as they came, under which we are."""
        self._parts: list[Markup] = []
        self._open: list[str] = []
        self._silent: list[str] = []

    @property
    def html(self) -> Markup:
        return Markup("").join([*self._parts, *(Markup(f"</{each}>") for each in reversed(self._open))])  # noqa: S704 - of _TAGS

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A tag begins."""
        if tag in _SILENT:
            self._silent.append(tag)
        if self._silent or tag not in _TAGS:
            return
        given = {name: clean_line(value or "") for name, value in attrs}
        if tag in _EMPTY:
            self._parts.append(Markup(f"<{tag}>"))  # noqa: S704 - of _TAGS
        elif tag == "img":
            self._picture(given)
        elif len(self._open) < _DEEPEST:
            self._begin(tag, given)

    def handle_endtag(self, tag: str) -> None:
        """A tag ends, and all that was begun in it."""
        if self._silent:
            if tag in self._silent:
                del self._silent[self._silent.index(tag) :]
            return
        if tag in _HEADINGS:
            tag = next((each for each in reversed(self._open) if each in _HEADINGS), tag)
        if tag in self._open:
            while self._open:
                last = self._open.pop()
                self._parts.append(Markup(f"</{last}>"))  # noqa: S704 - of _TAGS
                if last == tag:
                    break

    def handle_data(self, data: str) -> None:
        """Text."""
        if not self._silent:
            self._parts.append(escape(clean(data)))

    def _begin(self, tag: str, given: dict[str, str]) -> None:
        if tag == "a":
            url = harmless(given.get("href", ""))
            if not url or "a" in self._open:
                return
            self._parts.append(_LINK.format(url))
        else:
            tag = self._heading(tag) if tag in _HEADINGS else tag
            title = Markup(' title="{}"').format(given["title"]) if tag == "abbr" and given.get("title") else Markup("")
            if tag == "pre":  # who has no mouse can scroll it, too
                title = Markup(' tabindex="0"')
            self._parts.append(Markup(f"<{tag}{{}}>").format(title))  # noqa: S704 - of _TAGS
        self._open.append(tag)

    def _heading(self, tag: str) -> str:
        while self._above and self._above[-1] >= tag:
            self._above.pop()
        self._above.append(tag)
        return f"h{min(6, self._level + len(self._above) - 1)}"

    def _picture(self, given: dict[str, str]) -> None:
        url, alt = picture_address(given.get("src", "")), given.get("alt") or given.get("title") or ""
        if not url:
            self._parts.append(escape(alt))
        elif self._pictures:
            self._parts.append(_PICTURE.format(url, alt))
        elif "a" in self._open:
            self._parts.append(escape(alt or "Picture"))
        else:
            self._parts.append(_INSTEAD.format(url, alt or "without a description"))

"""Text of others in HTML: everything escaped, links only where they are harmless, nothing invisible that deceives."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

from sat_frontends.quick_frontend.text import clean, clean_line

_LINK = re.compile(r"(?:https?://|xmpp:)[^\s<>\"'`\\^{|}]+", re.IGNORECASE)
_TRAILING = ".,;:!?…»”’"
_PAIRS = {")": "(", "]": "["}
_LINKS_AT_MOST = 100


def finalize(value: object) -> object:
    """What Jinja does with every value in every template: strings that are not our own markup are cleaned."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return clean_line(value)
    return value


def rich(text: str) -> Markup:
    """A message's text: lines kept, addresses of the web and of XMPP clickable, all else plain."""
    text = clean(text)
    parts: list[Markup] = []
    at = 0
    for count, match in enumerate(_LINK.finditer(text)):
        if count >= _LINKS_AT_MOST:
            break
        url = _without_tail(match.group())
        parts.append(escape(text[at : match.start()]))
        parts.append(Markup('<a href="{}" rel="noopener noreferrer nofollow" target="_blank">{}</a>').format(url, url))
        at = match.start() + len(url)
    parts.append(escape(text[at:]))
    return Markup("").join(parts)


def _without_tail(url: str) -> str:
    """Without the sentence's punctuation, and without a bracket that was not opened inside."""
    while url:
        last = url[-1]
        unpaired = last in _PAIRS and url.count(last) > url.count(_PAIRS[last])
        if last not in _TRAILING and not unpaired:
            break
        url = url[:-1]
    return url

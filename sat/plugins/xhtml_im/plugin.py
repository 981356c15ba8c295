"""XHTML-IM (XEP-0071): which words of a text are emphasised, as its author has marked them in XHTML beside it.

The text itself is what the body says. Of the XHTML nothing is kept but where its marks are, and that only where both
have the same words: spaces and lines may differ, for each program breaks them in its own way.
"""

from __future__ import annotations

from collections.abc import Iterator

from sat.api.messages import Extra, Mark
from sat.core.pipeline import Arrival
from sat.core.plugin import Plugin, needs
from sat.plugins.messages.plugin import Messages
from sat.xmpp.xhtml import NS, Part, body_of, parts
from sat.xmpp.xml import Element

MOST = 200  # marks in one message

_ELEMENTS = {
    "strong": ("b", "h1", "h2", "h3", "h4", "h5", "h6", "strong"),
    "emphasis": ("cite", "dfn", "em", "i", "var"),
    "strike": ("del", "s", "strike"),
    "code": ("code", "kbd", "pre", "samp", "tt"),
}
_STYLE_OF = {name: style for style, names in _ELEMENTS.items() for name in names}
_WORDS = {
    ("font-weight", "bold"): "strong",
    ("font-weight", "bolder"): "strong",
    ("font-style", "italic"): "emphasis",
    ("font-style", "oblique"): "emphasis",
    ("text-decoration", "line-through"): "strike",
}
"""What the properties of XHTML-IM mean (XEP-0071 §6.3); colours and sizes mean nothing here."""


class XhtmlIm(Plugin):
    """XHTML-IM (XEP-0071), read only: what is emphasised in our texts, their signs say (XEP-0393)."""

    xeps = ("0071",)
    features = (NS,)
    messages = needs(Messages)

    async def load(self) -> None:
        self.undo(self.messages.extras.add(NS, _read))


def _read(arrival: Arrival, extra: Extra) -> Extra:
    body = body_of(arrival.message)
    found = [] if body is None else marks(body, arrival.message.body)
    return extra._replace(marks=found) if found else extra


def marks(body: Element, text: str) -> list[Mark]:
    """What of a text is marked in the XHTML beside it, at most 200 marks; nothing where that has other words."""
    said = list(parts(body))
    places = [place for place, sign in enumerate(text) if not sign.isspace()]
    signs = "".join(text[place] for place in places)
    for told in ([part for part in said if not part.target], said):
        if "".join(part.signs for part in told) == signs:
            return sorted(_marks(told, places))[:MOST]
    return []


def _marks(told: list[Part], places: list[int]) -> Iterator[Mark]:
    """``places`` are those of the signs in the text, which are as many as in what is told."""
    open_: dict[str, Mark] = {}
    meant: dict[int, set[str]] = {}  # an element can be around many words
    at = 0
    for part in told:
        count = len(part.signs)
        if not count:
            continue
        for element in part.within:
            if id(element) not in meant:
                meant[id(element)] = set(_styles(element))
        styles = set[str]().union(*(meant[id(element)] for element in part.within))
        for style in open_.keys() - styles:
            yield open_.pop(style)
        for style in styles:
            begin = open_[style].begin if style in open_ else places[at]
            open_[style] = Mark(begin, places[at + count - 1] + 1, style)
        at += count
    yield from open_.values()


def _styles(element: Element) -> Iterator[str]:
    """What an element makes of the words in it."""
    if element.name in _STYLE_OF:
        yield _STYLE_OF[element.name]
    for declaration in str(element.attributes.get("style", "")).lower().split(";")[:20]:
        name, _, value = declaration.partition(":")
        for word in value.split()[:5]:
            if (name.strip(), word) in _WORDS:
                yield _WORDS[name.strip(), word]

"""Places of posts as addresses that other programs know: ``xmpp:romeo@example.org?;node=…;item=…`` (RFC 5122,
XEP-0060 §12.22)."""

from __future__ import annotations

from sat.api.errors import InvalidAddress
from sat.api.posts import Place
from sat.api.values import JID

_LONGEST = 1023  # characters of the name of a node or an item


def to_uri(place: Place) -> str:
    """The address of a place."""
    from urllib.parse import quote  # 4 ms, and jp seldom needs it

    node = f";node={quote(place.node, safe='')}"
    item = f";item={quote(place.id, safe='')}" if place.id else ""
    return f"xmpp:{quote(str(place.service), safe='@')}?{node}{item}"


def from_uri(text: str) -> Place | None:
    """The place that an address names; None where it names none."""
    from urllib.parse import unquote

    text = text.strip()
    if text[:5].lower() != "xmpp:" or text[5:7] == "//" or len(text) > 4 * 3 * _LONGEST:
        return None
    path, _, query = text[5:].partition("?")
    found = dict(pair.split("=", 1) for pair in query.split(";") if "=" in pair)
    node, item = unquote(found.get("node", "")), unquote(found.get("item", ""))
    if not node or max(len(node), len(item)) > _LONGEST:
        return None
    try:
        return Place(JID.parse(unquote(path)).bare, node, item)
    except InvalidAddress:
        return None

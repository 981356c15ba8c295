"""Mentions: which part of a text names whom (XEP-0372). Other references are left alone."""

from __future__ import annotations

from urllib.parse import quote, unquote

from sat.api import JID
from sat.api.errors import InvalidAddress
from sat.api.messages import Extra, Mention
from sat.core.pipeline import Arrival
from sat.core.plugin import Plugin, needs
from sat.plugins.messages.plugin import Messages
from sat.xmpp.fallback import NS_REFERENCE as NS
from sat.xmpp.stanzas import Message
from sat.xmpp.xml import Element

MOST = 50  # mentions in one message
_SCHEME = "xmpp:"


class References(Plugin):
    """Mentions (XEP-0372)."""

    xeps = ("0372",)
    features = (NS,)
    messages = needs(Messages)

    async def load(self) -> None:
        self.undo(self.messages.extras.add(NS, self._read, self._write))

    def _read(self, arrival: Arrival, extra: Extra) -> Extra:
        found: list[Mention] = []
        own = {self.session.account.jid.bare}
        if arrival.room is not None:
            own.add(self.messages.rooms.own(arrival.peer))
        for each in arrival.message.children(NS)[:MOST]:
            jid = _named(each)
            place = _place(each, len(arrival.message.body))
            if jid is not None and place is not None:
                found.append(Mention(*place, jid, jid in own))
        return extra._replace(mentions=found) if found else extra

    def _write(self, message: Message, extra: Extra) -> None:
        for begin, end, jid, _ in extra.mentions:
            message.add("reference", NS, type="mention", begin=begin, end=end, uri=uri_of(jid))


def _named(reference: Element) -> JID | None:
    """Who is named; None where it is another kind of reference, or names nobody."""
    uri = str(reference.attributes.get("uri", ""))
    if reference.name != "reference" or reference.attributes.get("type") != "mention" or not uri.startswith(_SCHEME):
        return None
    try:
        return JID.parse(unquote(uri.removeprefix(_SCHEME).partition("?")[0], errors="strict"))
    except (InvalidAddress, UnicodeDecodeError):
        return None


def _place(reference: Element, length: int) -> tuple[int, int] | None:
    """Where in a text of that length; None where that is nowhere."""
    try:
        begin, end = (int(str(reference.attributes.get(name, ""))[:9]) for name in ("begin", "end"))
    except ValueError:
        return None
    return (begin, end) if 0 <= begin < end <= length else None


def uri_of(jid: JID) -> str:
    """The address as a URI (RFC 5122)."""
    local, domain, resource = jid.local, jid.domain, jid.resource
    before = f"{quote(local, safe='')}@" if local else ""
    return f"{_SCHEME}{before}{domain}" + (f"/{quote(resource, safe='')}" if resource else "")

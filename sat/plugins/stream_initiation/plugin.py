"""Files that programs offer in the way that was before Jingle (XEP-0095, XEP-0096): received, never sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from sat.api import JID
from sat.core.plugin import Ended, Plugin, Refusal, needs, on_event, on_iq
from sat.plugins.files import wire
from sat.plugins.files.plugin import Files
from sat.plugins.files.wire import About
from sat.plugins.in_band.plugin import InBandBytestreams
from sat.plugins.roster.plugin import Roster
from sat.plugins.socks5.plugin import Socks5Bytestreams
from sat.xmpp import bytestreams, forms, ibb, xml
from sat.xmpp.jingle import Condition
from sat.xmpp.stanzas import Iq
from sat.xmpp.xml import Element

if TYPE_CHECKING:  # imported with the first offer
    from sat.plugins.stream_initiation.session import Initiation

NS = "http://jabber.org/protocol/si"
PROFILE = f"{NS}/profile/file-transfer"
NS_NEGOTIATION = "http://jabber.org/protocol/feature-neg"
METHODS = (bytestreams.NS, ibb.NS)  # the better one first
FIELD = "stream-method"
OF_ONE = 5  # offers of a peer at a time


class StreamInitiation(Plugin):
    """Files offered by older programs (XEP-0095, XEP-0096)."""

    xeps = ("0095", "0096")
    features = (NS, PROFILE)
    files = needs(Files)
    socks5 = needs(Socks5Bytestreams)
    in_band = needs(InBandBytestreams)
    roster = needs(Roster)

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self._open: list[Initiation] = []
        self.undo(self._end)

    @on_iq("set", NS, "si")
    async def _offered(self, iq: Iq) -> Element:
        peer, asked = iq.sender, iq.payload
        if peer is None or asked is None or not (self.roster.may_see(peer) or self.files.wants(peer)):
            raise Refusal("service-unavailable")  # as if nobody were there
        sid = str(asked.attributes.get("id", ""))[: wire.LONG]
        file = xml.child(asked, "file", PROFILE)
        if not sid or file is None or asked.attributes.get("profile") != PROFILE:
            raise Refusal("bad-request", kind="modify", specific=("bad-profile", NS))
        method = _method(asked)
        if not method:
            raise Refusal("bad-request", specific=("no-valid-streams", NS))
        if sum(each.peer.bare == peer.bare for each in self._open) >= OF_ONE:
            raise Refusal("resource-constraint", kind="wait")
        from sat.plugins.stream_initiation.session import Initiation

        initiation = Initiation(self, peer, sid, method, _about(file, asked))
        self._open.append(initiation)
        # It has all that Files asks of a session.
        self.files.offered(cast(Any, initiation))
        return _answer(method, await initiation.wait())

    def over(self, initiation: Initiation) -> None:
        """One has ended."""
        if initiation in self._open:
            self._open.remove(initiation)

    def expect(self, peer: JID, sid: str, method: str) -> Any:
        """A Deferred of the stream that the peer opens now. Errors: TooManyTransfers."""
        return (self.socks5 if method == bytestreams.NS else self.in_band).expect(peer, sid)

    @on_event(Ended)
    def _ended(self, event: Ended) -> None:
        self._end()

    def _end(self) -> None:
        for each in list(self._open):
            each.end(Condition.GONE)


def _method(asked: Element) -> str:
    """The best way that both know."""
    negotiation = xml.child(asked, "feature", NS_NEGOTIATION)
    form = None if negotiation is None else forms.find(negotiation)
    if form is None:
        return ""
    fields = [each for each in xml.elements(form, "field") if each.attributes.get("var") == FIELD]
    offered = {
        xml.text_of(xml.child(option, "value", form.uri)).strip()
        for field in fields
        for option in xml.elements(field, "option")[:20]
    }
    return next((method for method in METHODS if method in offered), "")


def _about(file: Element, asked: Element) -> About:
    """What is offered; its hash is MD5, which proves nothing."""
    told = xml.element("file", wire.NS)
    for name in ("name", "size", "date"):
        xml.add(told, name, wire.NS, str(file.attributes.get(name, "")))
    xml.add(told, "desc", wire.NS, xml.text_of(xml.child(file, "desc", PROFILE)))
    xml.add(told, "media-type", wire.NS, str(asked.attributes.get("mime-type", "")))
    return wire.read(told)._replace(ranged=xml.child(file, "range", PROFILE) is not None)


def _answer(method: str, taken: About) -> Element:
    """That we take it, from there on."""
    si = xml.element("si", NS)
    if taken.offset:
        xml.add(xml.add(si, "file", PROFILE), "range", PROFILE, offset=taken.offset)
    feature = xml.add(si, "feature", NS_NEGOTIATION)
    form = xml.add(feature, "x", "jabber:x:data", type="submit")
    xml.add(xml.add(form, "field", "jabber:x:data", var=FIELD), "value", "jabber:x:data", method)
    return si

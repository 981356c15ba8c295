"""Streams in stanzas: the way that is always there (XEP-0047, XEP-0261)."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Any, NamedTuple

from twisted.internet.defer import Deferred

from sat.api import JID
from sat.api.errors import PeerError, TooManyTransfers, TransferBroken
from sat.core.plugin import Ended, Online, Plugin, Refusal, needs, on_event, on_iq
from sat.plugins.jingle.plugin import Jingle
from sat.plugins.roster.plugin import Roster
from sat.xmpp import ibb
from sat.xmpp.stanzas import Iq
from sat.xmpp.xml import Element

if TYPE_CHECKING:
    from sat.plugins.in_band.carrier import InBand
    from sat.plugins.jingle.stream import Stream
    from sat.plugins.jingle.ways import Channel, Negotiation

BLOCK = 16_384  # bytes: in base64 far below what the strictest servers take as a stanza
SMALLEST = 1024  # that is offered to who wants smaller blocks
AT_ONCE = 50  # streams
REMEMBERED = 50  # that have ended
ACKNOWLEDGED_WITHIN = 300.0  # seconds: who reads there may be slow


class Expected(NamedTuple):
    """A stream that a peer may open, with blocks of so many bytes: ``exact``, or at most."""

    block: int
    exact: bool
    made: Deferred[Stream]


class InBandBytestreams(Plugin):
    """Streams in stanzas, where nothing else leads to the peer (XEP-0047, XEP-0261)."""

    xeps = ("0047", "0261")
    features = (ibb.NS,)
    jingle = needs(Jingle)
    roster = needs(Roster)

    namespace = ibb.NS_JINGLE
    preference = 10
    block = BLOCK

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self._carriers: dict[tuple[JID, str], InBand] = {}
        self._expected: dict[tuple[JID, str], Expected] = {}
        self._over: OrderedDict[tuple[JID, str], None] = (
            OrderedDict()
        )  # that the peer may still close: both may, at once
        self.undo(self.jingle.use(self))

    # -- Way -----------------------------------------------------------------------------------------------------

    def begin(self, channel: Channel, offered: Element | None) -> Negotiation:
        """Negotiate in a session."""
        from sat.plugins.in_band.negotiation import Agreement

        return Agreement(self, channel, offered)

    # -- without a session ---------------------------------------------------------------------------------------

    def expect(self, peer: JID, sid: str, block: int = BLOCK, *, exact: bool = False) -> Deferred[Stream]:
        """Let a peer (a full address) open the stream of that id, which was agreed on elsewhere. Fires with it; cancel
        it to expect it no longer. Its time is not limited here. Errors: TooManyTransfers."""
        key = peer, sid
        if len(self._expected) >= AT_ONCE or key in self._expected or key in self._carriers:
            raise TooManyTransfers(limit=AT_ONCE)

        def forget(_: Deferred[Stream]) -> None:
            self._expected.pop(key, None)

        made: Deferred[Stream] = Deferred(forget)
        self._expected[key] = Expected(block, exact, made)
        return made

    async def open(self, peer: JID, sid: str, block: int = BLOCK) -> Stream:
        """Open the stream of that id, with blocks of so many bytes, or fewer where the peer wants that. Errors:
        TooManyTransfers, NotConnected, PeerError, RequestTimeout."""
        while True:
            carrier = self._carry(peer, sid, block)  # before it is opened: bytes may come behind the answer at once
            try:
                await self._ask(peer, ibb.opening(ibb.Opening(sid, block)), 60.0)
            except PeerError as error:
                self._forget(peer, sid)
                block //= 2
                if error.details.get("condition") != "resource-constraint" or block < SMALLEST:
                    raise
            except BaseException:
                self._forget(peer, sid)
                raise
            else:
                return carrier.stream

    def _carry(self, peer: JID, sid: str, block: int) -> InBand:
        from sat.plugins.in_band.carrier import InBand

        key = peer, sid
        if len(self._carriers) >= AT_ONCE or key in self._carriers:
            raise TooManyTransfers(limit=AT_ONCE)
        plugin = self

        class Talk:
            def ask(self, payload: Element) -> Deferred[Element]:
                return Deferred.fromCoroutine(plugin._ask(peer, payload, ACKNOWLEDGED_WITHIN))

            def say(self, payload: Element) -> None:
                plugin.session.send(Iq.set(peer, payload).element)

            def now(self) -> float:
                return float(plugin.session.clock.seconds())

        carrier = self._carriers[key] = InBand(peer, sid, block, Talk(), lambda: self._forget(peer, sid))
        return carrier

    async def _ask(self, peer: JID, payload: Element, timeout: float) -> Element:
        return await self.ask(Iq.set(peer, payload), timeout)

    def _forget(self, peer: JID, sid: str) -> None:
        if self._carriers.pop((peer, sid), None) is not None:
            self._over[peer, sid] = None
            if len(self._over) > REMEMBERED:
                self._over.popitem(last=False)

    # -- what peers say ------------------------------------------------------------------------------------------

    @on_iq("set", ibb.NS, "open")
    def _opened(self, iq: Iq) -> None:
        peer, payload = self._from(iq)
        try:
            opening = ibb.read_opening(payload)
        except ValueError as error:
            raise Refusal("bad-request", str(error)) from None
        key = peer, opening.sid
        expected = self._expected.get(key)
        if expected is None:
            raise self._refusal(peer, "not-acceptable")
        if opening.in_messages:
            raise Refusal("not-acceptable", "bytes are taken in IQs only")
        if opening.block > expected.block or (expected.exact and opening.block != expected.block):
            raise Refusal("resource-constraint", kind="modify")
        carrier = self._carry(peer, opening.sid, opening.block)
        del self._expected[key]

        def hand_over() -> None:
            if expected.made.called:
                carrier.drop()
            else:
                expected.made.callback(carrier.stream)

        self.after(0, hand_over)  # behind the answer

    @on_iq("set", ibb.NS, "data")
    def _came(self, iq: Iq) -> Deferred[None]:
        peer, payload = self._from(iq)
        try:
            block = ibb.read_block(payload)
        except ValueError as error:
            raise Refusal("bad-request", str(error)) from None
        carrier = self._carriers.get((peer, block.sid))
        if carrier is None:
            raise self._refusal(peer, "item-not-found")
        return carrier.heard(block)

    @on_iq("set", ibb.NS, "close")
    def _closed(self, iq: Iq) -> None:
        peer, payload = self._from(iq)
        try:
            key = peer, ibb.read_close(payload)
        except ValueError as error:
            raise Refusal("bad-request", str(error)) from None
        if (carrier := self._carriers.get(key)) is not None:
            carrier.closed()
        elif key in self._over:  # some programs take an error for a failure
            del self._over[key]
        else:
            raise self._refusal(peer, "item-not-found")

    def _from(self, iq: Iq) -> tuple[JID, Element]:
        if iq.sender is None or iq.payload is None:
            raise Refusal("service-unavailable")
        return iq.sender, iq.payload

    def _refusal(self, peer: JID, condition: str) -> Refusal:
        """Strangers are answered as if we were not there."""
        return Refusal(condition if self.roster.may_see(peer) else "service-unavailable")

    # -- the session with the server -----------------------------------------------------------------------------

    @on_event(Online)
    def _online(self, event: Online) -> None:
        for carrier in list(self._carriers.values()):
            carrier.go_on()

    @on_event(Ended)
    def _ended(self, event: Ended) -> None:
        for carrier in list(self._carriers.values()):
            peer = carrier.stream.peer
            carrier.broken(TransferBroken(peer=peer, reason="the connection to your server was lost"))

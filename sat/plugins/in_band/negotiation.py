"""How a session agrees on a stream in stanzas (XEP-0261)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twisted.internet.defer import Deferred, succeed

from sat.api.errors import NoWayToPeer, SatError
from sat.core.plugin import Refusal
from sat.plugins.jingle.stream import Stream
from sat.plugins.jingle.ways import Channel
from sat.xmpp import ibb
from sat.xmpp.ibb import Opening
from sat.xmpp.stanzas import new_id
from sat.xmpp.xml import Element

if TYPE_CHECKING:
    from sat.plugins.in_band.plugin import InBandBytestreams


class Agreement:
    """Block size and id are agreed on; then who has begun the session opens the stream."""

    namespace = ibb.NS_JINGLE

    def __init__(self, plugin: InBandBytestreams, channel: Channel, offered: Element | None) -> None:
        self._plugin, self._channel = plugin, channel
        self._expected: Deferred[Stream] | None = None
        self._opening = Opening(new_id(), plugin.block)
        if offered is not None:
            theirs = _read(offered)
            self._opening = theirs._replace(block=min(theirs.block, plugin.block))

    def prepared(self) -> Deferred[None]:
        """There is nothing to prepare."""
        return succeed(None)

    def element(self) -> Element:
        """Ours. From now on the peer may open it, where it is the peer who does."""
        if not self._channel.initiator:
            opening = self._opening
            self._expected = self._plugin.expect(self._channel.peer, opening.sid, opening.block, exact=True)
        return ibb.transport(self._opening)

    def heard(self, transport: Element) -> None:
        """What the peer has accepted: perhaps smaller blocks."""
        theirs = _read(transport)
        if theirs.sid != self._opening.sid or theirs.block > self._opening.block:
            raise Refusal("bad-request")
        self._opening = theirs

    def told(self, transport: Element) -> bool:
        """Further streams in one content are not known here (XEP-0261 §2.4)."""
        return False

    def open(self) -> Deferred[Stream]:
        """The stream."""
        if self._expected is not None:
            return self._expected
        return Deferred.fromCoroutine(self._open())

    async def _open(self) -> Stream:
        try:
            return await self._plugin.open(self._channel.peer, self._opening.sid, self._opening.block)
        except SatError as error:
            raise NoWayToPeer(peer=self._channel.peer, reason=str(error).rstrip(".")) from None

    def stop(self) -> None:
        """Expect nothing more."""
        if self._expected is not None:
            self._expected.addErrback(lambda _: None)  # nobody may wait for it yet
            self._expected.cancel()


def _read(transport: Element) -> Opening:
    try:
        opening = ibb.read_opening(transport)
    except ValueError as error:
        raise Refusal("bad-request", str(error)) from None
    if opening.in_messages:
        raise Refusal("feature-not-implemented", "bytes are taken in IQs only")
    return opening

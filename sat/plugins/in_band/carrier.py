"""One stream in stanzas (XEP-0047): blocks that go out, some of them not acknowledged yet, and blocks that come in."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Protocol

from twisted.internet.defer import Deferred, succeed
from twisted.python.failure import Failure

from sat.api import JID
from sat.api.errors import NotConnected, PeerError, SatError, TransferBroken
from sat.core.plugin import Refusal
from sat.plugins.jingle.stream import FULL, IN_BAND, Stream
from sat.xmpp import ibb
from sat.xmpp.ibb import Block
from sat.xmpp.xml import Element

WINDOW = 8  # blocks on their way, at most
FIRST = 2  # of them, as long as nobody knows how soon they are acknowledged
SOON = 1.0  # seconds: what the person writes waits behind what is on its way, at a server that holds back above all
WAITING = 256 * 1024  # bytes that wait for their turn; then who writes has to wait
MOST = 4 * FULL  # bytes of a peer that does not wait for our acknowledgements: then it is given up


class Talk(Protocol):
    """How a carrier talks to its peer."""

    def ask(self, payload: Element) -> Deferred[Element]:
        """Send a request to the peer. Fails with NotConnected, PeerError, RequestTimeout."""

    def say(self, payload: Element) -> None:
        """The same, whether it arrives or not."""

    def now(self) -> float:
        """Seconds, since any moment."""


class InBand:
    """The bytes of one stream. ``block``: how many fit in a stanza, in both directions."""

    def __init__(self, peer: JID, sid: str, block: int, talk: Talk, over: Callable[[], None]) -> None:
        self.stream = Stream(peer, IN_BAND, self)
        self._peer, self._sid, self._block, self._talk, self._over = peer, sid, block, talk, over
        # out
        self._pieces: deque[memoryview] = deque()
        self._left = 0  # bytes in them
        self._number = 0  # of the next block
        self._under_way = 0  # blocks that are not acknowledged
        self._window = FIRST  # how many may be that
        self._unsent: deque[Element] = deque()  # blocks that found no connection
        self._room: Deferred[None] | None = None
        self._finishing: Deferred[None] | None = None
        self._closed = False
        # in
        self._expected = 0  # number of the next block
        self._held: list[Deferred[None]] = []  # acknowledgements that wait until there is room

    # -- Carrier -------------------------------------------------------------------------------------------------

    def send(self, data: bytes | memoryview) -> Deferred[None] | None:
        """Take all of it."""
        if data:
            self._pieces.append(memoryview(bytes(data)))
            self._left += len(data)
            self._pump()
        if self._left <= WAITING:
            return None
        self._room = Deferred()
        return self._room

    def pause(self) -> None:
        """Nothing: what comes is not acknowledged as long as there is no room."""

    def resume(self) -> None:
        """Let the peer go on."""
        held, self._held = self._held, []
        for each in held:
            each.callback(None)

    def finish(self) -> Deferred[None]:
        """Send what was taken, then close."""
        self._finishing = Deferred()
        self._pump()
        return self._finishing

    def leave(self) -> None:
        """End it in order."""
        self.drop()

    def drop(self) -> None:
        """End it at once."""
        if not self._closed:
            self._close()
            self._talk.say(ibb.close(self._sid))

    # -- out -----------------------------------------------------------------------------------------------------

    def _pump(self) -> None:
        """Send what may be sent: full blocks, and a smaller one where nothing is under way that it could join."""
        while self._left and self._under_way < self._window and not self._closed and not self._unsent:
            if self._left < self._block and self._under_way and self._finishing is None:
                break
            data = self._take()
            element = ibb.block(self._sid, self._number, data)
            self._number = (self._number + 1) % ibb.AROUND
            self._send(element)
        if self._room is not None and self._left <= WAITING:
            room, self._room = self._room, None
            room.callback(None)
        if self._finishing is not None and not self._left and not self._under_way and not self._closed:
            self._close()
            self._talk.ask(ibb.close(self._sid)).addCallbacks(self._finished, self._not_finished)

    def _take(self) -> bytes:
        """The next block."""
        first = self._pieces[0]
        if len(first) > self._block:
            self._pieces[0] = first[self._block :]
            data = bytes(first[: self._block])
        else:
            parts, size = [], 0
            while self._pieces and size < self._block:
                piece = self._pieces.popleft()
                if size + len(piece) > self._block:
                    self._pieces.appendleft(piece[self._block - size :])
                    piece = piece[: self._block - size]
                parts.append(piece)
                size += len(piece)
            data = b"".join(parts)
        self._left -= len(data)
        return data

    def _send(self, element: Element) -> None:
        self._under_way += 1
        asked = self._talk.ask(element)
        asked.addCallbacks(self._acknowledged, self._refused, (self._talk.now(),), errbackArgs=(element,))

    def _acknowledged(self, _: object, sent: float) -> None:
        self._under_way -= 1
        if self._talk.now() - sent > SOON:
            self._window = max(1, self._window // 2)
        elif self._window < WINDOW:
            self._window += 1
        self._pump()

    def _refused(self, failure: Failure, element: Element) -> None:
        self._under_way -= 1
        if self._closed:
            return
        error = failure.value
        if isinstance(error, NotConnected):  # the session with the server may be resumed, and then all goes on
            self._unsent.append(element)
        else:
            self.broken(_told(self._peer, error))

    def go_on(self) -> None:
        """The session with the server goes on."""
        unsent, self._unsent = self._unsent, deque()
        for each in unsent:
            self._send(each)
        self._pump()

    def _finished(self, _: object) -> None:
        if self._finishing is not None:
            self._finishing.callback(None)

    def _not_finished(self, failure: Failure) -> None:
        error = failure.value
        gone = isinstance(error, PeerError) and error.details.get("condition") == "item-not-found"
        if gone:  # XEP-0047 §2.3: closed, too
            self._finished(None)
        elif self._finishing is not None:
            self._finishing.errback(_told(self._peer, error))

    # -- in ------------------------------------------------------------------------------------------------------

    def heard(self, block: Block) -> Deferred[None]:
        """A block has come; fires when it is to be acknowledged. Raises ``Refusal``."""
        try:
            if block.number != self._expected:
                raise Refusal("unexpected-request", "a block is missing, or has come twice")
            if self.stream.room < FULL - MOST:
                raise Refusal("resource-constraint", "more than was acknowledged", kind="wait")
            try:
                data = ibb.decoded(block.text, self._block)
            except ValueError as error:
                raise Refusal("bad-request", str(error)) from None
        except Refusal as refusal:
            self.broken(TransferBroken(peer=self._peer, reason=refusal.text))
            raise
        self._expected = (self._expected + 1) % ibb.AROUND
        self.stream.received(data)
        if self.stream.room > 0:
            return succeed(None)
        acknowledged: Deferred[None] = Deferred()
        self._held.append(acknowledged)
        return acknowledged

    def closed(self) -> None:
        """The peer has closed it."""
        lost = self._left or self._under_way or self._unsent
        self._close()
        error = TransferBroken(peer=self._peer, reason="it was ended there") if lost else None
        self.stream.ended(error)

    def broken(self, error: SatError) -> None:
        """It cannot go on."""
        if not self._closed:
            self._close()
            self._talk.say(ibb.close(self._sid))
        self.stream.ended(error)

    def _close(self) -> None:
        self._closed = True
        self._pieces.clear()
        self._unsent.clear()
        self.resume()
        self._over()


def _told(peer: JID, error: BaseException | None) -> SatError:
    if isinstance(error, PeerError):
        return TransferBroken(peer=peer, reason=error.details.get("reason", "the other program says so"))
    return error if isinstance(error, SatError) else TransferBroken(peer=peer, reason=str(error) or "it was given up")

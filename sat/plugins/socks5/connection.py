"""A TCP connection with the handshake of SOCKS5 (RFC 1928, XEP-0065 §5.3.2), from both sides, then bytes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred, succeed
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IPullProducer
from twisted.internet.protocol import Protocol
from twisted.python.failure import Failure
from zope.interface import implementer

from sat.api import JID
from sat.api.errors import NoWayToPeer, SatError, TransferBroken
from sat.plugins.jingle.stream import SOCKS5, Stream

AT_ONCE = 256 * 1024  # bytes read from the system at once, or given to it
A_TURN = 4 * AT_ONCE  # bytes given to it without a turn of the event loop: others have work, too
LONGEST = 600  # bytes of a handshake
_GREETING = b"\x05\x01\x00"  # version, one method, no authentication
_CHOSEN = b"\x05\x00"
_NONE = b"\x05\xff"
_REQUEST = b"\x05\x01\x00\x03"  # version, CONNECT, reserved, a domain name
_DONE, _REFUSED = b"\x05\x00\x00\x03", b"\x05\x02\x00\x03"


@implementer(IPullProducer)
class Connection(Protocol):
    """The bytes behind a handshake. Before ``carry`` nothing is read from the peer."""

    transport: Any

    def __init__(self) -> None:
        self.stream: Stream | None = None
        self.lost: SatError | None = None
        self._handshake: bytes | None = b""  # what has come of it; None when it is done
        self._early = b""  # bytes of the stream that came with the handshake
        self._full = False  # whether the transport has bytes that the system did not take yet
        self._in_turn = 0  # bytes that it took in this turn of the event loop, about
        self._room: Deferred[None] | None = None
        self._finishing: Deferred[None] | None = None

    def connectionMade(self) -> None:
        self.transport.setTcpNoDelay(True)
        self.transport.setTcpKeepAlive(True)
        self.transport.bufferSize = self.transport.SEND_LIMIT = AT_ONCE
        self.transport.registerProducer(self, False)
        self.begun()

    def begun(self) -> None:
        """The connection stands."""

    def step(self, data: bytes) -> bytes:
        """Go on with the handshake with what has come of it; what is left of it."""
        raise NotImplementedError

    def shaken(self, rest: bytes) -> None:
        """The handshake is done; ``rest`` came behind it."""
        self._handshake, self._early = None, rest
        self.transport.pauseProducing()

    def carry(self, peer: JID) -> Stream:
        """Begin the stream."""
        stream = self.stream = Stream(peer, SOCKS5, self)
        if self.lost is not None:
            stream.ended(TransferBroken(peer=peer, reason="the connection was closed at once"))
            return stream
        early, self._early = self._early, b""
        self.transport.resumeProducing()
        stream.received(early)
        return stream

    def dataReceived(self, data: bytes) -> None:
        if self.stream is not None:
            self.stream.received(data)
        elif self._handshake is None:
            self._early += data
        else:
            left = self.step(self._handshake + data)
            if self._handshake is not None:
                self._handshake = left
                if len(left) > LONGEST:
                    self.transport.abortConnection()

    def connectionLost(self, reason: Failure = Failure(ConnectionDone())) -> None:  # noqa: B008 - as Twisted has it
        clean = reason.check(ConnectionDone) is not None
        stream, finishing = self.stream, self._finishing
        peer = stream.peer if stream is not None else ""
        self.lost = TransferBroken(peer=peer, reason="the connection was lost")
        self._finishing = None
        if finishing is not None:
            finishing.callback(None) if clean else finishing.errback(self.lost)
        if stream is not None:
            stream.ended(None if clean and not self._full else self.lost)
        self._fire_room()

    # -- Carrier -------------------------------------------------------------------------------------------------

    def send(self, data: bytes | memoryview) -> Deferred[None] | None:
        """Take all of it: give it to the system here and now, where it takes it. The transport would copy it first, and
        send it in later turns of the event loop."""
        sent = 0 if self._full or self.lost is not None else self._give(data)
        if sent < len(data):
            self._queue(bytes(memoryview(data)[sent:]))
        self._in_turn += sent
        if not self._full:
            if self._in_turn < A_TURN:
                return None
            self._in_turn = 0
            self.transport.reactor.callLater(0, self._fire_room)
        self._room = Deferred()
        return self._room

    def _give(self, data: bytes | memoryview) -> int:
        """How many of these bytes the system takes; none where it has an error, which the transport will find, too."""
        try:
            return int(self.transport.getHandle().send(data))
        except OSError:  # mostly that it is full
            return 0

    def _queue(self, data: bytes) -> None:
        """What follows goes behind these."""
        self._full = True
        self.transport.write(data)

    def pause(self) -> None:
        """Read nothing for now."""
        self.transport.pauseProducing()

    def resume(self) -> None:
        """Go on."""
        self.transport.resumeProducing()

    def finish(self) -> Deferred[None]:
        """Send what was taken, then close."""
        if self.lost is not None:
            return succeed(None)
        self._finishing = Deferred()
        self.transport.unregisterProducer()
        self.transport.loseConnection()
        return self._finishing

    def leave(self) -> None:
        """Close it, without an error for the peer, who may not have read yet that we have all."""
        if self._full or self.lost is not None:
            self.drop()
        else:
            self.stream = None
            self.transport.unregisterProducer()
            self.transport.loseConnection()

    def drop(self) -> None:
        """End it at once."""
        self.stream = None
        self._fire_room()
        if self.lost is None:
            self.transport.abortConnection()

    # -- IPullProducer: the system's side -------------------------------------------------------------------------

    def resumeProducing(self) -> None:
        """The system has all."""
        self._full, self._in_turn = False, 0
        self._fire_room()

    def stopProducing(self) -> None:
        """It takes no more."""
        self._fire_room()

    def _fire_room(self) -> None:
        room, self._room = self._room, None
        if room is not None:
            room.callback(None)


class Client(Connection):
    """Our side at somebody's SOCKS5 server. ``ready`` fires with it when the server has found what we ask for."""

    def __init__(self, destination: str) -> None:
        super().__init__()
        self.ready: Deferred[Client] = Deferred(lambda _: self.give_up())
        self._destination = destination.encode()
        self._asked = False

    def give_up(self) -> None:
        """It is not wanted any more."""
        if self.transport is not None and self.lost is None:
            self.transport.abortConnection()

    def begun(self) -> None:
        self._queue(_GREETING)

    def step(self, data: bytes) -> bytes:
        if not self._asked:
            if len(data) < 2:
                return data
            if data[:2] != _CHOSEN:
                self._refused("it asks for a password")
                return b""
            self._asked = True
            self._queue(_REQUEST + bytes([len(self._destination)]) + self._destination + b"\0\0")
            data = data[2:]
        if len(data) < 5:
            return data
        size = {1: 10, 4: 22, 3: 7 + data[4]}.get(data[3])
        if data[0] != 5 or data[1] != 0 or size is None:
            self._refused("it does not know of this")
            return b""
        if len(data) < size:
            return data
        self.shaken(data[size:])
        if not self.ready.called:
            self.ready.callback(self)
        return b""

    def _refused(self, why: str) -> None:
        if not self.ready.called:
            self.ready.errback(NoWayToPeer(peer="", reason=why))
        self.transport.abortConnection()

    def connectionLost(self, reason: Failure = Failure(ConnectionDone())) -> None:  # noqa: B008 - as Twisted has it
        super().connectionLost(reason)
        if not self.ready.called:
            self.ready.errback(NoWayToPeer(peer="", reason="the connection was closed"))


class Server(Connection):
    """A connection to our SOCKS5 server. ``admit`` says whether what it asks for is expected; ``gone`` is told the end
    of one that was not let in."""

    def __init__(self, admit: Callable[[str, Server], bool], gone: Callable[[Server], None]) -> None:
        super().__init__()
        self._admit, self._gone = admit, gone
        self._greeted = False

    def step(self, data: bytes) -> bytes:
        if not self._greeted:
            if len(data) < 2 or len(data) < 2 + data[1]:
                return data
            methods, data = data[2 : 2 + data[1]], data[2 + data[1] :]
            if self.transport is None or 0 not in methods:
                return self._refuse(_NONE)
            self._greeted = True
            self._queue(_CHOSEN)
        if len(data) < 5:
            return data
        if data[:4] != _REQUEST:
            return self._refuse(b"\x05\x07\x00\x01\0\0\0\0\0\0")
        size = data[4]
        if len(data) < 7 + size:
            return data
        asked = data[5 : 5 + size]
        answer = bytes([size]) + asked + data[5 + size : 7 + size]
        self.shaken(data[7 + size :])
        if not asked.isascii() or not self._admit(asked.decode(), self):
            self._handshake = b""
            return self._refuse(_REFUSED + answer)
        self._queue(_DONE + answer)
        return b""

    def _refuse(self, answer: bytes) -> bytes:
        self.transport.write(answer)
        self.transport.unregisterProducer()
        self.transport.loseConnection()
        return b""

    def connectionLost(self, reason: Failure = Failure(ConnectionDone())) -> None:  # noqa: B008 - as Twisted has it
        super().connectionLost(reason)
        self._gone(self)

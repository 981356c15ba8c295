"""The WebSocket below a framed stream (RFC 6455, RFC 7395), by autobahn. Imported when one is used, for it is large."""

from __future__ import annotations

from typing import Any

from autobahn.twisted.websocket import WebSocketClientFactory, WebSocketClientProtocol
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import wrapClientTLS
from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure

from sat.api.errors import ProtocolViolation, SatError, WebSocketFailed
from sat.xmpp import tls
from sat.xmpp.framed import FramedStream
from sat.xmpp.resolve import Target
from sat.xmpp.stream import Stream
from sat.xmpp.xml import STANZA

PROTOCOL = "xmpp"  # RFC 7395 §3.1


class Socket(WebSocketClientProtocol):
    """One connection, made by :func:`dial`. ``opened`` fires when messages can be sent; else it fails with a SatError:
    those of TLS, WebSocketFailed, or why the stream was aborted meanwhile."""

    def __init__(self, stream: FramedStream, target: Target, creator: tls.Creator | None) -> None:
        super().__init__()
        self.opened: Deferred[None] = Deferred()
        self._stream, self._target, self._creator = stream, target, creator
        self._mute = False  # what comes is no longer heard

    # -- what autobahn and Twisted call --------------------------------------------------------------------------

    def connectionMade(self) -> None:
        """The connection stands; with TLS, its handshake comes before anything that is sent."""
        super().connectionMade()
        self._stream.makeConnection(Wire(self))  # type: ignore[no-untyped-call]

    def onConnect(self, response: Any) -> None:
        """The server has changed to WebSocket; whether it speaks XMPP there."""
        if response.protocol != PROTOCOL:
            self._refuse("it speaks no XMPP there")

    def onOpen(self) -> None:
        """Messages can be sent."""
        if not self._mute:
            self._stream.encrypted = self._creator is not None
            self.opened.callback(None)

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        """A message came."""
        if self._mute:
            return
        if isBinary:  # RFC 7395 §3.2
            self._stream.fail(ProtocolViolation(server=self._stream.domain, reason="it sends what is no text"))
        else:
            self._stream.dataReceived(payload)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """The connection is gone, or has never come about."""
        super().connectionLost(reason)
        stream = self._stream
        if not self.opened.called:
            stream.abort(self._problem(reason))
        elif self.wasMaxMessagePayloadSizeExceeded or self.wasMaxFramePayloadSizeExceeded:
            stream.abort(ProtocolViolation(server=stream.domain, reason="a stanza is too long"))
        stream.connectionLost(reason)
        if not self.opened.called:
            self.opened.errback(stream.lost)

    # ------------------------------------------------------------------------------------------------------------

    def _refuse(self, reason: str) -> None:
        self._mute = True
        self._stream.abort(self._failed(reason))

    def _problem(self, reason: Failure) -> SatError:
        secure = getattr(self.transport, "getPeerCertificate", None)
        if self._creator is not None and (self._creator.verdict.error or not (secure and secure())):
            return self._creator.failed(reason.value)
        return self._failed(" ".join(str(self.wasNotCleanReason or "it ends the connection").split())[:200])

    def _failed(self, reason: str) -> WebSocketFailed:
        return WebSocketFailed(server=self._stream.domain, url=self._target.url, reason=reason)


class Wire:
    """The transport of a framed stream: each write is a message."""

    def __init__(self, socket: Socket) -> None:
        self._socket = socket

    def write(self, data: bytes) -> None:
        """Send a message."""
        self._socket.sendMessage(data)  # type: ignore[no-untyped-call]

    def loseConnection(self) -> None:
        """Close it properly, behind what was sent."""
        self._socket.sendClose()

    @property
    def bufferSize(self) -> int:
        """Bytes that are read in one turn of the loop."""
        return int(self._connection.bufferSize)

    @bufferSize.setter
    def bufferSize(self, size: int) -> None:
        self._connection.bufferSize = size

    @property
    def _connection(self) -> Any:
        """The TCP connection, below TLS."""
        transport = self._socket.transport
        return getattr(transport, "transport", transport)

    def __getattr__(self, name: str) -> Any:
        """What else a stream needs of its connection."""
        return getattr(self._socket.transport, name)


class _Factory(WebSocketClientFactory):
    def __init__(self, stream: FramedStream, target: Target, creator: tls.Creator | None, reactor: Any) -> None:
        super().__init__(target.url, protocols=[PROTOCOL], reactor=reactor)  # type: ignore[no-untyped-call]
        self._parts = stream, target, creator
        self.setProtocolOptions(  # type: ignore[no-untyped-call]
            maxFramePayloadSize=STANZA.size,
            maxMessagePayloadSize=STANZA.size,
            openHandshakeTimeout=0,  # the negotiation has a limit of its own
            failByDrop=False,
        )

    def buildProtocol(self, addr: Any) -> Socket:
        """What Twisted calls."""
        made = Socket(*self._parts)
        made.factory = self
        return made


def dial(stream: Stream, target: Target, reactor: Any, endpoint: Any) -> Deferred[Socket]:
    """Connect a framed stream to the target's URL; TLS is checked for the host in it. Fires when the connection stands;
    then ``opened`` tells."""
    assert isinstance(stream, FramedStream)
    creator: Any = tls.Creator(target.host) if target.direct else None
    way: Any = wrapClientTLS(creator, endpoint) if creator else endpoint
    made: Deferred[Socket] = way.connect(_Factory(stream, target, creator, reactor))
    return made

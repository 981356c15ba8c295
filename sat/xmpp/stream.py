"""One XML stream over one connection (RFC 6120 §4): bytes to elements and back.

Negotiation reads elements one by one (:meth:`Stream.receive`); once it is done, each element goes to ``on_element``.
Whatever ends the stream becomes one :class:`~sat.api.errors.SatError`, told to ``on_lost`` and to who is reading.
"""

from __future__ import annotations

import logging
import socket
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IHandshakeListener, IPushProducer
from twisted.internet.protocol import Protocol
from twisted.python.failure import Failure
from zope.interface import implementer

from sat.api.errors import (
    ConnectionLost,
    ProtocolViolation,
    SatError,
    ServerClosed,
    ServerNotFound,
    SessionReplaced,
)
from sat.xmpp import tls, traffic, xml
from sat.xmpp.xml import BEFORE_LOGIN, NS_STREAMS, STANZA, Element, StreamParser, XmlError

NS_STREAM_ERRORS = "urn:ietf:params:xml:ns:xmpp-streams"
QUEUE_LIMIT = 32 * 1024 * 1024  # bytes waiting for a server that does not read
_CLOSE_WAIT = 2.0  # seconds for the server to close its side, after ours


@implementer(IHandshakeListener, IPushProducer)
class Stream(Protocol):
    """A client's stream to ``domain``. ``log`` has the profile in its lines; ``pin`` names a certificate that is
    trusted for it (see ``sat.xmpp.pins``)."""

    transport: Any  # Twisted's; with TLS it is another object than before
    framed = False  # inside another protocol
    _ending = "</stream:stream>"

    def __init__(
        self, domain: str, reactor: Any, log: logging.LoggerAdapter[Any] | logging.Logger, pin: str = ""
    ) -> None:
        self.domain, self.reactor, self.log, self.pin = domain, reactor, log, pin
        self.on_element: Callable[[Element], None] | None = None
        self.on_lost: Callable[[SatError], None] | None = None
        self.encrypted = False
        self.lost: SatError | None = None
        self.heard_at: float = reactor.seconds()
        self.version: str = ""
        self.creator: tls.Creator | None = None
        self._limits = BEFORE_LOGIN
        self._greeted = False  # the server has opened its side
        self._parser: StreamParser | None = None
        self._waiting: Deferred[Element] | None = None
        self._inbox: deque[Element] = deque()
        self._handshake: Deferred[None] | None = None
        self._out: list[str] = []
        self._out_size = 0
        self._flush_call: Any = None
        self._may_write = True
        self._close_call: Any = None
        self._parted = False  # we have ended the stream on our side
        self._reason: SatError | None = None  # why it is going to be lost
        self._ended: list[Deferred[None]] = []

    # -- the connection ------------------------------------------------------------------------------------------

    def connectionMade(self) -> None:
        """Be told when the transport's buffer is full. Direct TLS has begun; :meth:`secured` waits for its end."""
        self.transport.registerProducer(self, True)

    def start_tls(self, alpn: bool = False) -> Deferred[None]:
        """Encrypt; fires when the certificate was found good. What came in clear before is thrown away. ``alpn``: say
        which protocol follows, with direct TLS."""
        if self._parser:
            self._parser.stop()
        self._parser = None
        self._inbox.clear()
        self.creator = tls.Creator(self.domain, self.pin, alpn)
        self.transport.unregisterProducer()
        self.transport.startTLS(self.creator)
        self.transport.registerProducer(self, True)
        return self.secured()

    def secured(self) -> Deferred[None]:
        """Fires at the end of the handshake."""
        made: Deferred[None] = Deferred()
        if self.lost:
            made.errback(self.lost)
        else:
            self._handshake = made
        return made

    def handshakeCompleted(self) -> None:
        """Called by Twisted. The certificate was checked in it: see ``sat.xmpp.tls``."""
        fault = self.creator.verdict.error if self.creator else None
        if fault is not None:  # OpenSSL ends the handshake by itself; should it ever not, nothing is sent all the same
            self.abort(fault)
            return
        self.encrypted = True
        waiting, self._handshake = self._handshake, None
        if waiting:
            waiting.callback(None)

    def dataReceived(self, data: bytes) -> None:
        """Called by Twisted."""
        self.heard_at = self.reactor.seconds()
        if self._parser is None or (self._reason is not None and self._close_call is None):
            return
        try:
            self._parser.feed(data)
        except XmlError as error:
            self._parser.stop()
            self.fail(ProtocolViolation(server=self.domain, reason=error.reason), error.condition)

    def connectionLost(self, reason: Failure | None = None) -> None:
        """Called by Twisted."""
        if self._parser:
            self._parser.stop()
        for call in (self._flush_call, self._close_call):
            if call is not None and call.active():
                call.cancel()
        self._flush_call = self._close_call = None
        error = self._reason
        if error is None and self._handshake:
            error = self.creator.failed(reason.value if reason else "") if self.creator else None
        self.lost = error or ConnectionLost(server=self.domain)
        reading, self._waiting = self._waiting, None
        shaking, self._handshake = self._handshake, None
        for waiting in (reading, shaking):
            if waiting:
                waiting.errback(self.lost)
        for ended in self._ended:
            ended.callback(None)
        if self.on_lost:
            self.on_lost(self.lost)

    # -- reading -------------------------------------------------------------------------------------------------

    def open(self, sender: str = "") -> None:
        """Begin a stream, or begin it anew after TLS and after logging in (RFC 6120 §4.7)."""
        if self._parser:
            self._parser.stop()
        self._inbox.clear()
        self._parser = StreamParser(self._opened, self._received, self._closed, self._limits)
        self.write(self._beginning(sender))

    def _beginning(self, sender: str) -> str:
        origin = f" from='{xml.escape(sender)}'" if sender else ""
        return (
            f"<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='{NS_STREAMS}' version='1.0'"
            f" to='{xml.escape(self.domain)}'{origin} xml:lang='en'>"
        )

    def receive(self) -> Deferred[Element]:
        """The next element, while no ``on_element`` is set."""
        made: Deferred[Element] = Deferred()
        if self._inbox:
            made.callback(self._inbox.popleft())
        elif self.lost or self._reason:
            made.errback(self.lost or self._reason)
        else:
            self._waiting = made
        return made

    def trust(self) -> None:
        """The server has proven itself: larger stanzas are accepted."""
        self._limits = STANZA
        if self._parser is not None:
            self._parser.limits = STANZA

    def read(self, on_element: Callable[[Element], None]) -> None:
        """Give each element to ``on_element`` from now on."""
        self.on_element = on_element
        while self._inbox:
            on_element(self._inbox.popleft())

    def pause(self, paused: bool) -> None:
        """Stop or go on reading, so that the server waits."""
        if self.lost is None:
            if paused:
                self.transport.pauseProducing()
            else:
                self.transport.resumeProducing()

    @property
    def over(self) -> bool:
        """Whether it is lost, or is going to be."""
        return self.lost is not None or self._reason is not None

    @property
    def weight(self) -> int:
        """Bytes that the last stanza takes in memory, roughly."""
        return 0 if self._parser is None else self._parser.weight

    def _opened(self, header: Element) -> None:
        if header.uri != NS_STREAMS or header.name != "stream":
            raise XmlError("invalid-namespace", "it is no XMPP stream")
        self._greeted = True
        self.version = str(header.attributes.get("version", ""))

    def _received(self, element: Element) -> None:
        traffic.received(self.log, element)
        if element.uri == NS_STREAMS and element.name == "error":
            self._reason = self._reason or error_of(self.domain, element)
            self.close()
        elif self.on_element:
            try:
                self.on_element(element)
            except Exception:
                self.log.exception("a stanza could not be handled")
        elif self._waiting:
            waiting, self._waiting = self._waiting, None
            waiting.callback(element)
        elif len(self._inbox) >= 100:
            raise XmlError("policy-violation", "there are stanzas before the log-in")
        else:
            self._inbox.append(element)

    def _closed(self) -> None:
        if self._close_call is None:
            self._reason = self._reason or ServerClosed(server=self.domain, reason="no reason given")
            self._part()
        self.transport.loseConnection()

    # -- writing -------------------------------------------------------------------------------------------------

    def send(self, element: Element) -> None:
        """Send an element, together with all others of this turn of the loop."""
        traffic.sent(self.log, element)
        self.write(xml.to_text(element))

    def write(self, text: str) -> None:
        """Send text that is XML already. After the end of the stream nothing is sent."""
        if self.lost or self._parted:
            return
        self._out.append(text)
        self._out_size += len(text)
        if self._flush_call is None and self._may_write:
            self._flush_call = self.reactor.callLater(0, self._flush)
        elif self._out_size > QUEUE_LIMIT:
            self.abort(ConnectionLost(server=self.domain))

    def _flush(self) -> None:
        call, self._flush_call = self._flush_call, None
        if call is not None and call.active():
            call.cancel()
        if self._out and not self.lost:
            parts, self._out = self._out, []
            self._out_size = 0
            self._transmit(parts)
            if self.on_element is None:
                acknowledge_at_once(self.transport)

    def _transmit(self, parts: Iterable[str]) -> None:
        self.transport.write("".join(parts).encode())

    def pauseProducing(self) -> None:
        """Called by the transport: its buffer is full."""
        self._may_write = False

    def resumeProducing(self) -> None:
        """Called by the transport: there is room again."""
        self._may_write = True
        self._flush()

    def stopProducing(self) -> None:
        """Called by the transport: nothing can be written any more."""
        self._may_write = False

    # -- the end -------------------------------------------------------------------------------------------------

    def close(self) -> Deferred[None]:
        """End the stream properly (RFC 6120 §4.4); fires when the connection is gone, within 2 seconds."""
        made: Deferred[None] = Deferred()
        if self.lost or self.transport is None:  # it is gone, or has never come
            made.callback(None)
            return made
        self._ended.append(made)
        if self._close_call is None:
            if not self._greeted and not self.encrypted:  # there is nobody to part from
                self.abort(self._reason or ServerClosed(server=self.domain, reason="it was asked to"))
                return made
            self._part()
            self._close_call = self.reactor.callLater(_CLOSE_WAIT, self.abort)
            self._reason = self._reason or ConnectionLost(server=self.domain)
            if self._handshake:
                self.transport.loseConnection()
        return made

    def fail(self, error: SatError, condition: str = "undefined-condition") -> None:
        """End the stream because of what the server did, with a stream error (RFC 6120 §4.9)."""
        if self.lost or self._reason:
            return
        self._reason = error
        if self._parser is not None:
            self._parser.stop()  # what came behind it does not count
            if self._handshake is None:
                self._part(f"<stream:error><{condition} xmlns='{NS_STREAM_ERRORS}'/></stream:error>")
        self.reactor.callLater(_CLOSE_WAIT, self.abort)
        self.transport.loseConnection()

    def _part(self, error: str = "") -> None:
        """Say that we end the stream, and nothing more (RFC 6120 §4.4)."""
        if error:
            self.write(error)
        self.write(self._ending)
        self._flush()
        self._parted = True

    def abort(self, error: SatError | None = None) -> None:
        """End the connection at once."""
        if self.lost is None and self.transport is not None:
            self._reason = self._reason or error
            self.transport.abortConnection()


def acknowledge_at_once(transport: Any) -> None:
    """While logging in, the server's TLS says some small things, and its next packet waits until we have acknowledged
    the one before (Nagle's algorithm). The kernel would take 40 ms for that (tcp(7)); it forgets this wish soon."""
    connection = getattr(transport, "socket", None)
    if connection is not None and hasattr(socket, "TCP_QUICKACK"):  # Linux
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)


_HARMLESS = {
    "connection-timeout": "it heard nothing from us for too long",
    "policy-violation": "something was against its rules",
    "reset": "the stream has to begin anew",
    "resource-constraint": "it has too much to do",
    "system-shutdown": "it is being shut down",
    "remote-connection-failed": "it could not reach a part of itself",
    "see-other-host": "it wants another address to be used",
}


def error_of(domain: str, element: Element) -> SatError:
    """What a stream error means (RFC 6120 §4.9.3)."""
    condition, text = "undefined-condition", ""
    for each in xml.elements(element, ns=NS_STREAM_ERRORS):
        if each.name == "text":
            text = " ".join(xml.text_of(each).split())[:200]
        else:
            condition = each.name[:60]
    if condition == "conflict":
        return SessionReplaced(server=domain)
    if condition in ("host-unknown", "host-gone"):
        return ServerNotFound(server=domain)
    reason = _HARMLESS.get(condition, condition)
    return ServerClosed(server=domain, reason=f"{reason} (“{text}”)" if text else reason, condition=condition)

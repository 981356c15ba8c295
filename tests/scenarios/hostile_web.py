"""XMPP over WebSocket from a server that is not to be trusted: the scripted server behind real frames."""

from __future__ import annotations

from typing import Any

from autobahn.twisted.websocket import WebSocketServerFactory, WebSocketServerProtocol
from scenarios.hostile import HostileServer, bindings_of
from support.scripted import ScriptedServer
from twisted.protocols.tls import TLSMemoryBIOFactory

from sat.xmpp import xml
from sat.xmpp.framed import NS_FRAMING
from sat.xmpp.xml import Element, StreamParser


class WebServer(HostileServer):
    """Listens for WebSockets. ``frames`` are sent in place of what the server says to the first ``<open/>``: text,
    bytes for a binary message, None for a close frame."""

    def __init__(
        self, *arguments: Any, subprotocols: tuple[str, ...] = ("xmpp",), frames: Any = (), **more: Any
    ) -> None:
        super().__init__(*arguments, **more)
        self.subprotocols, self.frames = subprotocols, frames
        self.heard: list[str] = []

    def start(self, reactor: Any) -> None:
        """Listen."""
        factory: Any = WebSocketServerFactory(protocols=list(self.subprotocols))
        factory.protocol = _Connection
        factory.setProtocolOptions(failByDrop=False)
        factory.told = self
        if self._context is not None:
            factory = TLSMemoryBIOFactory(self._context, False, factory)
        self._listening = reactor.listenTCP(0, factory, interface="127.0.0.1")
        self.port = self._listening.getHost().port

    @property
    def url(self) -> str:
        """Where it is."""
        return f"{'wss' if self._context is not None else 'ws'}://localhost:{self.port}/xmpp"


class _Connection(WebSocketServerProtocol):
    """Turns messages into the stream that the scripted server reads, and back."""

    def connectionMade(self) -> None:
        super().connectionMade()
        told = self._told = self.factory.told
        told.connections += 1
        told.protocols.append(self)
        self._out: StreamParser | None = None
        self._server = ScriptedServer(
            told.behaviour,
            told.memory,
            self._send,
            close=lambda: self.sendClose(),
            bindings=lambda: bindings_of(self.transport) if told._context is not None else {},
            encrypted=told._context is not None,
        )

    def onConnect(self, request: Any) -> str | None:
        return next((each for each in request.protocols if each in self._told.subprotocols), None)

    def onMessage(self, payload: bytes, isBinary: bool) -> None:
        told, text = self._told, payload.decode()
        told.heard.append(text)
        if told.frames:
            for frame in told.frames:
                if frame is None:
                    self.sendClose(1000, "enough")
                else:
                    self.sendMessage(frame if isinstance(frame, bytes) else frame.encode(), isinstance(frame, bytes))
            return
        if text.startswith("<open"):
            (sender,) = [part for part in text.split("'") if part.startswith("romeo@")][:1] or [""]
            self._out = StreamParser(self._opened, self._sent, lambda: None)
            text = f"<?xml version='1.0'?><stream:stream xmlns='jabber:client' from='{sender}'"
            text += " xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"
        elif text.startswith("<close"):
            text = "</stream:stream>"
        self._server.feed(text.encode())

    def connectionLost(self, reason: Any) -> None:
        super().connectionLost(reason)
        if self in self._told.protocols:
            self._told.protocols.remove(self)

    def _send(self, text: str) -> None:
        if text == "</stream:stream>":
            self.sendMessage(f"<close xmlns='{NS_FRAMING}'/>".encode())
        elif self._out is not None:
            self._out.feed(text.encode())

    def _opened(self, header: Element) -> None:
        self.sendMessage(f"<open xmlns='{NS_FRAMING}' from='{self._told.behaviour.domain}' version='1.0'/>".encode())

    def _sent(self, element: Element) -> None:
        self.sendMessage(xml.to_text(element, "").encode())

"""An XMPP server that costs next to nothing: it lets one account in, and sends what it is told at full speed.

A real server would be the limit. This one speaks what a client needs to log in (STARTTLS, PLAIN, binding), gives the
contact list it was made with, and takes part in stream management (XEP-0198), which tells when a client has a burst
behind it.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self
from xml.etree import ElementTree
from xml.etree.ElementTree import Element
from xml.sax.saxutils import quoteattr

from sat.world.certificates import Certificate

DOMAIN = "burst.example"
USER, PASSWORD = "romeo", "demo"
JID = f"{USER}@{DOMAIN}"
PATIENCE = 120.0  # seconds for a client to do what is waited for

_CLIENT = "{jabber:client}"
_BIND = "{urn:ietf:params:xml:ns:xmpp-bind}bind"
_ROSTER = "{jabber:iq:roster}query"
_SM = "urn:xmpp:sm:3"
_HEADER = (
    "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'"
    f" id='s1' from='{DOMAIN}' version='1.0'>"
)
_TLS = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'><required/></starttls>"
_SASL = "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms>"
_READY = f"<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/><sm xmlns='{_SM}'/>"
_REFUSED = "<error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"


class Server:
    """A context manager: it listens on ``port`` of 127.0.0.1. ``contacts`` are the items of its contact list,
    ``presences`` what a client is sent when it has said that it is there, ``entered`` and ``left`` when it enters a
    room and leaves it. ``answer`` gives the stanzas for a question, or nothing where it has no answer."""

    def __init__(
        self,
        certificate: Certificate,
        contacts: str = "",
        presences: str = "",
        entered: str = "",
        left: str = "",
        answer: Callable[[Element], list[str]] = lambda iq: [],
    ) -> None:
        self._contacts, self._presences, self._entered, self._left = contacts, presences, entered, left
        self._answer = answer
        self._context = _context(certificate)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="server", daemon=True)
        self._connection: _Connection | None = None
        self._available = asyncio.Event()
        self._serving: list[asyncio.Task[Any]] = []
        self._listening: asyncio.Server | None = None
        self.port = 0

    def __enter__(self) -> Self:
        self._thread.start()
        self._listening = self._do(asyncio.start_server(self._serve, "127.0.0.1", 0))
        self.port = self._listening.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        self._do(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        self._loop.close()

    def wait_available(self) -> None:
        """Wait until a client has sent its presence. Errors: TimeoutError."""
        self._do(self._wait_available())

    def send(self, stanzas: list[str]) -> None:
        """Send stanzas to the client, and wait until it has acknowledged them. Errors: TimeoutError."""
        self._do(self._send(stanzas))

    def pour(self, stanzas: list[str]) -> None:
        """Send stanzas to a client that acknowledges nothing."""
        self._do(self._pour(stanzas))

    async def _wait_available(self) -> None:
        await self._available.wait()

    async def _pour(self, stanzas: list[str]) -> None:
        assert self._connection is not None
        self._connection.write("".join(stanzas))

    async def _send(self, stanzas: list[str]) -> None:
        assert self._connection is not None
        await self._connection.send(stanzas)

    async def _end(self) -> None:
        if self._listening:
            self._listening.close()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    def _do(self, work: Coroutine[Any, Any, Any]) -> Any:
        future: Future[Any] = asyncio.run_coroutine_threadsafe(asyncio.wait_for(work, PATIENCE), self._loop)
        return future.result()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if task := asyncio.current_task():
            self._serving.append(task)
        self._available.clear()
        connection = self._connection = _Connection(reader, writer, self._contacts, self._there, self._answer)
        with suppress(ConnectionError, asyncio.CancelledError):  # the client has gone, or we end
            await connection.serve(self._context)
        writer.close()

    def _there(self, connection: _Connection, presence: Element) -> None:
        if presence.get("to"):
            connection.write(self._left if presence.get("type") else self._entered)
        else:
            connection.write(self._presences)
            self._available.set()


class _Connection:
    """One client, from its first byte to its last."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        contacts: str,
        there: Callable[[_Connection, Element], None],
        answer: Callable[[Element], list[str]],
    ) -> None:
        self._reader, self._writer = reader, writer
        self._contacts, self._there, self._further = contacts, there, answer
        self._received = self._sent = 0
        self._counted = False
        self._acknowledged = -1
        self._moved = asyncio.Event()

    async def serve(self, context: ssl.SSLContext) -> None:
        """Let it in, then answer what it asks."""
        if await self._begins_anew(_TLS):
            self.write("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
            await self._writer.start_tls(context)
        if await self._begins_anew(_SASL):
            self.write("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>")
        async for element in self._stream(_READY):
            self._take(element)

    async def send(self, stanzas: list[str]) -> None:
        """Send, and wait for the acknowledgement."""
        wanted = self._sent = self._sent + len(stanzas)
        self.write("".join(stanzas) + f"<r xmlns='{_SM}'/>")
        while self._acknowledged < wanted:
            self._moved.clear()
            await self._moved.wait()

    async def _begins_anew(self, offer: str) -> bool:
        """Whether the client took the one thing that is offered, after which it opens its stream again."""
        async for _ in self._stream(offer):
            return True
        return False

    async def _stream(self, features: str) -> AsyncIterator[Element]:
        """The elements of one stream; it is opened from our side as soon as it is from the other."""
        parser: Any = ElementTree.XMLPullParser(["start", "end"])
        depth = 0
        while data := await self._reader.read(65536):
            parser.feed(data)
            for event, element in parser.read_events():
                depth += 1 if event == "start" else -1
                if event == "start" and depth == 1:
                    self.write(f"{_HEADER}<stream:features>{features}</stream:features>")
                elif event == "end" and depth == 1:
                    yield element

    def _take(self, element: Element) -> None:
        space, _, name = element.tag.rpartition("}")
        if space == "{" + _SM:
            self._manage(name, element)
        else:
            self._received += self._counted
        if element.tag == f"{_CLIENT}presence":
            self._there(self, element)
        elif element.tag == f"{_CLIENT}iq" and element.get("type") in ("get", "set"):
            self._answer(element)

    def _manage(self, name: str, element: Element) -> None:
        if name == "enable":
            self._counted = True
            self.write(f"<enabled xmlns='{_SM}'/>")
        elif name == "r":
            self.write(f"<a xmlns='{_SM}' h='{self._received}'/>")
        elif name == "a":
            self._acknowledged = int(element.get("h", "0"))
            self._moved.set()

    def _answer(self, iq: Element) -> None:
        if stanzas := self._further(iq):
            self._sent += len(stanzas) * self._counted
            self.write("".join(stanzas))
            return
        kind, content = "result", ""
        if iq.find(_BIND) is not None:
            content = f"<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>{JID}/orchard</jid></bind>"
        elif iq.find(_ROSTER) is not None:
            content = f"<query xmlns='jabber:iq:roster'>{self._contacts}</query>"
        else:
            kind, content = "error", _REFUSED
        asked = iq.get("to")
        sender = f" from={quoteattr(asked)}" if asked else ""
        self._sent += self._counted
        self.write(f"<iq type='{kind}' id={quoteattr(iq.get('id', ''))}{sender}>{content}</iq>")

    def write(self, text: str) -> None:
        """Send XML."""
        self._writer.write(text.encode())


def _context(certificate: Certificate) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with TemporaryDirectory() as folder:
        certificate.write(Path(folder), "server")
        context.load_cert_chain(f"{folder}/server.crt", f"{folder}/server.key")
    return context

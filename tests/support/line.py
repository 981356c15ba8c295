"""A link and a scripted server, connected in memory, with a clock that is moved by hand."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from twisted.internet import error
from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred
from twisted.internet.testing import MemoryReactorClock
from twisted.python.failure import Failure

from sat.api import JID
from sat.api.profile import Account, Connection, ConnectionState
from sat.xmpp import xml
from sat.xmpp.inline import Told
from sat.xmpp.link import Link
from sat.xmpp.resolve import Record
from sat.xmpp.stanzas import Iq, Message
from sat.xmpp.xml import Element
from support.scripted import Behaviour, Memory, ScriptedServer

PROFILE = "Montague"
ACCOUNT = Account(JID("romeo@example.org"), "127.0.0.1", 5222)


class Pair:
    """A pair of ends: what one writes the other gets, when the line is pumped."""

    def __init__(self, line: Line, protocol: Any, server: ScriptedServer) -> None:
        self.line, self.protocol, self.server = line, protocol, server
        self.to_server: list[bytes] = []
        self.to_client: list[bytes] = []
        self.open, self.paused, self.secure, self.closing = True, False, False, False
        self.dropped = False  # everything that is sent is lost, and nobody notices

    # what Twisted's transport has

    def write(self, data: bytes) -> None:
        assert self.open
        if not self.dropped:
            self.to_server.append(data)

    def loseConnection(self) -> None:
        self.closing = True

    def abortConnection(self) -> None:
        self.cut(error.ConnectionAborted())

    def registerProducer(self, producer: Any, streaming: bool) -> None: ...
    def unregisterProducer(self) -> None: ...
    def setTcpNoDelay(self, on: bool) -> None: ...
    def setTcpKeepAlive(self, on: bool) -> None: ...

    def pauseProducing(self) -> None:
        self.paused = True

    def resumeProducing(self) -> None:
        self.paused = False

    def getPeer(self) -> IPv4Address:
        return IPv4Address("TCP", self.line.peer, 5222)

    def getHandle(self) -> Any:
        return self

    def startTLS(self, creator: Any) -> None:
        self.secure = True
        self.line.reactor.callLater(0, self.protocol.handshakeCompleted)

    # what OpenSSL's connection has

    def get_protocol_version_name(self) -> str:
        return "TLSv1.2"

    def get_cipher_name(self) -> str:
        return "NONE"

    def get_peer_certificate(self) -> None:
        return None

    def get_finished(self) -> bytes:
        return b"finished"

    # what the line does

    def cut(self, why: Exception | None = None) -> None:
        if self.open:
            self.open = False
            self.to_server.clear()
            self.protocol.connectionLost(Failure(why or error.ConnectionLost()))

    def pump(self) -> bool:
        moved = False
        while self.to_server and self.open:
            self.server.feed(self.to_server.pop(0))
            moved = True
        while self.to_client and self.open and not self.paused and not self.dropped:
            self.protocol.dataReceived(self.to_client.pop(0))
            moved = True
        if self.closing and self.open and not self.to_server:
            self.cut(error.ConnectionDone())
            moved = True
        return moved


class Kept(dict[str, str]):
    """Secrets that are remembered."""

    def get(self, key: str) -> str:  # type: ignore[override]
        return super().get(key, "")

    def set(self, key: str, value: str) -> None:
        self[key] = value


class Line:
    """The link under test, what it told, and the servers it met. ``behaviour`` can be changed at any time, and
    ``at_port`` has that of a port where it is another. An account without a host finds its targets in ``records``."""

    def __init__(self, behaviour: Behaviour | None = None, account: Account = ACCOUNT, *records: Record) -> None:
        self.behaviour, self.memory = behaviour or Behaviour(), Memory()
        self.reactor: Any = MemoryReactorClock()
        self.peer = "127.0.0.1"
        self.stored: dict[str, str] = {}
        self.storing: Callable[[], Deferred[None] | None] = lambda: None
        self.password = "secret"
        self.connections: list[Pair] = []
        self.changes: list[Connection] = []
        self.sessions: list[bool] = []
        self.stanzas: list[Element] = []
        self.acknowledged: list[Hashable] = []
        self.handle: Callable[[Element], Deferred[None] | None] = lambda element: None
        self.refuse_connections = False
        self.bindings = {"tls-unique": b"finished"}  # of the server's side
        self.refused_ports: set[int] = set()
        self.at_port: dict[int, Behaviour] = {}
        self.records = records
        self.urls: list[str] = []  # of WebSockets
        self.discovered = 0
        self.asked_ports: list[int] = []
        self.secrets = Kept()
        self.link = self.new_link(account)

    def new_link(self, account: Account = ACCOUNT) -> Link:
        """What the daemon makes when it is started again."""
        return Link(
            account,
            lambda: self.password,
            self,
            self.reactor,
            self,
            None,
            self.lookup,
            PROFILE,
            secrets=self.secrets,
            discover=self.discover,
        )

    async def lookup(self, name: str) -> list[Record]:
        """What DNS says."""
        return [each for each in self.records if each.direct == name.startswith("_xmpps-")]

    async def discover(self, domain: str) -> list[str]:
        """What its web server says."""
        self.discovered += 1
        return self.urls

    # the listener and the memory

    def get(self, key: str) -> str:
        return self.stored.get(key, "")

    def set(self, key: str, value: str) -> Deferred[None] | None:
        self.stored[key] = value
        return self.storing()

    def link_online(self, jid: JID, resumed: bool, told: Told) -> None:
        self.sessions.append(resumed)
        self.told = told

    def link_changed(self, connection: Connection) -> None:
        self.changes.append(connection)

    def link_stanza(self, element: Element) -> Deferred[None] | None:
        self.stanzas.append(element)
        return self.handle(element)

    def link_acknowledged(self, tokens: list[Hashable]) -> None:
        self.acknowledged += tokens

    # the test's hands

    @property
    def state(self) -> ConnectionState:
        return self.link.connection.state

    @property
    def error(self) -> str:
        return self.link.connection.error

    @property
    def here(self) -> Pair:
        return self.connections[-1]

    @property
    def server(self) -> ScriptedServer:
        return self.here.server

    def connect(self) -> list[Any]:
        """Connect; what came of it is in the list."""
        results: list[Any] = []
        self.link.connect().addCallbacks(lambda _: results.append(None), lambda failure: results.append(failure.value))
        self.settle()
        return results

    def advance(self, seconds: float, step: float = 0.1) -> None:
        """Let time pass, in steps."""
        for _ in range(round(seconds / step)):
            self.reactor.advance(step)
            self.settle()

    def settle(self) -> None:
        """Let everything happen that needs no time."""
        moved = True
        while moved:
            moved = self._accept()
            self.reactor.advance(0)
            for connection in self.connections:
                moved = connection.pump() or moved

    def _accept(self) -> bool:
        clients = self.reactor.tcpClients
        if not clients:
            return False
        _, port, factory, _, _ = clients.pop(0)
        self.asked_ports.append(port)
        if self.refuse_connections or port in self.refused_ports:
            factory.clientConnectionFailed(None, Failure(error.ConnectionRefusedError()))
            return True
        wrapped = factory.buildProtocol(IPv4Address("TCP", self.peer, 5222))
        holder: list[Pair] = []
        server = ScriptedServer(
            self.at_port.get(port, self.behaviour),
            self.memory,
            lambda text: holder[0].to_client.append(text.encode()),
            close=lambda: setattr(holder[0], "closing", True),
            bindings=lambda: self.bindings,
            encrypted=any(each.direct for each in self.records if each.port == port),
        )
        holder.append(Pair(self, wrapped, server))
        self.connections.append(holder[0])
        wrapped.makeConnection(holder[0])
        return True


def message(text: str, id: str | None = None) -> Element:
    """A message of ours to juliet."""
    made = Message.to(JID("juliet@example.org"), id=id)
    made.body = text
    return made.element


def heard(text: str, sender: str = "juliet@example.org/balcony") -> str:
    """A message of juliet's, as the server sends it."""
    return (
        f"<message from='{sender}' to='romeo@example.org/orchard' type='chat'><body>{xml.escape(text)}</body></message>"
    )


def online(behaviour: Behaviour | None = None) -> Line:
    """A line whose link is online."""
    line = Line(behaviour)
    assert line.connect() == [None]
    return line


def texts(line: Line) -> list[str]:
    """The bodies of the messages that the link told of."""
    return [xml.text_of(xml.child(each, "body")) for each in line.stanzas if each.name == "message"]


def asked(line: Line, peer: str | None, timeout: float = 30) -> tuple[str, list[Any]]:
    """Ask somebody, or our own account, for a version; the question's id, and what comes of it."""
    iq = Iq.get(JID(peer) if peer else None)
    iq.add("query", "jabber:iq:version")
    results: list[Any] = []
    Deferred.fromCoroutine(line.link.ask(iq.element, timeout)).addCallbacks(
        results.append, lambda failure: results.append(failure.value)
    )
    line.settle()
    return iq.id, results


def pong(element: Any) -> str | None:
    """What a server answers to a ping."""
    return f"<iq type='result' from='example.org' id='{element['id']}'/>"

"""Through a WebSocket to servers that are not to be trusted (RFC 7395)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from scenarios.hostile import DOMAIN, Authority, HostileServer, ReactorThread
from scenarios.hostile_web import WebServer
from scenarios.test_login_hostile import Ear, attempt
from support.scripted import Behaviour
from support.scripted_sasl2 import Sasl2
from twisted.internet.defer import Deferred
from twisted.internet.protocol import Factory, Protocol
from twisted.protocols.tls import TLSMemoryBIOFactory
from twisted.web.client import Agent, ResponseNeverReceived

from sat.world.program import until
from sat.xmpp import connect
from sat.xmpp.discovery import _fetch, _Policy
from sat.xmpp.framed import NS_FRAMING
from sat.xmpp.websocket import Wire

pytestmark = pytest.mark.usefixtures("trusting")
OPEN = f"<open xmlns='{NS_FRAMING}' from='{DOMAIN}' version='1.0'/>"
MEGABYTE = 1024 * 1024
Web = Callable[..., WebServer]


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority("trusted")


@pytest.fixture
def web(reactor: ReactorThread, authority: Authority) -> Iterator[Web]:
    """Starts a WebSocket server: ``web(behaviour)``."""
    servers: list[WebServer] = []

    def start(behaviour: Behaviour | None = None, names: Any = ("localhost",), **options: Any) -> WebServer:
        behaviour = behaviour or Behaviour()
        behaviour.domain = DOMAIN
        servers.append(WebServer(behaviour, authority.issue(list(names)) if names else None, **options))
        reactor.call(lambda: servers[-1].start(reactor.reactor))
        return servers[-1]

    yield start
    for server in servers:
        reactor.call(server.stop)


def through(reactor: ReactorThread, server: WebServer, ear: Ear | None = None, **account: Any) -> Any:
    return attempt(reactor, server, ear, websocket=server.url, **account)  # type: ignore[arg-type]


def test_a_good_server_is_believed(reactor: ReactorThread, web: Web) -> None:
    server, ear = web(), Ear()
    assert through(reactor, server, ear) is None
    assert "in a WebSocket; logged in with SCRAM-SHA-512" in ear.changes[1].security
    assert server.heard[0].startswith(f"<open xmlns='{NS_FRAMING}' to='{DOMAIN}' from='romeo@{DOMAIN}'")
    assert until(lambda: server.heard[-1] == f"<close xmlns='{NS_FRAMING}'/>", 5)
    assert all(" xmlns=" in each.partition(">")[0] for each in server.heard)


def test_not_more_is_read_at_once_than_from_others(reactor: ReactorThread, web: Web) -> None:
    """Promise P4: one account's flood leaves room for the others."""
    sizes: list[int] = []
    ear = Ear()
    ear.link_online = lambda *_: sizes.append(wires[-1]._connection.bufferSize)  # type: ignore[method-assign]
    wires: list[Wire] = []
    real = Wire.__init__
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Wire, "__init__", lambda self, socket: (wires.append(self), real(self, socket))[1])
        assert through(reactor, web(), ear) is None
    assert sizes == [connect.READ]


def test_sasl2_goes_through_it_too(reactor: ReactorThread, web: Web) -> None:
    server = web(Behaviour(sasl2=Sasl2()))
    assert through(reactor, server) is None
    assert [each.partition(" ")[0] for each in server.heard[:3]] == ["<open", "<authenticate", "<response"]


@pytest.mark.parametrize(
    ("names", "error"),
    [
        (("other.test",), "CertificateWrongName"),
        ((DOMAIN,), "CertificateWrongName"),  # it is for the host of the URL
        (("localhost", "other.test"), None),
    ],
)
def test_the_certificate_is_checked_for_the_host_of_the_url(
    reactor: ReactorThread, web: Web, names: Any, error: str | None
) -> None:
    server = web(names=names)
    result = through(reactor, server)
    assert (type(result).__name__ if result else None) == error, str(result)
    assert bool(server.heard) is (error is None)


def test_an_unknown_authority_is_refused(reactor: ReactorThread, web: Web) -> None:
    server = web()
    server._context = server._make(Authority("unknown").issue(["localhost"]), None)
    reactor.call(server.stop)
    reactor.call(lambda: server.start(reactor.reactor))
    assert type(through(reactor, server)).__name__ == "CertificateUntrusted"
    assert not server.heard


def test_without_encryption_only_on_this_machine_and_where_allowed(reactor: ReactorThread, web: Web) -> None:
    server = web(Behaviour(tls="none"), names=None)
    assert type(through(reactor, server)).__name__ == "InvalidArgument"
    assert not server.connections
    assert through(reactor, server, require_tls=False) is None


def test_who_speaks_no_xmpp_is_left(reactor: ReactorThread, web: Web) -> None:
    server = web(subprotocols=("chat",))
    result = through(reactor, server)
    assert type(result).__name__ == "WebSocketFailed"
    assert "speaks no XMPP" in str(result)
    assert not server.heard


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 404 Not Found\r\n\r\n", b"HTTP/1.1 301 Moved\r\nLocation: ws://x\r\n\r\n"]
)
def test_who_has_no_websocket_is_left(reactor: ReactorThread, web: Web, answer: bytes) -> None:
    class Page(Protocol):
        def dataReceived(self, data: bytes) -> None:
            self.transport.write(answer)  # type: ignore[union-attr]

    server = web(names=None)
    reactor.call(server.stop)
    server._listening = reactor.call(
        lambda: reactor.reactor.listenTCP(0, Factory.forProtocol(Page), interface="127.0.0.1")
    )
    server.port = server._listening.getHost().port
    result = through(reactor, server, require_tls=False)
    assert type(result).__name__ == "WebSocketFailed"


@pytest.mark.parametrize(
    ("frames", "error"),
    [
        ([OPEN, b"<x/>"], "ProtocolViolation"),
        ([OPEN, "<stream:features xmlns:stream='http://etherx.jabber.org/streams'>"], "ProtocolViolation"),
        ([OPEN, "<a xmlns='" + "x" * MEGABYTE + "'/>"], "ProtocolViolation"),
        ([OPEN, "<a>" + "x" * 70_000 + "</a>"], "ProtocolViolation"),  # too much before the log-in
        ([OPEN, "<!DOCTYPE x><x/>"], "ProtocolViolation"),
        ([OPEN, "text"], "ProtocolViolation"),
        ([OPEN, OPEN], "ProtocolViolation"),
        (["<features xmlns='http://etherx.jabber.org/streams'/>"], "ProtocolViolation"),
        ([OPEN, f"<close xmlns='{NS_FRAMING}'/>"], "ServerClosed"),
        ([OPEN, None], "ConnectionLost"),
        ([None], "ConnectionLost"),
    ],
)
def test_bad_messages_are_refused(reactor: ReactorThread, web: Web, frames: Any, error: str) -> None:
    server = web(frames=frames)
    assert type(through(reactor, server)).__name__ == error
    assert not server.memory.authorised


def test_who_says_nothing_is_left(reactor: ReactorThread, web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connect, "NEGOTIATION", 0.5)
    assert type(through(reactor, web(Behaviour(silent=True)))).__name__ == "ServerSilent"


# -- what the domain's web server says (XEP-0156) --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("names", "signer", "believed"),
    [(["localhost"], "trusted", True), (["other.test"], "trusted", False), (["localhost"], "unknown", False)],
)
def test_only_a_web_server_with_a_good_certificate_is_believed(
    reactor: ReactorThread, authority: Authority, names: list[str], signer: str, believed: bool
) -> None:
    body = b"{}"
    asked: list[bytes] = []

    class Page(Protocol):
        def dataReceived(self, data: bytes) -> None:
            asked.append(data)
            self.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" + body)  # type: ignore[union-attr]

    issued = (authority if signer == "trusted" else Authority(signer)).issue(names)
    context = HostileServer(Behaviour(), issued)._context
    factory = TLSMemoryBIOFactory(context, False, Factory.forProtocol(Page))
    port = reactor.call(lambda: reactor.reactor.listenTCP(0, factory, interface="127.0.0.1"))
    url = f"https://localhost:{port.getHost().port}/.well-known/host-meta.json"
    try:
        fetch = lambda: Deferred.fromCoroutine(_fetch(Agent(reactor.reactor, _Policy()), url))  # noqa: E731
        if believed:
            assert reactor.call(fetch) == body
        else:
            with pytest.raises(ResponseNeverReceived):
                reactor.call(fetch)
        assert bool(asked) is believed
    finally:
        reactor.call(port.stopListening)

"""A server with real sockets and real TLS that is not to be trusted: bad certificates, bad log-ins.

It runs on Twisted's reactor in a thread of its own, as do the links that meet it.
"""

from __future__ import annotations

import asyncio
import datetime
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID, ObjectIdentifier
from OpenSSL import SSL
from support.scripted import Behaviour, Memory, ScriptedServer
from twisted.internet import asyncioreactor
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.interfaces import IOpenSSLServerConnectionCreator, IPushProducer
from twisted.internet.protocol import Factory, Protocol
from twisted.protocols.tls import TLSMemoryBIOFactory
from zope.interface import implementer

if "twisted.internet.reactor" not in sys.modules:  # before any test asks for one, and gets another
    asyncioreactor.install(asyncio.new_event_loop())

DAY = datetime.timedelta(days=1)
DOMAIN = "hostile.test"


class Authority:
    """Signs certificates; only what the client trusts matters."""

    def __init__(self, name: str) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.certificate = self._sign(self.name, self.key, [], ca=True)

    def issue(
        self,
        names: list[str],
        days: tuple[int, int] = (-1, 30),
        srv: str = "",
        common: str = "",
        self_signed: bool = False,
    ) -> tuple[Any, Any]:
        """A certificate for these dNSNames, valid for these days from now, and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        others: list[x509.GeneralName] = [x509.DNSName(each) for each in names]
        if srv:
            encoded = b"\x16" + bytes([len(srv)]) + srv.encode()  # IA5String
            others.append(x509.OtherName(ObjectIdentifier("1.3.6.1.5.5.7.8.7"), encoded))
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common or "server")])
        return self._sign(subject, key, others, days, self_signed=self_signed), key

    def _sign(
        self, subject: x509.Name, key: Any, names: list[Any], days: tuple[int, int] = (-1, 30), ca: bool = False,
        self_signed: bool = False,
    ) -> Any:  # fmt: skip
        now = datetime.datetime.now(datetime.UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject if self_signed else self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + days[0] * DAY)
            .not_valid_after(now + days[1] * DAY)
            .add_extension(x509.BasicConstraints(ca, None), True)
        )
        if names:
            builder = builder.add_extension(x509.SubjectAlternativeName(names), False)
        return builder.sign(key if self_signed else self.key, hashes.SHA256())

    def store(self, path: Path) -> None:
        """Write the authority's certificate, for SSL_CERT_FILE."""
        path.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))


@implementer(IOpenSSLServerConnectionCreator)
class _Creator:
    def __init__(self, context: SSL.Context) -> None:
        self._context = context

    def serverConnectionForTLS(self, protocol: Any) -> SSL.Connection:
        return SSL.Connection(self._context, None)


class HostileServer:
    """Listens on a free port of 127.0.0.1. ``memory`` tells what reached it."""

    def __init__(
        self,
        behaviour: Behaviour,
        certificate: tuple[Any, ...] | None,  # with its key, and the authority's if that is shown too
        direct: bool = False,
        newest: int | None = None,
    ) -> None:
        self.behaviour, self.memory, self.direct = behaviour, Memory(), direct
        self.connections = 0
        self.protocols: list[Any] = []
        self.alpn: list[bytes] = []
        self._context = self._make(certificate, newest) if certificate else None
        self.port = 0
        self._listening: Any = None

    def _make(self, certificate: tuple[Any, ...], newest: int | None) -> Any:
        context = SSL.Context(SSL.TLS_SERVER_METHOD)
        context.use_certificate(certificate[0])
        context.use_privatekey(certificate[1])
        for each in certificate[2:]:
            context.add_extra_chain_cert(each)
        if newest is not None:
            context.set_min_proto_version(0)
            context.set_max_proto_version(newest)
            context.set_cipher_list(b"ALL:@SECLEVEL=0")

        def selected(connection: Any, offered: list[bytes]) -> bytes:
            self.alpn = offered
            return offered[0]

        context.set_alpn_select_callback(selected)
        return _Creator(context)

    @property
    def connection(self) -> ScriptedServer:
        """The newest connection."""
        server: ScriptedServer = self.protocols[-1]._server
        return server

    def start(self, reactor: Any) -> None:
        """Listen."""
        factory: Any = Factory.forProtocol(lambda: _Connection(self))
        if self.direct:
            factory = TLSMemoryBIOFactory(self._context, False, factory)
        self._listening = reactor.listenTCP(0, factory, interface="127.0.0.1")
        self.port = self._listening.getHost().port

    def stop(self) -> Any:
        """Listen no more, and drop who is connected."""
        for protocol in self.protocols[:]:
            protocol.transport.abortConnection()
        return self._listening.stopListening()


class _Connection(Protocol):
    def __init__(self, server: HostileServer) -> None:
        self._told = server

    def connectionMade(self) -> None:
        told = self._told
        told.connections += 1
        told.protocols.append(self)
        self._server = ScriptedServer(
            told.behaviour,
            told.memory,
            lambda text: self.transport.write(text.encode()),
            start_tls=lambda: self.transport.startTLS(told._context),
            close=self.transport.loseConnection,
            bindings=lambda: bindings_of(self.transport),
            encrypted=told.direct,
        )

    def dataReceived(self, data: bytes) -> None:
        self._server.feed(data)

    def connectionLost(self, reason: Any = None) -> None:
        self._told.protocols.remove(self)


def bindings_of(transport: Any) -> dict[str, bytes]:
    """The channel bindings of the server's side of a connection."""
    connection = transport.getHandle()
    certificate = connection.get_certificate()
    digest = hashes.Hash(hashes.SHA256())
    digest.update(certificate.to_cryptography().public_bytes(serialization.Encoding.DER))
    return {
        "tls-exporter": connection.export_keying_material(b"EXPORTER-Channel-Binding", 32, b""),
        "tls-server-end-point": digest.finalize(),
        "tls-unique": connection.get_peer_finished() or b"-",
    }


@implementer(IPushProducer)
class Writer:
    """Writes pieces to a connection, one in a turn of the reactor and no faster than they are taken. ``ended`` is set
    when all are written or the other side has gone."""

    def __init__(self, reactor: Any, connection: Protocol, pieces: Iterable[bytes]) -> None:
        self._reactor, self._transport, self._pieces = reactor, connection.transport, iter(pieces)
        self._paused = False
        self.ended = threading.Event()

    def begin(self) -> None:
        """Start; in the reactor's thread."""
        self._transport.registerProducer(self, True)
        self._turn()

    def _turn(self) -> None:
        if self._paused or self.ended.is_set():
            return
        piece = next(self._pieces, None)
        if piece is None or self._transport.disconnecting:
            self._transport.unregisterProducer()
            self.ended.set()
        else:
            self._transport.write(piece)
            self._reactor.callLater(0, self._turn)

    def pauseProducing(self) -> None:
        """Called by the transport: its buffer is full."""
        self._paused = True

    def resumeProducing(self) -> None:
        """Called by the transport: there is room again."""
        if self._paused:
            self._paused = False
            self._reactor.callLater(0, self._turn)

    def stopProducing(self) -> None:
        """Called by the transport: nobody takes anything any more."""
        self.ended.set()


class ReactorThread:
    """Twisted's reactor in a thread, on asyncio as the daemon's; ``call`` runs a function there and waits."""

    def __init__(self) -> None:
        from twisted.internet import reactor

        self.reactor: Any = reactor
        self._thread: threading.Thread | None = None
        if not self.reactor.running:
            arguments = {"installSignalHandlers": False}
            self._thread = threading.Thread(target=self.reactor.run, kwargs=arguments, daemon=True)
            self._thread.start()

    def call(self, function: Callable[[], Any], timeout: float = 40.0) -> Any:
        """What the function gives, or what its Deferred fires with."""
        done, outcome = threading.Event(), []

        def run() -> None:
            made: Deferred[Any] = maybeDeferred(function)
            made.addCallbacks(
                lambda value: outcome.append((value, None)), lambda failure: outcome.append((None, failure))
            )
            made.addBoth(lambda _: done.set())

        self.reactor.callFromThread(run)
        if not done.wait(timeout):
            raise TimeoutError("the reactor did not answer")
        value, failure = outcome[0]
        if failure is not None:
            raise failure.value
        return value

    def stop(self) -> None:
        """End the thread, if it is ours."""
        if self._thread:
            self.reactor.callFromThread(self.reactor.stop)
            self._thread.join(10)


TLS_1_1, TLS_1_2 = SSL.TLS1_1_VERSION, SSL.TLS1_2_VERSION

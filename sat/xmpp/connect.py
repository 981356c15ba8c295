"""From an account to an open connection that carries a :class:`~sat.xmpp.stream.Stream`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from twisted.internet import error
from twisted.internet.defer import CancelledError
from twisted.internet.protocol import Factory

from sat.api.errors import (
    EncryptionFailed,
    EncryptionMissing,
    InvalidArgument,
    SatError,
    ServerNotFound,
    ServerRefused,
    ServerSilent,
    WebSocketFailed,
)
from sat.api.profile import Account
from sat.imports import leaving_out
from sat.xmpp.idn import ascii_name
from sat.xmpp.resolve import Lookup, Target, is_literal, targets_of, web_target
from sat.xmpp.stream import Stream

with leaving_out("pickle", "twisted.python.modules"):  # for plugins of Twisted that make endpoints
    from twisted.internet.endpoints import HostnameEndpoint, TCP4ClientEndpoint, TCP6ClientEndpoint

CONNECT_TIMEOUT = 15  # seconds
READ = 16 * 1024
"""Bytes that are read in one turn of the loop, a quarter of what Twisted takes: some hundred short stanzas, so that one
account's flood leaves room for the others (promise P4)."""
NEGOTIATION = 30.0  # seconds for what follows, from TLS to the session
_SECURITY = (EncryptionMissing, EncryptionFailed)
_UNREACHED = (ServerNotFound, ServerRefused, ServerSilent)
_NEXT_TARGET = (*_UNREACHED, WebSocketFailed, *_SECURITY)

T = TypeVar("T")
Discover = Callable[[str], Coroutine[Any, Any, list[str]]]


async def reach(
    place: Account,
    lookup: Lookup,
    reactor: Any,
    attempt: Callable[[Target], Coroutine[Any, Any, T]],
    discover: Discover | None = None,
    preferred: Target | None = None,
) -> T:
    """Try where the server itself would have us come back (``preferred``), then what DNS says; or the one place that
    was set. Where nothing of it can be reached, perhaps because this
    network lets only the web through: the WebSockets that the domain's web server names (XEP-0156), or ``discover``.
    Errors: as :func:`first_of`; InvalidArgument where a WebSocket's address was set that is none."""
    domain = place.jid.domain
    if place.websocket:
        return await first_of([web_target(place.websocket, place.require_tls)], domain, attempt)
    targets = await targets_of(domain, place.host, place.port, place.direct_tls, lookup)
    if preferred is not None and not (place.host or place.port):
        targets = [preferred, *(each for each in targets if each != preferred)]
    try:
        return await first_of(targets, domain, attempt)
    except _UNREACHED as problem:
        if place.host or place.port or is_literal(domain) or domain == "localhost":
            raise
        urls = await (discover(domain) if discover else _discover(domain, reactor))
        try:
            return await first_of([web_target(url) for url in urls], domain, attempt)
        except (*_UNREACHED, WebSocketFailed, InvalidArgument):
            raise problem from None


def _discover(domain: str, reactor: Any) -> Coroutine[Any, Any, list[str]]:
    from sat.xmpp.discovery import discover  # with Twisted's web client

    return discover(domain, reactor)


def new_stream(target: Target, place: Account, reactor: Any, log: Any) -> Stream:
    """A stream to an account's server such as the target needs."""
    domain = place.jid.domain
    if not target.url:
        return Stream(domain, reactor, log, place.pin)
    from sat.xmpp.framed import FramedStream

    return FramedStream(domain, reactor, log)


async def first_of(targets: list[Target], domain: str, attempt: Callable[[Target], Coroutine[Any, Any, T]]) -> T:
    """Try one target after the other until one can be used. Errors: where none can, the first that has to do with
    security (somebody may be in between), else the first; any other ends the attempts."""
    problem: SatError | None = None
    for target in targets:
        try:
            return await attempt(target)
        except _NEXT_TARGET as error:
            if problem is None or (isinstance(error, _SECURITY) and not isinstance(problem, _SECURITY)):
                problem = error
    raise problem or ServerNotFound(server=domain)


@asynccontextmanager
async def connected(stream: Stream, target: Target, reactor: Any) -> AsyncIterator[None]:
    """Connect the stream, then negotiate in the block; with direct TLS, the certificate is checked when it begins.
    Whoever needs more than NEGOTIATION seconds is left.
    Errors: ServerNotFound, ServerRefused, ServerSilent, WebSocketFailed, those of TLS."""
    try:
        there = endpoint(reactor, target)
        if target.url:
            from sat.xmpp.websocket import dial

            socket = await dial(stream, target, reactor, there)
        else:
            await there.connect(Factory.forProtocol(lambda: stream))
    except (CancelledError, error.ConnectingCancelledError):
        raise CancelledError from None
    except Exception as failure:
        raise unreachable(target, failure, stream.domain) from failure
    stream.transport.bufferSize = READ
    stream.transport.setTcpNoDelay(True)
    stream.transport.setTcpKeepAlive(True)
    silent = ServerSilent(server=stream.domain, port=target.port, seconds=f"{NEGOTIATION:g}")
    late = reactor.callLater(NEGOTIATION, stream.abort, silent)
    try:
        if target.url:
            await socket.opened
        elif target.direct:
            await stream.start_tls(alpn=True)
        yield
    finally:
        if late.active():
            late.cancel()


def endpoint(reactor: Any, target: Target) -> Any:
    """How to connect to a target. A name is tried over IPv6 and IPv4 at nearly the same time (RFC 8305)."""
    from twisted.internet.abstract import isIPAddress, isIPv6Address

    host = target.host.strip("[]")
    if isIPAddress(host):
        return TCP4ClientEndpoint(reactor, host, target.port, CONNECT_TIMEOUT)
    if isIPv6Address(host):
        return TCP6ClientEndpoint(reactor, host, target.port, CONNECT_TIMEOUT)
    return HostnameEndpoint(reactor, host, target.port, CONNECT_TIMEOUT)


def unreachable(target: Target, failure: Exception, domain: str) -> SatError:
    """Why a connection could not be made, for people."""
    if isinstance(failure, SatError):
        return failure
    server = domain if target.host in (domain, ascii_name(domain)) else target.host
    if isinstance(failure, (error.TimeoutError, error.TCPTimedOutError)):
        return ServerSilent(server=server, port=target.port, seconds=CONNECT_TIMEOUT)
    if isinstance(failure, (error.DNSLookupError, error.UnknownHostError)):
        return ServerNotFound(server=server)
    return ServerRefused(server=server, port=target.port)

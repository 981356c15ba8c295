"""HTTP with servers that others name: to fetch from them (XEP-0066) and to put something there (XEP-0363).

Who names a server could have us ask one that only we can reach. So every connection, also after a redirect, resolves
the name itself, looks at the addresses, and connects to one of those that it has looked at: the name cannot mean
another one a moment later. Imported when it is used.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import suppress
from ipaddress import ip_address
from typing import Any
from urllib.parse import urljoin, urlsplit

from twisted.internet import error as network
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.endpoints import TCP4ClientEndpoint, TCP6ClientEndpoint, wrapClientTLS
from twisted.internet.interfaces import IStreamClientEndpoint
from twisted.web.client import Agent
from twisted.web.http_headers import Headers
from twisted.web.iweb import IAgentEndpointFactory
from zope.interface import implementer

from sat.api.errors import LocalAddress, SatError, WebError, WebRefused, WebSilent
from sat.xmpp import tls
from sat.xmpp.bodies import Body, Box, Sent, Sink, Source
from sat.xmpp.hosts import Address, addresses_of, is_public

CONNECT_WITHIN = 15.0  # seconds
STALLED = 60.0  # seconds in which not one byte moves
REDIRECTS = 5
LONGEST_URL = 2000
ALLOWED_HEADERS = ("authorization", "cookie", "expires")  # XEP-0363 §4
SAID = 300  # characters of what a server says to a refusal
_MOVED = (301, 302, 303, 307, 308)

Moved = Callable[[int, int], None]


def _ignored(count: int, size: int) -> None:
    """Nobody wants to know how far it has come."""


def checked_url(url: str) -> str:
    """A URL as it may be used: http or https, with a host, without a password. Errors: ValueError."""
    parts = urlsplit(url)
    parts.port  # noqa: B018 - it raises ValueError
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("it is no web address")
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url or len(url) > LONGEST_URL:
        raise ValueError("it is no valid web address")
    if "@" in parts.netloc:
        raise ValueError("it holds a name or password")
    return url


class Web:
    """HTTP on a reactor. ``local`` says whether addresses of the local network may be connected to."""

    def __init__(self, reactor: Any, local: bool) -> None:
        self._reactor, self._local = reactor, local

    async def get(
        self, url: str, sink: Sink, limit: int, too_large: Callable[[int], SatError], moved: Moved = _ignored
    ) -> None:
        """Fetch into a sink, at most ``limit`` bytes; more of them raise what ``too_large`` makes of their number (0
        where that is not known). ``moved`` is told how many have come, and of how many. Errors: WebError and its
        kinds."""
        _require(url)
        for _ in range(REDIRECTS + 1):
            connection = _Connection(self._reactor, _host(url), self._is_fine)
            try:
                response = await self._request(b"GET", url, connection, Headers())
                if response.code == 200:
                    await self._take(response, connection, sink, limit, too_large, moved)
                    return
                target = response.headers.getRawHeaders("location", [""])[0]
                if response.code not in _MOVED or not target:
                    raise WebRefused(host=_host(url), reason=await self._reason(response, connection))
            finally:
                connection.abort()
            url = self._redirected(url, target)
        raise WebError(host=_host(url), reason="it sends us from one place to the next")

    async def _take(
        self,
        response: Any,
        connection: _Connection,
        sink: Sink,
        limit: int,
        too_large: Callable[[int], SatError],
        moved: Moved,
    ) -> None:
        announced = response.length if isinstance(response.length, int) else 0
        if announced > limit:
            raise too_large(announced)
        body = Body(
            sink, limit, lambda: too_large(0), connection.host, lambda count: moved(count, announced), connection.abort
        )
        response.deliverBody(body)
        await self._unless_stalled(body.done, connection.host, lambda: body.received)

    async def put(
        self,
        url: str,
        headers: Sequence[tuple[str, str]],
        pieces: AsyncGenerator[bytes, None],
        length: int,
        kind: str,
        sent: Sent,
    ) -> None:
        """Put a file of that length there, which comes in pieces (XEP-0363 §7): the next one is asked for when the
        connection has room. ``sent`` is told how many bytes have gone. Over HTTPS, or to this machine where that is
        allowed. Errors: WebError and its kinds; OSError of the pieces."""
        _require(url)
        fields = Headers({"Content-Type": [kind]})
        for name, value in headers:
            name, value = _one_line(name), _one_line(value)
            if name.lower() in ALLOWED_HEADERS:
                fields.addRawHeader(name, value)
        source = Source(pieces, length, sent)
        encrypted = urlsplit(url).scheme == "https"

        def may(address: Address) -> bool:
            return encrypted or (self._local and address.is_loopback)

        connection = _Connection(self._reactor, _host(url), may)
        asked = self._request(b"PUT", url, connection, fields, source)
        try:
            response = await self._unless_stalled(Deferred.fromCoroutine(asked), _host(url), lambda: source.count)
            if not 200 <= response.code < 300:
                raise WebRefused(host=_host(url), reason=await self._reason(response, connection))
        except WebError as error:
            raise source.error or error from None
        finally:
            connection.abort()

    def _is_fine(self, address: Address) -> bool:
        return self._local or is_public(address)

    def _redirected(self, url: str, target: str) -> str:
        """Where a redirect leads. Errors: WebError."""
        try:
            new = checked_url(urljoin(url, target))
        except ValueError as error:
            raise WebError(host=_host(url), reason=f"it sends us elsewhere, but {error}") from None
        if urlsplit(url).scheme == "https" and urlsplit(new).scheme != "https":
            raise WebError(host=_host(url), reason="it sends us to where nothing is encrypted")
        return new

    async def _request(
        self, method: bytes, url: str, connection: _Connection, headers: Headers, body: Any = None
    ) -> Any:
        headers.addRawHeader("User-Agent", "Salut-a-Toi")
        try:
            agent = Agent.usingEndpointFactory(self._reactor, connection)
            return await agent.request(method, url.encode("ascii"), headers, body)
        except Exception as error:
            raise connection.failed(error) from None

    async def _unless_stalled(self, work: Deferred[Any], host: str, moved: Callable[[], int]) -> Any:
        """The result of a work, given up when nothing moves any more."""
        late: list[bool] = []
        seen = [moved()]

        def look() -> None:
            if moved() == seen[0]:
                late.append(True)
                work.cancel()
            else:
                seen[0] = moved()
                timers[0] = self._reactor.callLater(STALLED, look)

        timers = [self._reactor.callLater(STALLED, look)]
        try:
            return await work
        except CancelledError:
            if late:
                raise WebSilent(host=host, seconds=f"{STALLED:g}") from None
            raise
        finally:
            if timers[0].active():
                timers[0].cancel()

    async def _reason(self, response: Any, connection: _Connection) -> str:
        """Why a server refuses, by its number and what it says in plain text."""
        box = Box()
        body = Body(
            box, 4096, lambda: WebError(host=connection.host), connection.host, lambda _: None, connection.abort
        )
        response.deliverBody(body)
        kind = response.headers.getRawHeaders("content-type", [""])[0]
        with suppress(SatError):  # what has come so far tells enough
            await self._unless_stalled(body.done, connection.host, lambda: body.received)
        said = " ".join(bytes(box).decode("utf-8", "replace").split())[:SAID] if "text/plain" in kind else ""
        phrase = response.phrase.decode("latin-1")[:SAID]
        return f"{response.code} {said or phrase}".strip()


@implementer(IAgentEndpointFactory)
class _Connection:
    """That of one request: how it is made, why that failed, and its end."""

    def __init__(self, reactor: Any, host: str, may: Callable[[Address], bool]) -> None:
        self.host = host
        self._reactor, self._may = reactor, may
        self._creator: tls.Creator | None = None
        self._endpoint: _Checked | None = None

    def abort(self) -> None:
        """Hang up, whatever is still to come."""
        if self._endpoint is not None and self._endpoint.transport is not None:
            self._endpoint.transport.abortConnection()

    def endpointForURI(self, uri: Any) -> Any:
        endpoint = self._endpoint = _Checked(self._reactor, self.host.strip("[]"), uri.port, self._may)
        if uri.scheme != b"https":
            return endpoint
        self._creator = creator = tls.Creator(self.host)
        secure: Any = wrapClientTLS  # who implements an interface of zope is not known to mypy
        return secure(creator, endpoint)

    def failed(self, error: Exception) -> Exception:
        """The error that a person can be told; of what was given up, that it was."""
        reasons = [each.value for each in getattr(error, "reasons", ())] or [error]
        first: Exception = reasons[0]
        if isinstance(first, (SatError, CancelledError)):
            return first
        if self._creator is not None and (refused := self._creator.verdict.error):
            return WebError(host=self.host, reason=str(refused).rstrip("."))  # its advice is about XMPP servers
        if isinstance(first, network.ConnectionRefusedError):
            return WebError(host=self.host, reason="it does not accept connections")
        if isinstance(first, (network.TimeoutError, network.TCPTimedOutError)):
            return WebSilent(host=self.host, seconds=f"{CONNECT_WITHIN:g}")
        return WebError(host=self.host, reason=" ".join(str(first).split())[:SAID] or "the connection broke off")


@implementer(IStreamClientEndpoint)
class _Checked:
    """Connects to those addresses of a host that may be connected to."""

    def __init__(self, reactor: Any, host: str, port: int, may: Callable[[Address], bool]) -> None:
        self.transport: Any = None
        self._reactor, self._host, self._port, self._may = reactor, host, port, may

    def connect(self, factory: Any) -> Deferred[Any]:
        return Deferred.fromCoroutine(self._connect(factory))

    async def _connect(self, factory: Any) -> Any:
        found = [ip_address(each.partition("%")[0]) for each in await addresses_of(self._reactor, self._host)]
        if not found:
            raise WebError(host=self._host, reason="there is no such server")
        allowed = [each for each in found if self._may(each)]
        if not allowed:
            raise LocalAddress(host=self._host)
        for number, address in enumerate(allowed, 1):
            kind = TCP4ClientEndpoint if address.version == 4 else TCP6ClientEndpoint
            try:
                endpoint = kind(self._reactor, str(address), self._port, timeout=CONNECT_WITHIN)
                made = await endpoint.connect(factory)
            except network.ConnectError:
                if number == len(allowed):
                    raise
            else:
                self.transport = made.transport
                return made
        return None


def _require(url: str) -> None:
    try:
        checked_url(url)
    except ValueError as error:
        raise WebError(host=_host(url), reason=str(error)) from None


def _host(url: str) -> str:
    """The host of a URL; in brackets where it is an address of IPv6."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return "The server"
    return f"[{host}]" if ":" in host else host


def _one_line(text: str) -> str:
    return "".join(text.splitlines()).replace("\0", "").strip()

"""A stream without an account: for creating one (XEP-0077)."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sat.api import JID
from sat.api.errors import ConnectionLost, SatError, ServerNotFound, ServerSilent
from sat.xmpp.connect import connect
from sat.xmpp.link import NEGOTIATION, NEXT_TARGET
from sat.xmpp.login import encrypt
from sat.xmpp.requests import Requests
from sat.xmpp.resolve import Dns, Lookup, targets_of
from sat.xmpp.stream import Stream
from sat.xmpp.xml import NS_CLIENT, Element


class OpenStream:
    """An encrypted stream on which nobody has logged in. Only questions to the server make sense."""

    def __init__(self, stream: Stream, features: Element) -> None:
        self.features = features
        self._stream = stream
        self._requests = Requests(stream.reactor, JID(stream.domain))
        stream.on_lost = self._requests.fail
        stream.read(self._received)

    async def ask(self, iq: Element, timeout: float = 30.0) -> Element:
        """Send a question and wait for its answer. Errors: PeerError, RequestTimeout, those of connecting."""
        if self._stream.lost:
            raise self._stream.lost
        answer = self._requests.add(iq, timeout)
        self._stream.send(iq)
        return await answer

    def _received(self, element: Element) -> None:
        if element.uri == NS_CLIENT and element.name == "iq":
            self._requests.answered(element)


@asynccontextmanager
async def open_stream(
    domain: str,
    host: str,
    port: int,
    reactor: Any,
    log: logging.LoggerAdapter[Any] | logging.Logger | None = None,
    lookup: Lookup | None = None,
) -> AsyncIterator[OpenStream]:
    """An encrypted stream to a server, closed at the end. An empty host and port 0: ask DNS.
    Errors: those of connecting and of TLS."""
    problem: SatError | None = None
    for target in await targets_of(domain, host, port, False, lookup or Dns(reactor)):
        stream = Stream(domain, reactor, log or logging.getLogger(__name__))
        late = None
        try:
            await connect(stream, target, reactor)
            error = ServerSilent(server=domain, port=target.port, seconds=f"{NEGOTIATION:g}")
            late = reactor.callLater(NEGOTIATION, stream.abort, error)
            features = await encrypt(stream, require=True)
        except NEXT_TARGET as failure:
            problem = problem or failure
            stream.abort(ConnectionLost(server=domain))
            continue
        except BaseException:
            stream.abort(ConnectionLost(server=domain))
            raise
        finally:
            if late and late.active():
                late.cancel()
        try:
            yield OpenStream(stream, features)
        finally:
            await stream.close()
        return
    raise problem or ServerNotFound(server=domain)

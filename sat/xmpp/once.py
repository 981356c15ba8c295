"""A stream without an account: for creating one (XEP-0077)."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from twisted.internet.defer import Deferred

from sat.api import JID
from sat.api.errors import ConnectionLost
from sat.xmpp.connect import connected, first_of
from sat.xmpp.login import encrypt
from sat.xmpp.requests import Requests
from sat.xmpp.resolve import Dns, Lookup, Target, targets_of
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

    def close(self) -> Deferred[None]:
        """End it; fires when the connection is gone."""
        return self._stream.close()

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

    async def attempt(target: Target) -> OpenStream:
        stream = Stream(domain, reactor, log or logging.getLogger(__name__))
        try:
            async with connected(stream, target, reactor):
                return OpenStream(stream, await encrypt(stream, require=True))
        except BaseException:  # a cancellation, too
            stream.abort(ConnectionLost(server=domain))
            raise

    targets = await targets_of(domain, host, port, False, lookup or Dns(reactor))
    made = await first_of(targets, domain, attempt)
    try:
        yield made
    finally:
        await made.close()

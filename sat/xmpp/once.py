"""A stream for one purpose, without a session: creating an account (XEP-0077), or trying a password."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from twisted.internet.defer import Deferred

from sat.api import JID
from sat.api.errors import ConnectionLost
from sat.api.profile import Account
from sat.xmpp.connect import connected, new_stream, reach
from sat.xmpp.login import SecurityMemory, encrypt, log_in, revoke
from sat.xmpp.requests import Requests
from sat.xmpp.resolve import Dns, Lookup, Target
from sat.xmpp.stream import Stream
from sat.xmpp.xml import NS_CLIENT, Element

Log = logging.LoggerAdapter[Any] | logging.Logger
T = TypeVar("T")


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
    place: Account, reactor: Any, log: Log | None = None, lookup: Lookup | None = None
) -> AsyncIterator[OpenStream]:
    """An encrypted stream to a server, closed at the end. Of the account there need be no more than the server.
    Errors: those of connecting and of TLS."""
    async with _begun(place, reactor, log, lookup, lambda stream: encrypt(stream, require=True)) as (stream, features):
        yield OpenStream(stream, features)


async def try_password(
    account: Account,
    password: str,
    reactor: Any,
    memory: SecurityMemory,
    log: Log | None = None,
    lookup: Lookup | None = None,
) -> None:
    """Whether the server accepts a password. There is no session, so those of the account notice nothing.
    Errors: those of connecting, of TLS and of logging in (AuthFailed: it does not)."""

    async def begin(stream: Stream) -> object:
        return await log_in(stream, account, lambda: password, memory)

    async with _begun(account, reactor, log, lookup, begin):
        pass


async def revoke_token(
    account: Account, client: str, token: str, reactor: Any, log: Log | None = None, lookup: Lookup | None = None
) -> bool:
    """Have the server forget a token that was kept for this ``client`` (XEP-0484 §3.6); whether it has. There is no
    session. Errors: those of connecting, of TLS and of logging in (AuthFailed: it knows it no longer)."""

    async def begin(stream: Stream) -> bool:
        return await revoke(stream, account, client, token)

    async with _begun(account, reactor, log, lookup, begin) as (_, done):
        return done


@asynccontextmanager
async def _begun(
    place: Account, reactor: Any, log: Log | None, lookup: Lookup | None, begin: Callable[[Stream], Awaitable[T]]
) -> AsyncIterator[tuple[Stream, T]]:
    """A stream to the first server of a domain that can be reached, and what ``begin`` made of it."""
    domain = place.jid.domain

    async def attempt(target: Target) -> tuple[Stream, T]:
        stream = new_stream(target, place, reactor, log or logging.getLogger(__name__))
        try:
            async with connected(stream, target, reactor):
                return stream, await begin(stream)
        except BaseException:  # a cancellation, too
            stream.abort(ConnectionLost(server=domain))
            raise

    stream, begun = await reach(place, lookup or Dns(reactor), reactor, attempt)
    try:
        yield stream, begun
    finally:
        await stream.close()

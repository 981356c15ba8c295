"""Trying the places that a peer has named, the best first, some at once (XEP-0260 §2.4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.endpoints import TCP4ClientEndpoint, TCP6ClientEndpoint
from twisted.internet.error import ConnectingCancelledError
from twisted.internet.protocol import Factory
from twisted.python.failure import Failure

from sat.api.errors import NoWayToPeer
from sat.core.tasks import in_time
from sat.plugins.socks5.connection import Client
from sat.xmpp.bytestreams import PROXY, Candidate
from sat.xmpp.hosts import addresses_of

APART = 0.25  # seconds from one to the next, as long as none answers
BEHIND = 1.0  # seconds that proxies wait behind what is direct
WITHIN = 8.0  # seconds for one: the name, the connection and the handshake
ADDRESSES = 3  # of a name that are tried

May = Callable[[str, int], bool]


async def connect(reactor: Any, place: Candidate, destination: str, may: May) -> Client:
    """A connection to one place, with the handshake done. Errors: NoWayToPeer and those of the network."""
    addresses = [each for each in await addresses_of(reactor, place.host) if may(each, place.port)][:ADDRESSES]
    error: Exception = NoWayToPeer(peer=place.jid, reason="the address that it names is not one to connect to")
    for address in addresses:
        kind = TCP6ClientEndpoint if ":" in address else TCP4ClientEndpoint
        client = Client(destination)
        try:
            endpoint = kind(reactor, address, place.port, timeout=WITHIN / 2)
            await endpoint.connect(Factory.forProtocol(lambda c=client: c))  # type: ignore[misc,arg-type]
            return await client.ready
        except (CancelledError, ConnectingCancelledError):  # it is not wanted any more
            client.give_up()
            raise
        except Exception as failure:
            client.give_up()
            error = failure
    raise error


class Search:
    """The search among a peer's places. ``found`` fires with the first connection and its place; it fails with
    NoWayToPeer when none is left."""

    def __init__(self, reactor: Any, destination: str, may: May) -> None:
        self.found: Deferred[tuple[Client, Candidate]] = Deferred(lambda _: self.stop())
        self._reactor, self._destination, self._may = reactor, destination, may
        self._waiting: list[Candidate] = []
        self._trying: dict[Candidate, Deferred[Any]] = {}
        self._timer: Any = None
        self._over = self._complete = False

    def add(self, places: Iterable[Candidate]) -> None:
        """These, too; the one with the highest priority first."""
        if not self._over:
            self._waiting = sorted([*self._waiting, *places], key=lambda each: -each.priority)

    def start(self) -> None:
        """Begin; when all have failed it is over."""
        self._complete = True
        self._next()

    def better_than(self, priority: int) -> None:
        """Try those only that have a higher priority."""
        self._waiting = [each for each in self._waiting if each.priority > priority]
        for place in [each for each in self._trying if each.priority <= priority]:
            self._trying.pop(place).cancel()
        self._look()

    def stop(self) -> None:
        """Try no more."""
        self._over = True
        self._waiting.clear()
        self._cancel_timer()
        trying, self._trying = self._trying, {}
        for each in trying.values():
            each.cancel()

    def _next(self) -> None:
        self._cancel_timer()
        if self._over:
            return
        if self._waiting:
            place = self._waiting.pop(0)
            work = self._trying[place] = in_time(
                connect(self._reactor, place, self._destination, self._may), WITHIN, self._reactor
            )
            work.addCallbacks(partial(self._connected, place), partial(self._failed, place))
        if self._waiting and not self._over:
            apart = BEHIND if self._waiting[0].type == PROXY and place.type != PROXY else APART
            self._timer = self._reactor.callLater(apart, self._next)
        self._look()

    def _connected(self, place: Candidate, client: Client) -> None:
        self._trying.pop(place, None)
        if self._over:
            client.give_up()
            return
        self.stop()
        self.found.callback((client, place))

    def _failed(self, place: Candidate, failure: Failure) -> None:
        if self._trying.pop(place, None) is not None and not self._over:
            self._next()

    def _look(self) -> None:
        if self._complete and not self._over and not self._waiting and not self._trying:
            self.stop()
            self.found.errback(NoWayToPeer(peer="", reason="no connection from one program to the other was possible"))

    def _cancel_timer(self) -> None:
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        self._timer = None


def unlike(theirs: Sequence[Candidate], ours: Sequence[Candidate]) -> list[Candidate]:
    """Those of a peer's places that are none of ours (XEP-0260 §2.3)."""
    own = {(each.host, each.port) for each in ours}
    return [each for each in theirs if (each.host, each.port) not in own]

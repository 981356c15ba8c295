"""Two profiles in memory, joined: what one sends the other hears, in stanzas and over a network of their own."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred
from twisted.internet.error import (
    CannotListenError,
    ConnectionDone,
    ConnectionLost,
    ConnectionRefusedError,
    TimeoutError,
)
from twisted.internet.task import Clock
from twisted.python.failure import Failure

from sat.api import JID
from sat.api.errors import NotConnected
from sat.api.profile import Account, Connection, ConnectionState
from sat.core.settings import Registry, Settings
from sat.plugins.jingle.plugin import Jingle
from sat.plugins.roster.api import Contact, Subscription
from sat.plugins.roster.plugin import Roster
from sat.storage.storage import Storage
from sat.xmpp.inline import Told
from sat.xmpp.requests import Requests
from sat.xmpp.stanzas import stanza_of
from sat.xmpp.xml import to_text
from support.new_database import with_database
from support.romeo import Profile, now, parse

ROMEO, JULIET = JID("romeo@montague.lit/garden"), JID("juliet@capulet.lit/balcony")


class Net(Clock):
    """A clock with a network of one machine: what is written arrives in the next turn."""

    def __init__(self) -> None:
        super().__init__()
        self.ports: dict[int, Any] = {}
        self.closed: set[str] = set()  # addresses that do not answer
        self.names: dict[str, list[str]] = {}
        self.tried: list[tuple[str, int]] = []
        self.left = math.inf
        self.pipes: list[Pipe] = []
        self.nameResolver = self
        self._next = 40_000

    def carry(self, size: float = math.inf) -> None:
        """Connections carry so many bytes more; then nothing arrives any more, and nobody is told."""
        self.left = size
        for each in self.pipes:
            self.callLater(0, each.flow)

    def resolveHostName(self, receiver: Any, host: str, *_: Any) -> None:
        receiver.resolutionBegan(None)
        for address in self.names.get(host, [host]):
            receiver.addressResolved(IPv4Address("TCP", address, 0))
        receiver.resolutionComplete()

    def listenTCP(self, port: int, factory: Any, interface: str = "", backlog: int = 0) -> Port:
        number = port or self._next
        if number in self.ports:
            raise CannotListenError(interface, port, OSError("in use"))
        self._next += 1
        return Port(self, number, factory)

    def connectTCP(self, host: str, port: int, factory: Any, timeout: float = 30, bindAddress: Any = None) -> Any:
        self.tried.append((host, port))
        if host in self.closed:
            call = self.callLater(timeout, factory.clientConnectionFailed, None, Failure(TimeoutError()))
        else:
            call = self.callLater(0, self._connect, host, port, factory)
        made = Attempt(call)
        factory.startedConnecting(made)
        return made

    def _connect(self, host: str, port: int, factory: Any) -> None:
        there = self.ports.get(port)
        server = there.factory.buildProtocol(None) if there is not None else None
        if server is None:
            factory.clientConnectionFailed(None, Failure(ConnectionRefusedError()))
            return
        client = factory.buildProtocol(IPv4Address("TCP", host, port))
        ours, theirs = Pipe(self, host, port), Pipe(self, host, port)
        ours.begin(client, theirs)
        theirs.begin(server, ours)
        client.makeConnection(ours)
        server.makeConnection(theirs)


class Attempt:
    """A connection that is being made."""

    def __init__(self, call: Any) -> None:
        self._call = call

    def getDestination(self) -> Any:
        return None

    def stopConnecting(self) -> None:
        if self._call.active():
            self._call.cancel()


class Port:
    """A listening port."""

    def __init__(self, net: Net, number: int, factory: Any) -> None:
        self._net, self._number, self.factory = net, number, factory
        net.ports[number] = self

    def getHost(self) -> Any:
        return IPv4Address("TCP", "0.0.0.0", self._number)

    def stopListening(self) -> None:
        del self._net.ports[self._number]


class Pipe:
    """One end of a connection, as Twisted's transports are."""

    FULL = 64 * 1024

    def __init__(self, net: Net, host: str, port: int) -> None:
        self._net, self._host = net, IPv4Address("TCP", host, port)
        net.pipes.append(self)
        self.reactor = net
        self._waiting: deque[bytes] = deque()  # for our protocol
        self._producer: Any = None
        self._queued = self._paused = self._leaving = self.gone = False

    def begin(self, protocol: Any, other: Pipe) -> None:
        self.protocol, self.other = protocol, other

    def getHost(self) -> Any:
        return self._host

    def setTcpNoDelay(self, on: bool) -> None: ...
    def setTcpKeepAlive(self, on: bool) -> None: ...

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        assert not streaming
        self._producer = producer
        producer.resumeProducing()

    def unregisterProducer(self) -> None:
        self._producer = None

    def write(self, data: bytes) -> None:
        if self.gone or self._leaving:
            return
        self.other._waiting.append(bytes(data))
        self._net.callLater(0, self.other.flow)
        self._queued = True

    def getHandle(self) -> Any:
        return self

    def send(self, data: bytes) -> int:
        """As a socket's: it takes some."""
        room = self.FULL - sum(map(len, self.other._waiting))
        if self.gone or room <= 0:
            raise BlockingIOError
        assert not self._queued, "bytes would go past those that wait"
        self.other._waiting.append(bytes(data[:room]))
        self._net.callLater(0, self.other.flow)
        return min(room, len(data))

    def flow(self) -> None:
        """Give the protocol what has come."""
        net = self._net
        while self._waiting and not self._paused and not self.gone and net.left > 0:
            net.left -= len(self._waiting[0])
            self.protocol.dataReceived(self._waiting.popleft())
        other = self.other
        if net.left <= 0:
            if other._leaving and not other._queued:  # its system has all, and says so
                other.lose(Failure(ConnectionDone()))
            return
        if self.gone or self._waiting:
            return
        if other._queued:
            other._queued = False
            if other._producer is not None:
                other._producer.resumeProducing()
        if other._leaving:
            other.lose(Failure(ConnectionDone()))

    def pauseProducing(self) -> None:
        self._paused = True

    def resumeProducing(self) -> None:
        self._paused = False
        self._net.callLater(0, self.flow)

    def loseConnection(self) -> None:
        assert self._producer is None, "Twisted would wait for it"
        self._leaving = True
        self._net.callLater(0, self.other.flow)

    def abortConnection(self) -> None:
        self.lose(Failure(ConnectionLost()))

    def lose(self, reason: Failure) -> None:
        """The end, for both sides."""
        for each in (self,) if self._net.left <= 0 else (self, self.other):
            if not each.gone:
                each.gone = True
                self._net.callLater(0, each.protocol.connectionLost, reason)


class JoinedWire:
    """A link that leads to the other profile."""

    resumable = False

    def __init__(self, owner: Profile, net: Net) -> None:
        self.owner, self._net = owner, net
        self.other: JoinedWire
        self.up = True
        self.slow: dict[str, float] = {}  # what holds this arrives so many seconds later
        self.said: list[str] = []  # everything that was sent
        self.requests = Requests(net, owner.jid)
        self.lose: list[str] = []  # what holds one of these does not arrive, once each

    def send(self, element: Any, token: Any = None) -> bool:
        if not self.up:
            return False
        element.attributes["from"] = self.owner.jid
        text = to_text(element)
        self.said.append(text)
        for each in self.lose:
            if each in text:
                self.lose.remove(each)
                return True
        self._net.callLater(sum(late for words, late in self.slow.items() if words in text), self.other.hear, text)
        return True

    def indicate(self, element: Any) -> None: ...

    async def ask(self, iq: Any, timeout: float = 30.0) -> Any:
        answer = self.requests.add(iq, timeout)
        peer = str(iq.attributes.get("to") or "")
        if peer == self.other.owner.jid:
            if not self.send(iq):
                answer.addErrback(lambda _: None)
                answer.cancel()
                raise NotConnected(profile="x")
        else:  # the server, which knows nothing
            error = f"<iq type='error' id='{iq.attributes['id']}'><error type='cancel'><item-not-found"
            error += " xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq>"
            self._net.callLater(0, self.requests.answered, parse(error))
        return await answer

    def hear(self, text: str) -> None:
        element = parse(text)
        if element.name == "iq" and element.attributes.get("type") in ("result", "error"):
            self.requests.answered(element)
        else:
            self.owner.link_stanza(element)

    def inject(self, xml: str) -> None:
        """Have the owner hear something that the other did not say."""
        element = parse(xml)
        assert stanza_of(element) is not None
        self.owner.link_stanza(element)


class Pair:
    """romeo and juliet, who see each other's presence. ``closed`` things are told to the ``net``."""

    def __init__(self, net: Net, romeo: Profile, juliet: Profile) -> None:
        self.net, self.romeo, self.juliet = net, romeo, juliet

    def turn(self, times: int = 60) -> None:
        """Let what is under way arrive."""
        for _ in range(times):
            self.net.advance(0)

    def wait(self, work: Any, seconds: float = 0) -> Any:
        """The result of something that needs some turns, or some time."""
        done = work if isinstance(work, Deferred) else Deferred.fromCoroutine(work)
        step = 0.0
        while not done.called:
            self.turn(20)
            if not done.called:
                assert step < seconds or not step, "it still waits"
                step += 0.25
                self.net.advance(0.25)
        return now(done)

    def start(self, work: Any) -> Deferred[Any]:
        """Begin something whose end is looked at later."""
        done = Deferred.fromCoroutine(work)
        done.addErrback(lambda failure: failure)
        self.turn()
        return done


@contextmanager
def joined(folder: Path) -> Iterator[Pair]:
    """Both, with Jingle, in the end of which nothing may be left."""
    net = Net()
    net.advance(1_750_000_000)
    with ExitStack() as exits:
        romeo = exits.enter_context(_opened(net, folder / "romeo", ROMEO))
        juliet = exits.enter_context(_opened(net, folder / "juliet", JULIET))
        one, other = JoinedWire(romeo, net), JoinedWire(juliet, net)
        one.other, other.other = other, one
        for profile, wire, peer in ((romeo, one, JULIET), (juliet, other, ROMEO)):
            profile.wire = profile.link = wire  # type: ignore[assignment]
            profile.plug(Jingle)
            profile.plugin(Roster).contacts[peer.bare] = Contact(peer.bare, "", Subscription.BOTH, [])
            profile.online = profile._lasts = True
        yield Pair(net, romeo, juliet)


@contextmanager
def _opened(net: Net, folder: Path, jid: JID) -> Iterator[Profile]:
    folder.mkdir()
    storage = now(Storage.open(with_database(folder), None, clock=net.seconds))
    now(storage.profiles.create("x", Account(jid.bare), "secret", ""))
    registry = Registry()
    settings = Settings(registry, {}, storage.store("x", "settings"))
    now(settings.load())
    profile = Profile("x", Account(jid.bare), storage, settings, now(storage.profiles.open("x")), net, net.seconds)
    profile.registry, profile.jid = registry, jid
    yield profile
    profile.stop()
    net.advance(0)
    assert not profile.features, "a plugin left a feature behind"
    now(storage.close())


def connection(profile: Profile, resumed: bool) -> None:
    """The session with the server goes on, or another one has begun."""
    profile.link_changed(Connection(ConnectionState.ONLINE, jid=profile.jid))
    profile.link_online(profile.jid, resumed, Told())

"""romeo: a profile whose link is a list, with a clock that the test moves and a database in its own folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from sat.api import JID
from sat.api.errors import PeerError
from sat.api.profile import Account, Connection, ConnectionState
from sat.core.loader import Loader
from sat.core.plugin import Plugin
from sat.core.session import Session
from sat.core.settings import Registry, Settings
from sat.storage.storage import Storage
from sat.xmpp.inline import Told
from sat.xmpp.stanzas import stanza_of
from sat.xmpp.xml import StreamParser, to_text
from support.new_database import with_database

OWN = JID("romeo@montague.lit")
FULL = JID("romeo@montague.lit/garden")


def parse(xml: str) -> Any:
    """The element of a text, as the stream gives it."""
    found: list[Any] = []
    parser = StreamParser(lambda header: None, found.append, lambda: None)
    parser.feed(b"<s xmlns='jabber:client'>" + xml.encode())
    (element,) = found
    stanza_of(element)  # normalises the addresses, as the stream does
    return element


class Wire:
    """What the session believes to be its link."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.tokens: list[Any] = []
        self.indicated: list[str] = []  # what is no stanza
        self.up = True
        self.resumable = False
        self._asked: list[tuple[Any, Deferred[Any]]] = []

    def send(self, element: Any, token: Any = None) -> bool:
        if self.up:
            self.sent.append(to_text(element))
            self.tokens.append(token)
        return self.up

    def indicate(self, element: Any) -> None:
        self.indicated.append(element.name)

    async def ask(self, iq: Any, timeout: float = 30.0) -> Any:
        answer: Deferred[Any] = Deferred()
        self._asked.append((iq, answer))
        return await answer

    @property
    def asked(self) -> list[str]:
        """The requests that have no answer yet."""
        return [to_text(iq) for iq, _ in self._asked]

    def answer(self, holds: str, payload: str = "") -> None:
        """Answer the first open request whose text holds this."""
        for index, (iq, answer) in enumerate(self._asked):
            if holds in to_text(iq):
                del self._asked[index]
                answer.callback(parse(f"<iq xmlns='jabber:client' type='result' id='x'>{payload}</iq>"))
                return
        raise AssertionError(f"nobody asked {holds}; asked: {self.asked}")

    def refuse(self, holds: str, condition: str, text: str = "", **more: str) -> None:
        """Answer the first open request whose text holds this with an error."""
        for index, (iq, answer) in enumerate(self._asked):
            if holds in to_text(iq):
                del self._asked[index]
                answer.errback(PeerError(peer="montague.lit", condition=condition, text=text, reason=condition, **more))
                return
        raise AssertionError(f"nobody asked {holds}; asked: {self.asked}")


class Profile(Session):
    """romeo, in memory."""

    wire: Wire
    clock: Clock
    registry: Registry

    def plug(self, *kinds: type[Plugin]) -> Any:
        """Start plugins and what they need; returns the last one named."""
        for kind in kinds:
            self._plug(kind)
        self._told = self.features  # a daemon has loaded all before it tells anybody
        return self.plugin(kinds[-1])

    def plug_all(self) -> None:
        """Start every plugin of ours."""
        loader = Loader(set(), self.registry, Registry(), third_parties=False)
        loader.load()
        failures: list[str] = []
        now(self.load(loader.plugins, lambda name, reason: failures.append(f"{name}: {reason}")))
        assert len(self._plugins) > 5
        assert not failures, failures

    def _plug(self, kind: type[Plugin]) -> None:
        for needed in kind.dependencies():
            self._plug(needed)
        if kind not in self._plugins:
            if options := kind.options_class():
                self.registry.declare(kind.name(), options)
            failures: list[str] = []
            now(self.load([kind], lambda name, reason: failures.append(f"{name}: {reason}")))
            assert not failures, failures

    def goes_online(self, resumed: bool = False, told: Told = Told()) -> None:  # noqa: B008 - it is a value
        """The link has a session."""
        self.link_changed(Connection(ConnectionState.ONLINE, jid=FULL))
        self.link_online(FULL, resumed, told)

    def goes_offline(self, resumable: bool = False) -> None:
        """The link has lost it, or only its connection."""
        self.wire.resumable = resumable
        self.link_changed(Connection(ConnectionState.WAITING))

    def hears(self, xml: str) -> Any:
        """A stanza comes. Returns what the link would wait for."""
        element = parse(xml.strip())
        return None if stanza_of(element) is None else self.link_stanza(element)

    def sent(self) -> list[str]:
        """What was sent since the last call."""
        self.turn()
        sent, self.wire.sent[:] = list(self.wire.sent), []
        return sent

    def turn(self) -> None:
        """Let one turn of the event loop pass."""
        self.clock.advance(0)


@contextmanager
def opened(folder: Path) -> Iterator[Profile]:
    """romeo with a new database in a folder. In the end no plugin may have left anything behind."""
    clock = Clock()
    clock.advance(1_750_000_000)
    storage = now(Storage.open(with_database(folder), None, clock=clock.seconds))
    now(storage.profiles.create("romeo", Account(OWN), "secret", ""))
    registry = Registry()
    settings = Settings(registry, {}, storage.store("romeo", "settings"))
    now(settings.load())
    vault = now(storage.profiles.open("romeo"))
    profile = Profile("romeo", Account(OWN), storage, settings, vault, clock, clock.seconds)
    profile.registry = registry
    profile.wire = profile.link = Wire()
    yield profile
    profile.stop()
    assert not profile.features, "a plugin left a feature behind"
    assert not any(list(handlers) for handlers in profile._events.values()), "a plugin left a handler behind"
    assert not profile._requests, "a plugin left an answer behind"
    assert not clock.getDelayedCalls(), "a plugin left a timer behind"
    now(storage.close())


def now(work: Any) -> Any:
    """The result of a coroutine or Deferred that waits for nothing more."""
    result: list[Any] = []
    deferred = work if isinstance(work, Deferred) else Deferred.fromCoroutine(work)
    deferred.addBoth(result.append)
    assert result, "it still waits"
    if hasattr(result[0], "raiseException"):
        result[0].raiseException()
    return result[0]

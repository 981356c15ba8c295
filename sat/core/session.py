"""One open profile: its plugins, its connection, and the stanzas between them.

A session begins when the profile is opened (the daemon starts, or it is unlocked) and outlives any number of
connections: history, settings and the outbox work offline too.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Hashable, Iterable
from inspect import isawaitable
from time import perf_counter
from typing import TYPE_CHECKING, Any, TypeVar, cast

from twisted.internet.defer import Deferred, TimeoutError

from sat.api import JID
from sat.api.errors import NotConnected
from sat.api.profile import Account, Connection, ConnectionState
from sat.core.pipeline import Arrival, Departure, Handlers, Pipeline
from sat.core.plugin import Ended, FeaturesChanged, Hook, Offline, Online, Plugin, Refusal
from sat.core.settings import Settings
from sat.core.tasks import Clock, Tasks, all_ended, in_time, watch
from sat.storage.items import Items
from sat.storage.messages import Messages
from sat.storage.posts import Posts
from sat.storage.storage import Storage
from sat.storage.stores import Store
from sat.storage.vault import Secrets, Vault
from sat.xmpp.inline import Told
from sat.xmpp.stanzas import Iq, Message, Presence
from sat.xmpp.xml import Element

if TYPE_CHECKING:
    from sat.core.desktop import Desktop
    from sat.xmpp.link import Link

T = TypeVar("T")
PATIENCE = 30.0  # seconds that a profile waits for one plugin to load
FAREWELL = 4.0  # seconds that a deletion waits for what plugins take back


class Session:
    """An open profile, as its plugins see it. Implements ``sat.xmpp.link.Listener``."""

    def __init__(
        self,
        name: str,
        account: Account,
        storage: Storage,
        settings: Settings,
        vault: Vault,
        clock: Clock,
        now: Callable[[], float] = time.time,
        desktop: Desktop | None = None,
    ) -> None:
        self.name, self.account, self.settings = name, account, settings
        self.clock = clock
        """For timers and durations: it never jumps."""
        self.now = now
        """The time of day, in seconds since 1970 UTC: what a message carries. It jumps when it is set."""
        self.jid = account.jid
        self.desktop = desktop
        """Where notifications are shown; None where there is no such thing."""
        self.log = logging.LoggerAdapter(logging.getLogger(__name__), {"profile": name})
        self.tasks = Tasks(clock, self.log)
        self.messages: Messages = storage.messages(name)
        self.posts: Posts = storage.posts(name)
        self.items: Items = storage.items(name)
        self.link: Link | None = None
        self.online = False
        self._lasts = False  # the session with the server: it may outlive a connection
        self.connection_changed: Callable[[Connection], None] = lambda connection: None
        self._storage, self._vault = storage, vault
        self._features: dict[str, int] = {}
        self._told: list[str] = []  # those of this session's presence
        self._plugins: dict[type[Any], Plugin] = {}
        self._sending: Handlers[Departure] = Handlers(self.log)
        self._presences: Handlers[Presence] = Handlers(self.log)
        self._requests: dict[tuple[str, str, str], tuple[Callable[[Iq], Any], str]] = {}
        self._results: dict[str | None, tuple[Callable[[Message], None], str]] = {}
        self._events: dict[type[Any], Handlers[Any]] = {}
        self._pipeline = Pipeline(self.log, clock)

    # -- plugins -----------------------------------------------------------------------------------------------

    async def load(self, kinds: list[type[Plugin]], failed: Callable[[str, str], None]) -> list[Plugin]:
        """Start the plugins, those that are needed first. One that fails is told and left out."""
        for kind in kinds:
            missing = [each for each in kind.dependencies() if each not in self._plugins]
            if missing:
                failed(kind.name(), f"it needs the plugin {missing[0].name()}, which is not there")
                continue
            try:
                await self._start(kind)
            except TimeoutError:
                self.log.error("the plugin %s is not waited for any longer", kind.name())
                failed(kind.name(), f"it was not ready after {PATIENCE:.0f} s")
            except Exception as error:
                self.log.exception("the plugin %s cannot start", kind.name())
                failed(kind.name(), f"{type(error).__name__}: {error}")
        return list(self._plugins.values())

    async def _start(self, kind: type[Plugin]) -> None:
        plugin = self._plugins[kind] = kind.start(self)
        try:
            await in_time(plugin.load(), PATIENCE, self.clock)
        except BaseException:  # a cancellation, too
            del self._plugins[kind]
            plugin.stop()
            raise

    def plugin(self, kind: type[T]) -> T:
        """The instance of a plugin that is needed."""
        return cast(T, self._plugins[kind])

    def find_plugin(self, kind: type[T]) -> T | None:
        """The instance of a plugin, or who serves that interface, or None."""
        found = self._plugins.get(kind)
        if found is None:
            # isinstance() would remember of each plugin that it is none of each interface.
            found = next((each for each in self._plugins.values() if kind in type(each).__mro__), None)
        return cast("T | None", found)

    def store(self, namespace: str) -> Store:
        """Small values of one plugin."""
        return self._storage.store(self.name, namespace)

    def secrets(self, namespace: str) -> Secrets:
        """Small secrets of one plugin."""
        return Secrets(self._vault, namespace)

    def hook(self, hook: Hook, function: Callable[[Any], Any], owner: str) -> Callable[[], None]:
        """Register a handler; returns the undo."""
        if hook.kind == "iq":
            if hook.key in self._requests:
                raise ValueError(f"{owner} and {self._requests[hook.key][1]} both answer {hook.key}")
            self._requests[hook.key] = (function, owner)
            return lambda: cast(None, self._requests.pop(hook.key, None))
        if hook.kind == "result":
            if hook.key in self._results:
                raise ValueError(f"{owner} and {self._results[hook.key][1]} both take results of {hook.key}")
            self._results[hook.key] = (function, owner)
            return lambda: cast(None, self._results.pop(hook.key, None))
        if hook.kind == "event":
            return self._events.setdefault(hook.key, Handlers(self.log)).add(function, owner)
        if hook.kind == "presence":
            return self._presences.add(function, owner)
        if hook.kind == "sending":
            return self._sending.add(function, owner, -hook.key)  # the way out is the way in, reversed
        return self._pipeline.add(function, owner, *hook.key)

    def add_feature(self, feature: str) -> Callable[[], None]:
        """Announce a feature (XEP-0030); returns the undo."""
        self._features[feature] = self._features.get(feature, 0) + 1
        self._compare_features()

        def remove() -> None:
            self._features[feature] -= 1
            if not self._features[feature]:
                del self._features[feature]
            self._compare_features()

        return remove

    def _compare_features(self) -> None:
        if self.online and not self.tasks.waits("features"):  # several may change at once, and change back
            self.tasks.after(0, self._tell_features, key="features")

    def _tell_features(self) -> None:
        if self.online and self.features != self._told:
            self._told = self.features
            self.emit(FeaturesChanged())

    @property
    def features(self) -> list[str]:
        """What is announced."""
        return sorted(self._features)

    def emit(self, event: object) -> None:
        """Tell the plugins that listen to this type of event."""
        handlers = self._events.get(type(event))
        if handlers is not None:
            handlers.call(event)

    # -- to the server -----------------------------------------------------------------------------------------

    def send(self, element: Element, token: Hashable = None) -> bool:
        """Send a stanza; False when there is no session to carry it."""
        return self.link is not None and self.link.send(element, token)

    def complete(self, departure: Departure) -> None:
        """Let the plugins complete a message; perhaps one of them leaves ``work`` that has to end first."""
        self._sending.call(departure)

    def depart(self, departure: Departure) -> bool:
        """Send a completed message; False when there is no session to carry it. Its id comes back when the server has
        it."""
        return self.send(departure.message.element, departure.id)

    def indicate(self, element: Element) -> None:
        """Send what is no stanza, now or not at all."""
        if self.link is not None:
            self.link.indicate(element)

    async def ask(self, iq: Iq, timeout: float = 30.0) -> Element:
        """Send a request and wait for the answer. Errors: NotConnected, PeerError, RequestTimeout."""
        if self.link is None or not self.online:
            raise NotConnected(profile=self.name)
        return await self.link.ask(iq.element, timeout)

    # -- from the server (Listener) ----------------------------------------------------------------------------

    def link_changed(self, connection: Connection) -> None:
        """The connection is in another state."""
        if connection.state is not ConnectionState.ONLINE:
            if self.online:
                self.online = False
                self.emit(Offline())
            if self.link is None or not self.link.resumable:
                self._end()
        self.connection_changed(connection)

    def link_online(self, jid: JID, resumed: bool, told: Told = Told()) -> None:  # noqa: B008 - it is a value
        """The session with the server stands."""
        if not resumed:
            self._end()  # the one before, which could not be resumed after all
        self.jid = jid
        self.online = self._lasts = True
        if not resumed:
            self._told = self.features
        self._compare_features()  # they may have changed while the connection was away
        self.emit(Online(jid, resumed, told))

    def _end(self) -> None:
        if self._lasts:
            self._lasts = False
            self.emit(Ended())

    def link_acknowledged(self, tokens: list[Hashable]) -> None:
        """The server has these messages."""
        self.emit(Acknowledged(tokens))

    def link_stanza(self, element: Element) -> Deferred[None] | None:
        """A stanza came. None: it is done; else what fires when it is committed (P3)."""
        if element.name == "message":
            message = Message(element)
            for each in element.children:
                if not isinstance(each, str) and each.uri in self._results:
                    self._take_result(message, each.uri)
                    return None
            arrival = Arrival(message, message.sender or self.account.jid)
            # To ourselves, by this program or another of ours. The account itself speaks without a resource (errors).
            arrival.outgoing = bool(arrival.sender.resource) and arrival.sender.bare == self.account.jid.bare
            return self.accept(arrival)
        if element.name == "presence":
            self._presences.call(Presence(element))
        elif element.name == "iq":
            self._answer(Iq(element))
        return None

    def accept(self, arrival: Arrival) -> Deferred[None] | None:
        """Put a message on its way through the plugins. None: it is done; else what fires when it is committed."""
        return self._pipeline.accept(arrival)

    def accept_all(self, arrivals: Iterable[Arrival]) -> Deferred[None]:
        """The same with many at once, as a page of an archive: what of them is to be stored is stored together. Fires
        when each of them is done or has failed."""
        with self.messages.together():
            return all_ended([self._pipeline.accept(arrival) for arrival in arrivals], self.log)

    def _take_result(self, message: Message, namespace: str | None) -> None:
        function, owner = self._results[namespace]
        try:
            function(message)
        except Exception:
            self.log.exception("the plugin %s failed on a result from %s", owner, message.sender)

    def _answer(self, iq: Iq) -> None:
        payload = iq.payload
        if iq.kind not in ("get", "set"):
            return
        if payload is None or len(iq.children()) > 1:  # RFC 6120 §8.2.3: exactly one
            self.send(iq.reply_error("bad-request").element)
            return
        function, owner = self._requests.get((iq.kind, payload.uri, payload.name), (None, ""))
        if function is None:
            self.send(iq.reply_error("service-unavailable").element)
            return
        started = perf_counter()
        try:
            result = function(iq)
        except Exception as error:
            self._fail(iq, error, owner)
            return
        finally:
            watch(self.log, owner, started)
        if isawaitable(result):
            self.tasks.spawn(self._answer_later(iq, result, owner))
        else:
            self._reply(iq, result)

    async def _answer_later(self, iq: Iq, work: Any, owner: str) -> None:
        try:
            self._reply(iq, await work)
        except Exception as error:
            self._fail(iq, error, owner)

    def _reply(self, iq: Iq, payload: Element | None) -> None:
        result = iq.result().element
        if payload is not None:
            result.addChild(payload)
        self.send(result)

    def _fail(self, iq: Iq, error: Exception, owner: str) -> None:
        if isinstance(error, Refusal):
            self.send(iq.reply_error(error.condition, error.kind, error.text, error.specific).element)
        else:
            self.log.error("the plugin %s failed on a request from %s", owner, iq.sender, exc_info=error)
            self.send(iq.reply_error("internal-server-error").element)

    # -- end ---------------------------------------------------------------------------------------------------

    async def withdraw(self) -> None:
        """Have the plugins take back what others have of this profile, which is being deleted; side by side, as far as
        there is a connection, and not for long."""
        plugins = list(self._plugins.values()) if self.online else []
        works = [in_time(each.withdraw(), FAREWELL, self.clock) for each in plugins]
        for plugin, work in zip(plugins, works, strict=True):
            try:
                await work
            except TimeoutError:
                self.log.warning("what others have for the plugin %s is left there", plugin.name())
            except Exception:
                self.log.exception("the plugin %s could not take back what others have", plugin.name())

    def stop(self) -> None:
        """Stop the plugins, the last one first."""
        while self._plugins:
            self._plugins.popitem()[1].stop()
        self.tasks.close()


class Acknowledged:
    """An event: the server has taken the messages of these ids (XEP-0198, or an answered ping)."""

    def __init__(self, ids: list[Hashable]) -> None:
        self.ids = [str(each) for each in ids]

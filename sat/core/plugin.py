"""What a plugin is, and what the framework gives it.

A plugin is a class; one instance serves one open profile. What it declares (handlers, features, options, needs) and
what it registers is recorded and undone when it stops: plugins have no tear-down code.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, ClassVar, Generic, NamedTuple, Self, TypeVar, overload

from sat.api import JID, Api
from sat.core.pipeline import Stage
from sat.core.tasks import Tasks, Work
from sat.xmpp.inline import Told

if TYPE_CHECKING:
    from sat.core.backend import Backend
    from sat.core.session import Session
    from sat.storage.stores import Store
    from sat.storage.vault import Secrets
    from sat.xmpp.stanzas import Iq
    from sat.xmpp.xml import Element

log = logging.getLogger(__name__)
T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])


class Online(NamedTuple):
    """The profile is connected. ``resumed``: the old session goes on, nothing was missed (XEP-0198). ``told``: what the
    server offers in this session, and what of it is on already."""

    jid: JID
    resumed: bool
    told: Told = Told()


class Offline(NamedTuple):
    """The profile is not connected. Its session with the server may be resumed (XEP-0198)."""


class Leaving(NamedTuple):
    """The person logs out, or the daemon stops: what is sent now is the last."""


class Ended(NamedTuple):
    """The session with the server is over: what was told in it about others holds no longer. It comes behind Offline,
    at once or when there is nothing left to resume; at the latest before the next Online."""


class FeaturesChanged(NamedTuple):
    """While the profile is online, what it can do has become more or less: what was told of that holds no longer."""


class DomainsWanted:
    """An event: no server was found at a domain. Who knows domains that could have been meant adds them."""

    def __init__(self) -> None:
        self.found: set[str] = set()


class Refusal(Exception):
    """What an ``@on_iq`` handler raises: the stanza error of that condition is the answer (RFC 6120 §8.3.3), of that
    kind (``modify``, ``wait`` … §8.3.2). ``specific``: the application's own condition, as name and namespace."""

    def __init__(
        self, condition: str, text: str = "", kind: str = "cancel", specific: tuple[str, str] | None = None
    ) -> None:
        super().__init__(condition)
        self.condition, self.text, self.kind, self.specific = condition, text, kind, specific


class needs(Generic[T]):
    """Declare a dependency and reach it: ``roster = needs(Roster)``. It is started before."""

    def __init__(self, plugin: type[T]) -> None:
        self.plugin = plugin

    @overload
    def __get__(self, instance: None, owner: type[Any]) -> needs[T]: ...
    @overload
    def __get__(self, instance: Plugin, owner: type[Any]) -> T: ...
    def __get__(self, instance: Plugin | None, owner: type[Any]) -> needs[T] | T:
        return self if instance is None else instance.session.plugin(self.plugin)


class wants(Generic[T]):
    """Like ``needs``, but the plugin works without: then it is None. Name its ``Api`` (``otr = wants(OtrApi)``), so
    that a plugin which is switched off is not imported."""

    def __init__(self, plugin: type[T]) -> None:
        self.plugin = plugin

    @overload
    def __get__(self, instance: None, owner: type[Any]) -> wants[T]: ...
    @overload
    def __get__(self, instance: Plugin, owner: type[Any]) -> T | None: ...
    def __get__(self, instance: Plugin | None, owner: type[Any]) -> wants[T] | T | None:
        return self if instance is None else instance.session.find_plugin(self.plugin)


class configured(Generic[T]):
    """Declare the plugin's options, a dataclass: ``options = configured(Options)``. Reading gives what holds now."""

    def __init__(self, options: type[T]) -> None:
        self.options = options

    @overload
    def __get__(self, instance: None, owner: type[Any]) -> configured[T]: ...
    @overload
    def __get__(self, instance: Plugin | Service, owner: type[Any]) -> T: ...
    def __get__(self, instance: Plugin | Service | None, owner: type[Any]) -> configured[T] | T:
        return self if instance is None else instance.settings.options(self.options)


class Hook(NamedTuple):
    """What a decorator noted about a handler."""

    kind: str  # message, result, sending, presence, iq, event
    key: Any


def _hooked(function: F, kind: str, key: Any) -> F:
    function.__dict__["_hook"] = Hook(kind, key)
    return function


def on_message(stage: Stage, namespace: str = "") -> Callable[[F], F]:
    """Call the method with each ``Arrival`` at that stage; with a namespace only where the message holds an element of
    it, so that the others cost nothing. It may be a coroutine before ARCHIVE. Who unwraps or decrypts puts another
    message in the arrival."""
    return lambda function: _hooked(function, "message", (stage, namespace))


def on_result(namespace: str) -> Callable[[F], F]:
    """Call the method with each ``Message`` from the server that holds an element of that namespace, which nobody else
    handles: it is a part of the answer to a question of ours, as those of an archive. It passes no stage; what is in
    it may, when the plugin gives it to ``Session.accept_all``."""
    return lambda function: _hooked(function, "result", namespace)


def on_sending(stage: Stage) -> Callable[[F], F]:
    """Call the method with each ``Departure`` at that stage."""
    return lambda function: _hooked(function, "sending", stage)


def on_presence(function: F) -> F:
    """Call the method with each ``Presence`` stanza from others."""
    return _hooked(function, "presence", 0)


def on_iq(kind: str, namespace: str, name: str) -> Callable[[F], F]:
    """The method answers the request ``<iq type=kind><name xmlns=namespace/></iq>``: it gets the ``Iq`` and returns
    the payload of the result, or None for an empty one; a ``Refusal`` becomes the stanza error. May be a coroutine."""
    return lambda function: _hooked(function, "iq", (kind, namespace, name))


def on_event(event: type[Any]) -> Callable[[F], F]:
    """Call the method with each event of that type: Online, Offline, or one that another plugin emits."""
    return lambda function: _hooked(function, "event", event)


class _Extension:
    """What Plugin and Service share: declarations, tasks, undo."""

    xeps: ClassVar[tuple[str, ...]] = ()
    log: logging.LoggerAdapter[logging.Logger]
    tasks: Tasks
    _resources: ExitStack
    _name: ClassVar[str]

    def __init__(self) -> None:
        self._resources.callback(self.tasks.close)

    def __new__(cls, *arguments: Any) -> Self:
        made = super().__new__(cls)
        made._resources = ExitStack()
        return made

    @classmethod
    def start(cls, owner: Any) -> Self:
        """Make one. Where its ``__init__`` fails, what it has registered until then is undone."""
        kind: Any = cls
        made: Self = kind.__new__(kind, owner)
        try:
            kind.__init__(made, owner)
        except BaseException:
            made.stop()
            raise
        return made

    @classmethod
    def name(cls) -> str:
        """The plugin's name: that of the door by which it came (``call``). Of a class that came by none, as in a test,
        it is that of its module."""
        given: str | None = vars(cls).get("_name")
        return given or cls.__module__.removesuffix(".plugin").rpartition(".")[2].removeprefix("sat_")

    @classmethod
    def call(cls, name: str) -> None:
        """Name the plugin: by its folder if it is one of ours, by its entry point if it is another's."""
        cls._name = name

    @classmethod
    def apis(cls) -> list[type[Api]]:
        """The interfaces that it serves on the bus."""
        return [
            each
            for each in cls.__mro__
            if Api in each.__mro__[1:] and _Extension not in each.__mro__  # issubclass() would remember each answer
        ]

    @classmethod
    def declared(cls) -> Iterator[tuple[str, Any]]:
        """The members of the class and its bases, the most derived one of each name."""
        members = {name: value for owner in reversed(cls.__mro__) for name, value in vars(owner).items()}
        return iter(members.items())

    @classmethod
    def options_class(cls) -> type[Any] | None:
        """The dataclass of its options, if it has any."""
        return next((value.options for _, value in cls.declared() if isinstance(value, configured)), None)

    def undo(self, callback: Callable[[], object]) -> None:
        """Call this when the plugin stops."""
        self._resources.callback(callback)

    def after(self, seconds: float, function: Callable[[], object], key: Hashable = None) -> None:
        """Call once, later, unless the plugin has stopped. A new timer replaces one of the same key."""
        self.tasks.after(seconds, function, key)

    def spawn(self, work: Work) -> None:
        """Run a coroutine in the background; its failure is logged; it is cancelled when the plugin stops."""
        self.tasks.spawn(work)

    def stop(self) -> None:
        """Undo everything, also when some of it fails."""
        try:
            self._resources.close()
        except Exception:
            own = getattr(self, "log", log)  # it may not have come so far
            own.exception("the plugin %s could not be stopped properly", type(self).name())


class Plugin(_Extension):
    """One feature, for one open profile."""

    features: ClassVar[tuple[str, ...]] = ()

    def __init__(self, session: Session) -> None:
        self.session = session
        self.settings = session.settings
        self.log = logging.LoggerAdapter(logging.getLogger(type(self).__module__), {"profile": session.name})
        self.tasks = Tasks(session.clock, self.log)
        super().__init__()
        for feature in self.features:
            self.undo(session.add_feature(feature))
        for name, value in type(self).declared():
            if hook := getattr(value, "_hook", None):
                self.undo(session.hook(hook, getattr(self, name), type(self).name()))

    async def load(self) -> None:
        """Read what is stored. Called once, after ``needs`` are loaded, before anything else."""

    @classmethod
    async def erase(cls, profile: str) -> None:
        """Remove what it keeps of a profile elsewhere than in the storage: that one is deleted, and closed already."""

    async def withdraw(self) -> None:
        """Take back what servers and others have of the profile, which is being deleted while it is online. What takes
        more than a few seconds is given up."""

    @property
    def store(self) -> Store:
        """Small values of this plugin for this profile."""
        return self.session.store(type(self).name())

    @property
    def secrets(self) -> Secrets:
        """Small secrets of this plugin for this profile, sealed at rest."""
        return self.session.secrets(type(self).name())

    async def ask(self, iq: Iq, timeout: float = 30.0) -> Element:
        """Send a request and wait for the answer. Errors: NotConnected, PeerError, RequestTimeout."""
        return await self.session.ask(iq, timeout)

    @classmethod
    def dependencies(cls, *, optional: bool = False) -> list[type[Any]]:
        """The plugins that it needs; with ``optional`` also those that it wants."""
        kinds = (needs, wants) if optional else (needs,)
        return [value.plugin for _, value in cls.declared() if isinstance(value, kinds)]


class Service(_Extension):
    """One feature of the daemon itself, for no profile in particular (creating accounts)."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend
        self.settings = backend.settings
        self.log = logging.LoggerAdapter(logging.getLogger(type(self).__module__), {"profile": "-"})
        self.tasks = Tasks(backend.clock, self.log)
        super().__init__()

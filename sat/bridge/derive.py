"""An object that looks like an interface and asks the daemon."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeVar, cast

from sat.api.contract import Api, Property, Signal, camel, interface_name, prop, signal
from sat.api.errors import InvalidArgument
from sat.api.names import bus_interface, signature
from sat.bridge.calls import outgoing
from sat.bridge.codec import decoder, signature_of

A = TypeVar("A", bound=Api)
Undo = Callable[[], None]

TOO_BIG = "a number is too big: 9223372036854775807 is the limit"  # of an int64, the type of every number on the bus
PROPERTIES = "org.freedesktop.DBus.Properties"


class Transport(Protocol):
    """Carries plain data between one object of the daemon and one frontend.

    ``follows`` says whether signals arrive by themselves, so that properties can be kept true.
    """

    @property
    def follows(self) -> bool:
        """See the class."""

    async def call(self, interface: str, member: str, signature: str, values: tuple[Any, ...], returns: str) -> Any:
        """Call a method; its plain result, or None. Errors of the daemon are raised as they were there."""

    def watch(self, interface: str, member: str, signature: str, receiver: Callable[..., None]) -> Undo:
        """Call ``receiver`` with the plain arguments of a signal, if they have this signature."""


class RemoteSignal(Signal[Any]):
    """A signal of the daemon; the bus is asked for it only while somebody listens."""

    __slots__ = ("_start", "_stop")

    def __init__(self, start: Callable[[Callable[[Any], None]], Undo]) -> None:
        super().__init__()
        self._start = start
        self._stop: Undo | None = None

    def connect(self, receiver: Callable[[Any], object]) -> Undo:
        """Listen; the returned function ends it, and the last one to leave turns the light off."""
        disconnect = super().connect(receiver)
        if self._stop is None:
            self._stop = self._start(self.emit)

        def leave() -> None:
            disconnect()
            if not self and self._stop is not None:
                stop, self._stop = self._stop, None
                stop()

        return leave


class RemoteProperties:
    """The properties of one interface of one object; followed while somebody wants to know."""

    def __init__(self, api: type[Api], owner: Api, transport: Transport) -> None:
        self.interface = bus_interface(interface_name(api))
        self.transport = transport
        self.decoders: dict[str, Callable[[Any], Any]] = {}
        self.signatures: dict[str, str] = {}
        self.found: dict[str, Property[Any]] = {}
        self.stop: Undo | None = None
        self.wanted = 0
        for name, declared in members(api, prop).items():
            value = Property(declared.default)
            value.changed = RemoteSignal(self.follow)
            vars(owner)[declared.slot] = self.found[camel(name)] = value
            self.signatures[camel(name)] = signature(declared.kind)
            self.decoders[camel(name)] = decoder(declared.kind)

    def follow(self, _emit: Callable[[Any], None]) -> Undo:
        """Take changes over, until the returned function has been called as often as this one."""
        if self.stop is None:
            self.stop = self.transport.watch(PROPERTIES, "PropertiesChanged", "sa{sv}as", self._changed)
        self.wanted += 1

        def leave() -> None:
            self.wanted -= 1
            if not self.wanted and self.stop is not None:
                stop, self.stop = self.stop, None
                stop()

        return leave

    async def load(self) -> None:
        """Ask for all values."""
        self.take(await self.transport.call(PROPERTIES, "GetAll", "s", (self.interface,), "a{sv}"))

    def take(self, values: dict[str, Any]) -> None:
        """Believe what the daemon says; who listens is told what is new."""
        for name, plain in values.items():
            if name in self.found and signature_of(plain) == self.signatures[name]:
                self.found[name].set(self.decoders[name](plain))

    def _changed(self, interface: str, values: dict[str, Any], _invalid: list[str]) -> None:
        if interface == self.interface:
            self.take(values)


_classes: dict[type[Any], type[Any]] = {}


def client(api: type[A], transport: Transport) -> A:
    """An ``api`` whose methods call over ``transport``. Only what is used is read, so this is quick."""
    remote = _classes.get(api)
    if remote is None:
        methods = {name: _caller(api, name) for name in getattr(api, "__abstractmethods__", ())}
        remote = _classes[api] = type(f"Remote{api.__name__}", (api,), methods)
    made = remote()
    vars(made)["_transport"] = transport
    for declared in members(api, signal).values():
        vars(made)[declared.slot] = _remote_signal(api, declared, transport)
    if members(api, prop):
        vars(made)["_properties"] = RemoteProperties(api, made, transport)
    return cast(A, made)


async def load(*clients: Api, follow: bool | None = None) -> None:
    """Ask for the properties of these clients. Where signals arrive by themselves, or with ``follow``, their values
    stay true from then on."""
    for each in clients:
        properties: RemoteProperties | None = vars(each).get("_properties")
        if properties is None:
            continue
        wanted = properties.transport.follows if follow is None else follow
        if wanted and "_followed" not in vars(each):
            vars(each)["_followed"] = properties.follow(lambda _value: None)
        await properties.load()


def release(*clients: Api) -> None:
    """No longer follow the properties of these clients."""
    for each in clients:
        undo = vars(each).pop("_followed", None)
        if undo is not None:
            undo()


def members(api: type[Any], kind: type[Any]) -> dict[str, Any]:
    """The signals or properties that an interface declares, by name."""
    found = {}
    for owner in reversed(api.__mro__):
        found.update({name: value for name, value in vars(owner).items() if isinstance(value, kind)})
    return found


def _caller(api: type[Any], name: str) -> Callable[..., Any]:
    async def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        method = outgoing(api, name)
        interface = bus_interface(interface_name(api))
        try:
            sign, values = method.encode(args, kwargs)
            plain = await self._transport.call(interface, method.member, sign, values, method.returns)
        except OverflowError:
            raise InvalidArgument(reason=TOO_BIG) from None
        return method.decode(plain)

    call.__name__ = name
    call.__qualname__ = f"{api.__name__}.{name}"
    return call


def _remote_signal(api: type[Any], declared: Any, transport: Transport) -> RemoteSignal:
    def start(emit: Callable[[Any], None]) -> Undo:
        decode = decoder(declared.kind)
        interface = bus_interface(interface_name(api))
        sign = signature(declared.kind)
        return transport.watch(interface, camel(declared.name), sign, lambda *plain: emit(decode(*plain)))

    return RemoteSignal(start)

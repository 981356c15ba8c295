"""The one declaration language of the bridge.

An interface is a class of ``@method`` coroutines, ``signal`` and ``prop`` attributes; its docstrings are the
documentation. The D-Bus introspection, the client proxies, the reference pages and the checks all read it.
"""

from __future__ import annotations

import re
from abc import ABC
from abc import abstractmethod as method
from collections.abc import Callable
from typing import Any, Generic, NamedTuple, TypeVar, cast, get_type_hints, overload

T = TypeVar("T")

__all__ = [
    "Api",
    "Description",
    "Method",
    "Property",
    "Signal",
    "camel",
    "describe",
    "document",
    "is_struct",
    "method",
    "prop",
    "read_method",
    "signal",
    "snake",
]


class Signal(Generic[T]):
    """A typed event. ``connect`` returns the function that disconnects."""

    __slots__ = ("_receivers",)

    def __init__(self) -> None:
        self._receivers: list[Callable[[T], object]] = []

    def connect(self, receiver: Callable[[T], object]) -> Callable[[], None]:
        """Call ``receiver`` with every value from now on, until the returned function is called."""
        self._receivers.append(receiver)

        def disconnect() -> None:
            if receiver in self._receivers:
                self._receivers.remove(receiver)

        return disconnect

    def emit(self, value: T) -> None:
        """Tell everybody; one receiver's exception reaches the emitter only after all have heard."""
        fault: Exception | None = None
        for receiver in tuple(self._receivers):
            try:
                receiver(value)
            except Exception as error:
                fault = fault or error
        if fault is not None:
            raise fault

    def __bool__(self) -> bool:
        """Whether anybody listens: building a value for nobody can be saved."""
        return bool(self._receivers)


class Property(Generic[T]):
    """A value that is always there, and says when it changes."""

    __slots__ = ("changed", "value")

    def __init__(self, value: T) -> None:
        self.value = value
        self.changed: Signal[T] = Signal()

    def set(self, value: T) -> None:
        """Change the value; everybody is told, unless it is the same as before."""
        if value != self.value:
            self.value = value
            self.changed.emit(value)


class signal(Generic[T]):
    """Declare a signal in an interface: ``changed = signal(PeerState, "Somebody began to type.")``."""

    def __init__(self, kind: type[T], doc: str = "") -> None:
        self.kind, self.doc = kind, doc

    def __set_name__(self, owner: type[Any], name: str) -> None:
        self.name = name
        self.slot = f"_signal_{name}"

    @overload
    def __get__(self, instance: None, owner: type[Any]) -> signal[T]: ...
    @overload
    def __get__(self, instance: object, owner: type[Any]) -> Signal[T]: ...
    def __get__(self, instance: object | None, owner: type[Any]) -> signal[T] | Signal[T]:
        if instance is None:
            return self
        return cast("Signal[T]", vars(instance).setdefault(self.slot, Signal()))


class prop(Generic[T]):
    """Declare a property in an interface: ``unread = prop(int, 0, "How many.")``. The default stands until set."""

    def __init__(self, kind: type[T], default: T, doc: str = "") -> None:
        self.kind, self.default, self.doc = kind, default, doc

    def __set_name__(self, owner: type[Any], name: str) -> None:
        self.name = name
        self.slot = f"_property_{name}"

    @overload
    def __get__(self, instance: None, owner: type[Any]) -> prop[T]: ...
    @overload
    def __get__(self, instance: object, owner: type[Any]) -> Property[T]: ...
    def __get__(self, instance: object | None, owner: type[Any]) -> prop[T] | Property[T]:
        if instance is None:
            return self
        found = vars(instance).get(self.slot)
        if found is None:
            found = vars(instance)[self.slot] = Property(self.default)
        return cast("Property[T]", found)


class Api(ABC):  # noqa: B024 - its subclasses declare the methods
    """Base of every interface. One instance serves one profile, or the daemon."""


class Method(NamedTuple):
    """One method of an interface."""

    name: str
    params: dict[str, Any]
    defaults: dict[str, Any]
    returns: Any


class Description(NamedTuple):
    """What a declaration says, read once."""

    name: str
    methods: dict[str, Method]
    signals: dict[str, Any]
    properties: dict[str, Any]


_described: dict[type[Any], Description] = {}


def describe(api: type[Any]) -> Description:
    """Read an interface class; ``TypeError`` where a parameter has no type."""
    if api not in _described:
        members = {name: value for owner in reversed(api.__mro__) for name, value in vars(owner).items()}
        _described[api] = Description(
            interface_name(api),
            {name: read_method(api, name) for name in sorted(getattr(api, "__abstractmethods__", ()))},
            {name: value.kind for name, value in sorted(members.items()) if isinstance(value, signal)},
            {name: value.kind for name, value in sorted(members.items()) if isinstance(value, prop)},
        )
    return _described[api]


def read_method(api: type[Any], name: str) -> Method:
    """Read one method of an interface, without reading the others."""
    function = getattr(api, name)
    hints = get_type_hints(function)
    returns = hints.pop("return", None)
    code = function.__code__
    names = code.co_varnames[1 : code.co_argcount]
    missing = [each for each in names if each not in hints]
    if missing or returns is None:
        raise TypeError(f"{api.__name__}.{name}: no type for {missing or 'what it returns'}")
    defaults = function.__defaults__ or ()
    return Method(
        name,
        {each: hints[each] for each in names},
        dict(zip(names[len(names) - len(defaults) :], defaults, strict=True)),
        returns,
    )


def interface_name(api: type[Any]) -> str:
    """``ChatStatesApi`` is the interface ``chat_states``."""
    return snake(api.__name__.removesuffix("Api"))


def document(thing: Any) -> str:
    """The docstring of a class or function, without its indentation; what a signal or property was declared with."""
    import inspect

    return thing.doc if isinstance(thing, (signal, prop)) else inspect.getdoc(thing) or ""


def is_struct(kind: Any) -> bool:
    """Whether a type is a named tuple."""
    return isinstance(kind, type) and issubclass(kind, tuple) and hasattr(kind, "_fields")


def snake(name: str) -> str:
    """``GetHistory`` → ``get_history``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def camel(name: str) -> str:
    """``get_history`` → ``GetHistory``. This and ``snake`` are the only places where names are mapped."""
    return "".join(part.capitalize() for part in name.split("_"))

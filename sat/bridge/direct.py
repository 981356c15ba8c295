"""The bridge within one process: for tests and the demo. What crosses is marshalled as on D-Bus, without a bus."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import _dbus_bindings as bindings

from sat.api.contract import Api
from sat.api.errors import NoSuchProgram, error_named
from sat.bridge.codec import build
from sat.bridge.derive import Undo, client
from sat.bridge.objects import Objects

A = TypeVar("A", bound=Api)
_Key = tuple[str, str, str]


class DirectBridge:
    """Publishes, and gives clients of what is published. Needs no event loop."""

    def __init__(self) -> None:
        self._watchers: dict[_Key, list[Callable[..., None]]] = {}
        self.objects = Objects(self._emit)

    def publish(self, path: str, api: type[Api], implementation: Any) -> Undo:
        """See :class:`sat.bridge.bridge.Bridge`."""
        return self.objects.publish(path, api, implementation)

    async def call(self, name: str, *request: Any) -> Any:
        """See :class:`sat.bridge.bridge.Bridge`. There are no other programs."""
        raise NoSuchProgram(name=name)

    def client(self, path: str, api: type[A]) -> A:
        """The interface ``api`` of the object at ``path``, as a frontend has it."""
        return client(api, DirectTransport(self.objects, self._watchers, path))

    def _emit(self, path: str, interface: str, member: str, signature: str, values: tuple[Any, ...]) -> None:
        receivers = self._watchers.get((path, interface, member))
        if receivers:
            plain = across(signature, values)
            for receiver in tuple(receivers):
                receiver(*plain)


class DirectTransport:
    """Carries the data of one object."""

    follows = True

    def __init__(self, objects: Objects, watchers: dict[_Key, list[Callable[..., None]]], path: str) -> None:
        self._objects, self._watchers, self._path = objects, watchers, path

    async def call(self, interface: str, member: str, signature: str, values: tuple[Any, ...], returns: str) -> Any:
        """See :class:`sat.bridge.derive.Transport`."""
        plain = across(signature, values)
        failure: Any = None
        try:
            answered, result = await self._objects.invoke(self._path, interface, member, signature, plain)
        except Exception as error:
            failure = error
        if failure is not None:
            raise error_named(type(failure).__name__, failure.details)
        assert answered == returns, (answered, returns)
        return across(answered, result)[0] if returns else None

    def watch(self, interface: str, member: str, signature: str, receiver: Callable[..., None]) -> Undo:
        """See :class:`sat.bridge.derive.Transport`."""
        receivers = self._watchers.setdefault((self._path, interface, member), [])
        receivers.append(receiver)
        return lambda: receivers.remove(receiver)


def across(signature: str, values: tuple[Any, ...]) -> list[Any]:
    """Marshal and unmarshal, as the bus does."""
    envelope = build(_envelope, signature, values)
    plain: list[Any] = envelope.get_args_list(byte_arrays=True)
    return plain


def _envelope() -> Any:
    return bindings.SignalMessage("/", "org.salutatoi.SAT1.Direct", "Crossing")

"""Who calls over the bus: what belongs to a program is told when that program has left, in whichever way it ended."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from twisted.internet.defer import Deferred

from sat.api.errors import NoBus
from sat.bridge.link import DBUS, bus_message

Left = Callable[[], object]
Watch = Callable[[Left], Callable[[], None]]

_watch: ContextVar[Watch | None] = ContextVar("watch", default=None)


def when_left(function: Left) -> Callable[[], None]:
    """Call a function once the program has left whose call is being answered; what takes that back. A call within this
    process has nobody who could leave."""
    watch = _watch.get()
    return watch(function) if watch is not None else lambda: None


class Callers:
    """The programs of which somebody wants to know that they have left; ``ask`` asks the bus."""

    def __init__(self, ask: Callable[[Any], Deferred[Any]]) -> None:
        self._ask = ask
        self._watched: dict[str, list[Left]] = {}

    @contextmanager
    def calling(self, name: str) -> Iterator[None]:
        """What begins inside belongs to a call of the program that has this unique name."""
        token = _watch.set(lambda function: self._add(name, function))
        try:
            yield
        finally:
            _watch.reset(token)

    def heard(self, message: Any) -> None:
        """A signal came: NameOwnerChanged of the bus itself, which nobody else can send in its name."""
        if message.get_sender() == DBUS and message.get_member() == "NameOwnerChanged":
            name, _before, owner = message.get_args_list()
            if not owner:
                self._gone(str(name))

    def all_left(self) -> None:
        """The bus has ended, and with it all names on it."""
        for name in list(self._watched):
            self._gone(name)

    def _add(self, name: str, function: Left) -> Callable[[], None]:
        functions = self._watched.setdefault(name, [])
        functions.append(function)
        if len(functions) == 1:
            self._tell_bus("AddMatch", name)
            # It may have left before the bus was asked to tell.
            there = self._ask(bus_message("NameHasOwner", "s", name))
            there.addCallback(lambda answer: None if answer.get_args_list()[0] else self._gone(name))
            there.addErrback(lambda failure: failure.trap(NoBus))

        def take_back() -> None:
            if function in self._watched.get(name, []):
                self._watched[name].remove(function)
                if not self._watched[name]:
                    del self._watched[name]
                    self._tell_bus("RemoveMatch", name)

        return take_back

    def _tell_bus(self, member: str, name: str) -> None:
        rule = f"type='signal',sender='{DBUS}',member='NameOwnerChanged',arg0='{name}'"
        self._ask(bus_message(member, "s", rule)).addErrback(lambda failure: failure.trap(NoBus))

    def _gone(self, name: str) -> None:
        functions = self._watched.pop(name, [])
        if functions:
            self._tell_bus("RemoveMatch", name)
        for function in functions:
            function()

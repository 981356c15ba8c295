"""What the daemon shows on its bridge: objects, their interfaces, and the standard interfaces of D-Bus.

Nothing here knows how bytes travel: a transport asks :meth:`Objects.invoke` and is told of signals by ``emit``.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from sat.api.contract import Api, camel, interface_name, prop, signal
from sat.api.errors import FeatureMissing, InternalError, InvalidArgument, NotFound, SatError
from sat.api.names import ROOT, bus_interface, signature
from sat.bridge.calls import incoming
from sat.bridge.codec import encoder, holds_secret, variant
from sat.bridge.derive import PROPERTIES, members

INTROSPECTABLE = "org.freedesktop.DBus.Introspectable"
MANAGER = "org.freedesktop.DBus.ObjectManager"
PEER = "org.freedesktop.DBus.Peer"

# path, interface, member, signature, encoded arguments
Emit = Callable[[str, str, str, str, tuple[Any, ...]], None]
Answer = tuple[str, tuple[Any, ...]]
Missing = Callable[[str], Awaitable[SatError | None]]

log = logging.getLogger(__name__)


class Served(NamedTuple):
    """One interface of one object."""

    api: type[Api]
    implementation: Any
    methods: dict[str, str]
    undo: list[Callable[[], None]]

    def properties(self) -> dict[str, Any]:
        """All values, as variants."""
        found = members(self.api, prop)
        return {
            camel(name): variant(each.kind)(getattr(self.implementation, name).value) for name, each in found.items()
        }


class Objects:
    """The objects of the daemon, by path and interface."""

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._served: dict[str, dict[str, Served]] = {}
        self.missing: Missing = _nothing_known

    def publish(self, path: str, api: type[Api], implementation: Any) -> Callable[[], None]:
        """See :class:`sat.bridge.bridge.Bridge`."""
        name = bus_interface(interface_name(api))
        if name in self._served.get(path, {}):
            raise ValueError(f"{path} has {name} already")
        methods = {camel(each): each for each in getattr(api, "__abstractmethods__", ())}
        served = Served(api, implementation, methods, [])
        for declared in members(api, signal).values():
            served.undo.append(self._relay_signal(path, name, declared, implementation))
        for declared in members(api, prop).values():
            served.undo.append(self._relay_property(path, name, declared, implementation))
        self._served.setdefault(path, {})[name] = served
        if path != ROOT:
            self._emit(ROOT, MANAGER, "InterfacesAdded", "oa{sa{sv}}", (path, {name: served.properties()}))

        def withdraw() -> None:
            if self._served.get(path, {}).get(name) is not served:
                return
            for undo in served.undo:
                undo()
            del self._served[path][name]
            if not self._served[path]:
                del self._served[path]
            if path != ROOT:
                self._emit(ROOT, MANAGER, "InterfacesRemoved", "oas", (path, [name]))

        return withdraw

    def _relay_signal(self, path: str, interface: str, declared: Any, implementation: Any) -> Callable[[], None]:
        if holds_secret(declared.kind):
            raise TypeError(f"{interface}.{declared.name}: secrets never leave the daemon")
        member, sign, encode = camel(declared.name), signature(declared.kind), encoder(declared.kind)
        event = getattr(implementation, declared.name)
        undo: Callable[[], None] = event.connect(
            lambda value: self._tell(path, interface, member, sign, lambda: (encode(value),))
        )
        return undo

    def _relay_property(self, path: str, interface: str, declared: Any, implementation: Any) -> Callable[[], None]:
        if holds_secret(declared.kind):
            raise TypeError(f"{interface}.{declared.name}: secrets never leave the daemon")
        member, wrap = camel(declared.name), variant(declared.kind)
        undo: Callable[[], None] = getattr(implementation, declared.name).changed.connect(
            lambda value: self._tell(
                path, PROPERTIES, "PropertiesChanged", "sa{sv}as", lambda: (interface, {member: wrap(value)}, [])
            )
        )
        return undo

    def _tell(self, path: str, interface: str, member: str, sign: str, values: Callable[[], tuple[Any, ...]]) -> None:
        # A value that cannot cross is a mistake of ours. It must not stop who emitted it: they have work to do.
        try:
            self._emit(path, interface, member, sign, values())
        except Exception:
            log.exception("%s.%s at %s could not be told", interface, member, path)

    async def invoke(self, path: str, interface: str, member: str, sign: str, plain: list[Any]) -> Answer:
        """Answer a call; whatever goes wrong is a SatError."""
        try:
            if path not in self._served and interface not in (INTROSPECTABLE, PEER):
                known = await self.missing(path)
                if known is not None:
                    raise known
            if interface in _STANDARD or not interface:
                return self._standard(path, interface, member, sign, plain)
            served, name = self._find(path, interface, member)
            method = incoming(served.api, name)
            arguments = method.decode(sign, plain)
            result = await getattr(served.implementation, name)(*arguments)
            return method.returns, (method.encode(result),) if method.returns else ()
        except SatError:
            raise
        except Exception:
            reference = secrets.token_hex(4)
            log.exception("%s: %s.%s at %s failed", reference, interface, member, path)
            raise InternalError(reference=reference) from None

    def _find(self, path: str, interface: str, member: str) -> tuple[Served, str]:
        served = self._served.get(path, {}).get(interface)
        if served is None:
            if path not in self._served:
                raise NotFound(what=f"object {path} on the bus")
            raise FeatureMissing(who="The daemon", feature=interface)
        name = served.methods.get(member)
        if name is None:
            raise FeatureMissing(who="The daemon", feature=f"{interface}.{member}")
        return served, name

    # -- the standard interfaces ---------------------------------------------------------------------------------

    def _standard(self, path: str, interface: str, member: str, sign: str, plain: list[Any]) -> Answer:
        known: dict[tuple[str, str], tuple[str, Callable[[], Answer]]] = {
            (PEER, "Ping"): ("", lambda: ("", ())),
            (INTROSPECTABLE, "Introspect"): ("", lambda: ("s", (self._introspect(path),))),
            (PROPERTIES, "Get"): ("ss", lambda: ("v", (self._get(path, plain[0], plain[1]),))),
            (PROPERTIES, "GetAll"): ("s", lambda: ("a{sv}", (self._get_all(path, plain[0]),))),
            (PROPERTIES, "Set"): ("ssv", lambda: self._set(path, plain[0], plain[1])),
            (MANAGER, "GetManagedObjects"): ("", lambda: ("a{oa{sa{sv}}}", (self._managed(path),))),
        }
        found = known.get((interface, member))
        if found is None:
            raise FeatureMissing(who="The daemon", feature=f"{interface}.{member}" if interface else member)
        wanted, answer = found
        if sign != wanted:
            raise InvalidArgument(reason=f"{member} takes ({wanted}), not ({sign})")
        return answer()

    def _introspect(self, path: str) -> str:
        from sat.bridge.introspection import node_xml  # its XML library imports half the web

        prefix = path.rstrip("/") + "/"
        children = sorted({each[len(prefix) :].partition("/")[0] for each in self._served if each.startswith(prefix)})
        served = self._served.get(path, {})
        if not served and not children:
            raise NotFound(what=f"object {path} on the bus")
        return node_xml([served[name].api for name in sorted(served)], children, manager=path == ROOT)

    def _get(self, path: str, interface: str, name: str) -> Any:
        values = self._get_all(path, interface)
        if name not in values:
            raise NotFound(what=f"property {name} of {interface}")
        return values[name]

    def _get_all(self, path: str, interface: str) -> dict[str, Any]:
        if interface in _STANDARD:
            return {}
        served = self._served.get(path, {}).get(interface)
        if served is None:
            raise NotFound(what=f"interface {interface} at {path}")
        return served.properties()

    def _set(self, path: str, interface: str, name: str) -> Answer:
        self._get(path, interface, name)
        raise InvalidArgument(reason=f"the property {name} cannot be set")

    def _managed(self, path: str) -> dict[str, Any]:
        if path != ROOT:
            raise FeatureMissing(who=path, feature=MANAGER)
        return {
            each: {name: served.properties() for name, served in interfaces.items()}
            for each, interfaces in self._served.items()
            if each != ROOT
        }


_STANDARD = (INTROSPECTABLE, MANAGER, PEER, PROPERTIES)


async def _nothing_known(_path: str) -> SatError | None:
    return None

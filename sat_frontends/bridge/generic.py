"""Any method of the bus by its name, with arguments as from JSON: for ``jp api`` and for what has no typed client.

What exists is asked of the daemon (introspection), so methods of third-party plugins work too.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple
from xml.etree import ElementTree

import _dbus_bindings as bindings

from sat.api.contract import camel
from sat.api.errors import InvalidArgument, NotFound
from sat.api.names import BUS_NAME, ROOT, profile_path
from sat.bridge.derive import PROPERTIES, TOO_BIG
from sat.bridge.secret import secret_to

if TYPE_CHECKING:
    from sat_frontends.bridge.access import Bridge

_INTROSPECTABLE = "org.freedesktop.DBus.Introspectable"
_DOC = "org.gtk.GDBus.DocString"


class Argument(NamedTuple):
    """An argument or a result. ``doc`` explains its type."""

    name: str
    signature: str
    doc: str


class Member(NamedTuple):
    """A method, signal or property. ``kind`` is one of these words; ``returns`` is empty where nothing comes back."""

    kind: str
    interface: str
    name: str
    arguments: list[Argument]
    returns: list[Argument]
    doc: str

    @property
    def short(self) -> str:
        """``Messages.Send``: how it is called by name."""
        return f"{self.interface.removeprefix(BUS_NAME + '.')}.{self.name}"


class Node(NamedTuple):
    """An object: its path, what it has, and the objects below."""

    path: str
    members: list[Member]
    children: list[str]


def object_path(path: str) -> str:
    """``profile/alice`` → the object of that profile; nothing is the daemon; a full path stays."""
    if path.startswith("/") and path != "/":
        return path
    kind, _slash, name = path.strip("/").partition("/")
    if not kind:
        return ROOT
    return profile_path(name) if kind == "profile" and name else f"{ROOT}/{path}"


async def introspect(bridge: Bridge, path: str = "") -> Node:
    """What an object offers. Errors: NotFound."""
    where = object_path(path)
    text = await bridge.transport(where).call(_INTROSPECTABLE, "Introspect", "", (), "s")
    root = ElementTree.fromstring(str(text))  # noqa: S314 - written by our daemon
    members = [
        _member(interface.get("name", ""), each)
        for interface in root.findall("interface")
        for each in interface
        if each.tag in ("method", "signal", "property")
    ]
    return Node(where, members, [f"{where}/{each.get('name')}" for each in root.findall("node")])


async def call_by_name(bridge: Bridge, path: str, name: str, arguments: list[Any]) -> Any:
    """Call ``Messages.Send`` (or ``messages.send``) with plain arguments; the plain result. Those with a default may
    be left out at the end. A secret is given as text. Errors: NotFound, InvalidArgument, those of the method."""
    member = find(await introspect(bridge, path), name, "method")
    if len(arguments) > len(member.arguments):
        raise InvalidArgument(reason=f"{member.short} takes {len(member.arguments)} arguments, not {len(arguments)}")
    sign = "".join(each.signature for each in member.arguments[: len(arguments)])
    returns = "".join(each.signature for each in member.returns)
    transport = bridge.transport(object_path(path))
    given = zip(member.arguments, arguments, strict=False)
    try:
        values = tuple(to_wire(each.signature, value, each.name) for each, value in given)
        return from_wire(await transport.call(member.interface, member.name, sign, values, returns))
    except OverflowError:
        raise InvalidArgument(reason=TOO_BIG) from None


async def get_by_name(bridge: Bridge, path: str, name: str) -> Any:
    """The plain value of a property. Errors: NotFound."""
    member = find(await introspect(bridge, path), name, "property")
    transport = bridge.transport(object_path(path))
    return from_wire(await transport.call(PROPERTIES, "Get", "ss", (member.interface, member.name), "v"))


async def watch_by_name(
    bridge: Bridge, path: str, name: str, receiver: Callable[[list[Any]], None]
) -> Callable[[], None]:
    """Call ``receiver`` with the plain arguments of a signal, until the returned function is called."""
    member = find(await introspect(bridge, path), name, "signal")
    sign = "".join(each.signature for each in member.arguments)
    transport = bridge.transport(object_path(path))
    return transport.watch(member.interface, member.name, sign, lambda *plain: receiver(from_wire(list(plain))))


def find(node: Node, name: str, kind: str = "") -> Member:
    """A member by its short or full name, in CamelCase or snake_case; of that kind, or of any. Errors: NotFound."""
    interface, _dot, member = name.rpartition(".")
    if name.islower() and "." not in interface:
        interface, member = camel(interface), camel(member)
    wanted = {f"{interface}.{member}", f"{BUS_NAME}.{interface}.{member}"}
    for each in node.members:
        if kind in ("", each.kind) and f"{each.interface}.{each.name}" in wanted:
            return each
    raise NotFound(what=f"{kind or 'member'} {name} at {node.path}")


def _member(interface: str, element: ElementTree.Element) -> Member:
    found = [(each.get("direction", ""), _argument(each)) for each in element.findall("arg")]
    if element.tag == "property":
        found = [("out", Argument("value", element.get("type", ""), _doc(element)))]
    return Member(
        element.tag,
        interface,
        element.get("name", ""),
        [each for direction, each in found if direction != "out"],
        [each for direction, each in found if direction == "out"],
        _doc(element),
    )


def _argument(element: ElementTree.Element) -> Argument:
    return Argument(element.get("name", ""), element.get("type", ""), _doc(element))


def _doc(element: ElementTree.Element) -> str:
    return next((each.get("value", "") for each in element.findall("annotation") if each.get("name") == _DOC), "")


# -- plain values ------------------------------------------------------------------------------------------------


def split(signature: str) -> list[str]:
    """A signature as its complete types: ``sa{sv}(xs)`` → ``s``, ``a{sv}``, ``(xs)``."""
    types, start, depth = [], 0, 0
    for place, code in enumerate(signature):
        depth += {"(": 1, "{": 1, ")": -1, "}": -1}.get(code, 0)
        if not depth and code != "a":
            types.append(signature[start : place + 1])
            start = place + 1
    return types


_PLAIN: dict[str, Any] = {"s": str, "o": str, "x": int, "b": bool, "d": (int, float)}


def to_wire(signature: str, value: Any, name: str) -> Any:
    """A value as from JSON, ready for a message. Errors: InvalidArgument, which says ``name``."""
    if signature == "v":
        return _guess(value, name)
    if signature.startswith("a{") and isinstance(value, dict):
        key, item = split(signature[2:-1])
        return {to_wire(key, each, name): to_wire(item, held, name) for each, held in value.items()}
    if signature == "ay" and isinstance(value, str):
        return base64.b64decode(value)
    if signature.startswith("a") and isinstance(value, list):
        return [to_wire(signature[1:], each, name) for each in value]
    if signature.startswith("(") and isinstance(value, list):
        kinds = split(signature[1:-1])
        if len(value) == len(kinds) - 1 and kinds[-1] == "a{sv}":
            value = [*value, {}]
        if len(value) == len(kinds):
            return tuple(to_wire(kind, each, name) for kind, each in zip(kinds, value, strict=True))
    if signature == "h" and isinstance(value, str):
        return secret_to(value)
    wanted = _PLAIN.get(signature)
    if wanted is None or not isinstance(value, wanted) or (isinstance(value, bool) and signature != "b"):
        raise InvalidArgument(reason=f"{name}: {value!r} does not fit the D-Bus type {signature}")
    return value


def _guess(value: Any, name: str) -> Any:
    """A value whose type the signature does not tell."""
    if isinstance(value, (bool, str, float)):
        return value
    if isinstance(value, int):
        return bindings.Int64(value)
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return bindings.Array(value, signature="s")
    if isinstance(value, dict) and all(isinstance(each, str) for pair in value.items() for each in pair):
        return bindings.Dictionary(value, signature="ss")
    raise InvalidArgument(reason=f"{name}: the D-Bus type of {value!r} is not clear")


def from_wire(plain: Any) -> Any:
    """What came out of a message, as JSON knows it; bytes are base64."""
    if plain is None or isinstance(plain, bindings.Boolean):
        return None if plain is None else bool(plain)
    if isinstance(plain, bytes):
        return base64.b64encode(plain).decode()
    if isinstance(plain, dict):
        return {str(key): from_wire(item) for key, item in plain.items()}
    if isinstance(plain, (list, tuple)):
        return [from_wire(each) for each in plain]
    return str(plain) if isinstance(plain, str) else float(plain) if isinstance(plain, float) else int(plain)

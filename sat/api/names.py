"""How things are called on D-Bus, and which type they have there.

The 1 is the version of the interface, from the first release.
"""

from __future__ import annotations

from typing import Any, get_args, get_origin, get_type_hints

from sat.api.contract import camel, is_struct
from sat.api.values import Pipe, Secret

BUS_NAME = "org.salutatoi.SAT1"
ROOT = "/org/salutatoi/SAT1"
ERROR = f"{BUS_NAME}.Error"

_BASIC = ((Secret, "h"), (Pipe, "h"), (bool, "b"), (int, "x"), (float, "d"), (str, "s"), (bytes, "ay"))
_signatures: dict[Any, str] = {}


def bus_interface(name: str) -> str:
    """``chat_states`` → ``org.salutatoi.SAT1.ChatStates``."""
    return f"{BUS_NAME}.{camel(name)}"


def profile_path(profile: str) -> str:
    """The object of a profile: letters and digits as they are, other bytes as ``_`` and two hex digits."""
    escaped = "".join(
        chr(byte) if chr(byte).isascii() and chr(byte).isalnum() else f"_{byte:02x}" for byte in profile.encode()
    )
    return f"{ROOT}/profile/{escaped}"


def signature(kind: Any) -> str:
    """The D-Bus signature of a declared type; ``TypeError`` for what cannot cross."""
    found = _signatures.get(kind)
    if found is None:
        found = _signatures[kind] = _signature(kind)
    return found


def _signature(kind: Any) -> str:
    if kind is type(None):
        return ""
    if is_struct(kind):
        hints = get_type_hints(kind)
        required = (signature(hints[name]) for name in kind._fields if name not in kind._field_defaults)
        return f"({''.join(required)}a{{sv}})"
    if get_origin(kind) is list:
        return "a" + signature(get_args(kind)[0])
    if get_origin(kind) is dict:
        key, value = get_args(kind)
        return f"a{{{signature(key)}{signature(value)}}}"
    for base, code in _BASIC:
        if isinstance(kind, type) and issubclass(kind, base):
            return code
    raise TypeError(f"{kind!r} cannot cross the bridge")

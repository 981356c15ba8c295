"""Interfaces in words, as a person reads them: in the introspection, on the reference page, in ``jp api``.

Nothing is written here that a declaration says: names, fields, choices, defaults and docstrings are read from it.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import EnumType
from typing import Any, NamedTuple, get_args, get_origin, get_type_hints

from sat.api.contract import Method, describe, is_struct
from sat.api.values import Pipe, Secret

_SIMPLE = {type(None): "nothing", str: "text", int: "whole number", float: "number", bool: "yes or no"}


class Field(NamedTuple):
    """A parameter of a method, or a field of a value. ``default`` is as it is shown, empty where there is none."""

    name: str
    kind: Any
    default: str = ""

    def __str__(self) -> str:
        return f"{self.name}: {type_name(self.kind)}" + (f" = {self.default}" if self.default else "")


def type_name(kind: Any) -> str:
    """A type as a reader knows it: ``list of Contact``."""
    if get_origin(kind) is list:
        return f"list of {type_name(get_args(kind)[0])}"
    if get_origin(kind) is dict:
        key, value = get_args(kind)
        return f"{type_name(value)} by {type_name(key)}"
    return _SIMPLE.get(kind) or str(kind.__name__)


def shown(value: Any) -> str:
    """A default as it is written down."""
    if isinstance(value, str):
        return f'"{value}"'
    return str(value).lower() if isinstance(value, bool) else repr(value)


def parameters(method: Method) -> list[Field]:
    """What a method takes."""
    return _fields(method.params, method.defaults)


def fields(kind: Any) -> list[Field]:
    """What a named tuple holds: first what has no default."""
    hints = get_type_hints(kind)
    return _fields({name: hints[name] for name in kind._fields}, kind._field_defaults)


def _fields(kinds: dict[str, Any], defaults: dict[str, Any]) -> list[Field]:
    written = {name: shown(value) for name, value in defaults.items()}
    return [Field(name, kind, written.get(name, "")) for name, kind in kinds.items()]


def choices(kind: Any) -> list[str]:
    """What a choice can be; nothing for what is none."""
    members: list[Any] = list(kind) if isinstance(kind, EnumType) else []
    return [str(each.value) for each in members]


def reached(kinds: Iterable[Any]) -> list[Any]:
    """What needs words in these types: named tuples, choices and secrets, each once, what is nearest first."""
    found: list[Any] = []
    waiting = list(kinds)
    while waiting:
        kind = waiting.pop(0)
        waiting += get_args(kind)
        if kind in found:
            continue
        if is_struct(kind):
            found.append(kind)
            waiting += get_type_hints(kind).values()
        elif kind in (Secret, Pipe) or isinstance(kind, EnumType):
            found.append(kind)
    return found


def used(api: type[Any]) -> list[Any]:
    """The types that an interface uses."""
    what = describe(api)
    of_methods = [kind for each in what.methods.values() for kind in (*each.params.values(), each.returns)]
    return [*of_methods, *what.signals.values(), *what.properties.values()]


def made_of(kind: Any) -> list[str]:
    """What a named tuple holds or a choice can be, in lines to stand below its docstring."""
    return list(map(str, fields(kind))) if is_struct(kind) else list(filter(None, [", ".join(choices(kind))]))

"""Which interfaces the daemon has, and how arguments typed as text become their values. Only ``jp api`` needs it."""

from __future__ import annotations

import json
from enum import Enum
from importlib import import_module
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from sat.api import JID, Api, SatError, Secret
from sat.api.contract import Description, Method, describe, document, interface_name, is_struct
from sat.api.errors import InvalidArgument
from sat.api.words import choices, fields, made_of, parameters, reached, type_name, used
from sat_frontends.jp.failure import NOT_FOUND, Failure, nearest

_CORE = ("manager", "profile", "settings")
ROOT_ONLY = ("manager", "registration")
"""Interfaces of the daemon itself. ``settings`` is both the daemon's and a profile's."""


class UnknownInterface(Failure):
    """None that is declared here; the daemon may have it all the same, from a plugin that is not installed here."""


def interfaces() -> dict[str, type[Api]]:
    """Every interface by its name: the core's, the plugins', and those of third-party plugins (entry points)."""
    import sat.plugins

    found: dict[str, type[Api]] = {}
    for name in _CORE:
        _collect(f"sat.api.{name}", found)
    for folder in sat.plugins.__path__:
        for path in sorted(Path(folder).glob("*/api.py")):
            _collect(f"sat.plugins.{path.parent.name}.api", found)
    from importlib.metadata import entry_points

    for entry in entry_points(group="sat.plugins"):
        try:
            _collect(f"{entry.value.partition(':')[0].rpartition('.')[0]}.api", found)
        except ImportError:  # a plugin without an interface, or a broken one: the daemon tells of those
            continue
    return found


def _collect(module: str, found: dict[str, type[Api]]) -> None:
    for value in vars(import_module(module)).values():
        if isinstance(value, type) and issubclass(value, Api) and value is not Api and value.__module__ == module:
            found[interface_name(value)] = value


def all_methods() -> list[tuple[str, str]]:
    """Every method with the first sentence of its docstring."""
    return [
        (f"{name}.{method}", _first(document(getattr(api, method))))
        for name, api in sorted(interfaces().items())
        for method in describe(api).methods
    ]


def _first(text: str) -> str:
    return " ".join(text.split()).partition(". ")[0].rstrip(".")


def find(text: str) -> tuple[type[Api], str]:
    """The interface and member that ``messages.send`` names; ``Messages.Send``, as on the bus, is understood too."""
    from sat.api.contract import snake

    interface, dot, member = text.strip().rpartition(".")
    interface, member = snake(interface.rpartition(".")[2]), snake(member)
    known = interfaces()
    if not dot or interface not in known:
        hint = nearest(interface or member, list(known)) or "jp api --list shows all."
        raise UnknownInterface(f"There is no interface “{interface or member}”.", hint, NOT_FOUND)
    described = describe(known[interface])
    members = [*described.methods, *described.signals, *described.properties]
    if member not in members:
        hint = nearest(member, members) or f"It has {', '.join(members)}."
        raise Failure(f"There is no {interface}.{member}.", hint, NOT_FOUND)
    return known[interface], member


def arguments(method: Method, words: list[str]) -> dict[str, Any]:
    """Values by name. Words go to the parameters in order; ``name=value`` goes to the one of that name."""
    given: dict[str, Any] = {}
    free = list(method.params)
    for word in words:
        name, equals, value = word.partition("=")
        if not (equals and name in method.params):
            if not free:
                raise InvalidArgument(reason=f"{method.name} takes at most {len(method.params)} arguments")
            name, value = free[0], word
        if name in given:
            raise InvalidArgument(reason=f"{name} is given twice")
        given[name] = value_of(method.params[name], value, name)
        if name in free:
            free.remove(name)
    missing = [name for name in free if name not in method.defaults]
    if missing:
        raise InvalidArgument(reason=f"{signature(method)} needs {', '.join(missing)} too")
    return given


def value_of(kind: Any, text: str, name: str) -> Any:
    """A value of the declared type from text: plain for simple types, JSON for lists, dicts and records."""
    try:
        if kind is Secret:
            return _secret(text, name)
        if kind is JID:
            return JID.parse(text) if text else JID("")
        if kind is str:
            return text
        if kind is bool:
            return {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}[text.lower()]
        if kind in (int, float):
            return kind(text)
        if isinstance(kind, type) and issubclass(kind, Enum):
            return kind(text)
        return _built(kind, json.loads(text))
    except SatError:
        raise
    except (KeyError, ValueError, TypeError):
        raise InvalidArgument(reason=f"{name} is no {type_name(kind)}: “{text}”") from None


def guessed(text: str) -> Any:
    """A value whose type is not known here: JSON, or else the text."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _secret(text: str, name: str) -> Secret:
    if text != "-":
        raise InvalidArgument(reason=f"{name} is secret: give - and type it, or pipe it in")
    from sat_frontends.jp.ask import ask_secret, somebody_there
    from sat_frontends.jp.stdin import read_text

    return ask_secret(f"{name}: ") if somebody_there() else Secret(read_text("").partition("\n")[0])


def _built(kind: Any, plain: Any) -> Any:
    """A value of the declared type from JSON."""
    if get_origin(kind) is list:
        return [_built(get_args(kind)[0], each) for each in _as(list, plain)]
    if get_origin(kind) is dict:
        return {name: _built(get_args(kind)[1], each) for name, each in _as(dict, plain).items()}
    if is_struct(kind):
        hints = get_type_hints(kind)
        return kind(**{name: _built(hints[name], each) for name, each in _as(dict, plain).items()})
    if kind is JID:
        return JID.parse(_as(str, plain)) if plain else JID("")
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(plain)
    if kind is bytes:
        from base64 import b64decode

        return b64decode(_as(str, plain), validate=True)
    return float(plain) if kind is float and isinstance(plain, int) else _as(kind, plain)


def _as(kind: Any, plain: Any) -> Any:
    if not isinstance(plain, kind) or (kind is int and isinstance(plain, bool)):
        raise TypeError(f"not {kind}")
    return plain


# -- showing them --------------------------------------------------------------------------------------------


def signature(method: Method) -> str:
    """``get_history(peer: JID, before: whole number = 0) → list of Message``."""
    returns = f" → {type_name(method.returns)}" if method.returns is not type(None) else ""
    return f"{method.name}({', '.join(map(str, parameters(method)))}){returns}"


def introspected(api: type[Api]) -> str:
    """An interface with its documentation and the values that it uses, as text."""
    described: Description = describe(api)
    place = "the daemon" if described.name in ROOT_ONLY else "a profile"
    lines = [f"{described.name} (of {place})", *_indented(document(api), 2)]
    members = [signature(method) for method in described.methods.values()]
    members += [f"signal {name}: {type_name(kind)}" for name, kind in described.signals.items()]
    members += [f"property {name}: {type_name(kind)}" for name, kind in described.properties.items()]
    names = [*described.methods, *described.signals, *described.properties]
    for name, shown in zip(names, members, strict=True):
        lines += ["", f"  {shown}", *_indented(document(getattr(api, name)), 6)]
    for kind in reached(used(api)):
        lines += ["", f"  {kind.__name__}", *_indented(document(kind), 6)]
        lines += [f"      - {each}" for each in made_of(kind)]
    return "\n".join(lines)


def _indented(text: str, columns: int) -> list[str]:
    return [f"{'':{columns}}{line}".rstrip() for line in text.split("\n")]


def schema(api: type[Api]) -> dict[str, Any]:
    """An interface as JSON."""
    described = describe(api)
    return {
        "interface": described.name,
        "doc": document(api),
        "methods": {
            name: {
                "doc": document(getattr(api, name)),
                "parameters": {each: type_name(kind) for each, kind in method.params.items()},
                "defaults": {each: value for each, value in method.defaults.items() if not isinstance(value, Secret)},
                "returns": type_name(method.returns),
            }
            for name, method in described.methods.items()
        },
        "signals": {name: _typed(api, name, kind) for name, kind in described.signals.items()},
        "properties": {name: _typed(api, name, kind) for name, kind in described.properties.items()},
        "values": {kind.__name__: _value(kind) for kind in reached(used(api))},
    }


def _typed(api: type[Api], name: str, kind: Any) -> dict[str, str]:
    return {"doc": document(getattr(api, name)), "type": type_name(kind)}


def _value(kind: Any) -> dict[str, Any]:
    if not is_struct(kind):
        return {"doc": document(kind), "choices": choices(kind)}
    return {
        "doc": document(kind),
        "fields": {each.name: type_name(each.kind) for each in fields(kind)},
        "defaults": kind._field_defaults,
    }

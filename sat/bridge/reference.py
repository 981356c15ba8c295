"""The reference page of the bus, written from the declarations: ``python -m sat.bridge.reference [FILE]``."""

from __future__ import annotations

import importlib
import pkgutil
import sys
from enum import Enum
from pathlib import Path
from typing import Any, get_args, get_type_hints

from sat.api.contract import Api, Method, camel, describe, document
from sat.api.errors import ERRORS
from sat.api.names import BUS_NAME, ERROR, ROOT, bus_interface, profile_path
from sat.bridge.codec import is_struct, signature
from sat.bridge.introspection import type_name

_INTRODUCTION = f"""\
# The bus

<!-- Written by `python -m sat.bridge.reference docs/reference/bus.md`; do not edit. -->

The daemon has the name `{BUS_NAME}` on the session bus. The object `{ROOT}` is the daemon itself; each profile is an
object below it: `{profile_path("alice")}` (other characters than letters and digits are `_` and two hex digits).
Every object answers `Introspect`, with this documentation; the root has an `ObjectManager`, and properties tell their
changes by `PropertiesChanged`.

- **Values** are structs: the fields without a default in their order, then one `a{{sv}}` with the fields that differ
  from their default. A newer daemon may add fields there.
- **Arguments** at the end that have a default may be left out.
- **Secrets** (`h`) are the reading end of a pipe that holds at most 4096 bytes of UTF-8, written and closed before the
  call. They never come back.
- **Errors** are called `{ERROR}.<name>` and carry the sentence (`s`) and its details (`a{{ss}}`).
- **`{BUS_NAME}.Bridge.SignalsLost`** (at the root) says that the bus was too slow and signals were dropped: ask again
  what you need to know.

The session bus is no security boundary: every program of the same person can call these methods.
"""


def interfaces() -> list[type[Api]]:
    """Every interface of the daemon and its own plugins, by name."""
    modules = [importlib.import_module(f"sat.api.{name}") for name in ("manager", "profile", "settings")]
    plugins = importlib.import_module("sat.plugins")
    for found in pkgutil.iter_modules(plugins.__path__):
        try:
            modules.append(importlib.import_module(f"sat.plugins.{found.name}.api"))
        except ModuleNotFoundError as error:
            if error.name != f"sat.plugins.{found.name}.api":
                raise
    declared = {
        thing
        for module in modules
        for thing in vars(module).values()
        if isinstance(thing, type) and issubclass(thing, Api) and thing.__module__ == module.__name__
    }
    return sorted(declared, key=lambda api: api.__name__)


def page() -> str:
    """The whole page."""
    apis = interfaces()
    parts = [_INTRODUCTION, "## Interfaces\n"]
    parts += [_interface(api) for api in apis]
    parts.append("## Values\n")
    parts += [_value(kind) for kind in sorted(_values(apis), key=lambda kind: kind.__name__)]
    parts.append("## Errors\n\n| name | sentence | exit code of `jp` | HTTP status |\n|---|---|---|---|")
    parts += [
        f"| {name} | {_line(ERRORS[name].__doc__)} | {ERRORS[name].exit_code} | {ERRORS[name].http_status} |"
        for name in sorted(ERRORS)
        if ERRORS[name].__module__ == "sat.api.errors"
    ]
    return "\n".join(parts) + "\n"


def _interface(api: type[Api]) -> str:
    what = describe(api)
    lines = [f"### {bus_interface(what.name)}\n", f"{document(api)} (`{api.__module__}.{api.__name__}`)\n"]
    for name, method in what.methods.items():
        lines.append(f"- `{_prototype(method)}`<br>{_line(document(getattr(api, name)))}")
    for name, kind in what.signals.items():
        lines.append(f"- signal `{camel(name)}({signature(kind)})`: {type_name(kind)}")
    for name, kind in what.properties.items():
        lines.append(f"- property `{camel(name)}: {signature(kind)}`: {type_name(kind)}")
    return "\n".join(lines) + "\n"


def _prototype(method: Method) -> str:
    arguments = ", ".join(
        f"{name}: {signature(kind)}" + (f" = {_shown(method.defaults[name])}" if name in method.defaults else "")
        for name, kind in method.params.items()
    )
    returns = signature(method.returns)
    result = f" → {returns} ({type_name(method.returns)})" if returns else ""
    return f"{camel(method.name)}({arguments}){result}"


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    return str(value).lower() if isinstance(value, bool) else repr(value)


def _values(kinds: Any) -> set[Any]:
    """The named tuples and choices that are reached from these interfaces."""
    found: set[Any] = set()
    waiting: list[Any] = []
    for api in kinds:
        what = describe(api)
        waiting += [kind for method in what.methods.values() for kind in (*method.params.values(), method.returns)]
        waiting += [*what.signals.values(), *what.properties.values()]
    while waiting:
        kind = waiting.pop()
        waiting += get_args(kind)
        if kind in found:
            continue
        if is_struct(kind):
            found.add(kind)
            waiting += get_type_hints(kind).values()
        elif isinstance(kind, type) and issubclass(kind, Enum):
            found.add(kind)
    return found


def _value(kind: Any) -> str:
    if not is_struct(kind):
        return f"### {kind.__name__}\n\n{document(kind)}\n\n{', '.join(f'`{each.value}`' for each in kind)}\n"
    hints = get_type_hints(kind)
    lines = [f"### {kind.__name__} `{signature(kind)}`\n", document(kind), ""]
    for name in kind._fields:
        default = f" = {_shown(kind._field_defaults[name])}" if name in kind._field_defaults else ""
        lines.append(f"- `{name}: {signature(hints[name])}{default}` {type_name(hints[name])}")
    return "\n".join(lines) + "\n"


def _line(text: str | None) -> str:
    return " ".join((text or "").split()).replace("|", "\\|")


def main(arguments: list[str]) -> int:
    """Write the page to a file, or show it."""
    if arguments:
        Path(arguments[0]).write_text(page(), encoding="utf-8")
    else:
        sys.stdout.write(page())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The reference page of the bus, written from the declarations: ``python -m sat.bridge.reference [FILE]``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from sat.api.contract import Api, Method, camel, describe, document, is_struct
from sat.api.errors import ERRORS
from sat.api.names import BUS_NAME, ERROR, ROOT, bus_interface, profile_path, signature
from sat.api.words import Field, choices, fields, parameters, reached, type_name, used
from sat.bridge.introspection import interfaces

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
- **Pipes** (`h`) are a file descriptor that the daemon reads from or writes to, and closes when it has done that.
- **Errors** are called `{ERROR}.<name>` and carry the sentence (`s`) and its details (`a{{ss}}`).
- **`{BUS_NAME}.Bridge.SignalsLost`** (at the root) says that the bus was too slow and signals were dropped: ask again
  what you need to know.

The session bus is no security boundary: every program of the same person can call these methods.
"""


def page() -> str:
    """The whole page."""
    apis = interfaces()
    parts = [_INTRODUCTION, "## Interfaces\n"]
    parts += [_interface(api) for api in apis]
    parts.append("## Values\n")
    values = reached(kind for api in apis for kind in used(api))
    parts += [_value(kind) for kind in sorted(values, key=lambda kind: kind.__name__)]
    parts.append("## Errors\n\n| name | sentence | exit code of `jp` | HTTP status |\n|---|---|---|---|")
    parts += [
        f"| {name} | {_line(ERRORS[name].__doc__)} | {ERRORS[name].exit_code} | {ERRORS[name].http_status} |"
        for name in sorted(ERRORS)
        if ERRORS[name].__module__.startswith("sat.api.errors.")
    ]
    return "\n".join(parts) + "\n"


def _interface(api: type[Api]) -> str:
    what = describe(api)
    lines = [f"### {bus_interface(what.name)}\n", f"{document(api)} (`{api.__module__}.{api.__name__}`)\n"]
    for name, method in what.methods.items():
        lines.append(f"- `{_prototype(method)}`<br>{_line(document(getattr(api, name)))}")
    for name, kind in what.signals.items():
        told = f"{camel(name)}({signature(kind)})"
        lines.append(f"- signal `{told}` ({type_name(kind)})<br>{_line(document(getattr(api, name)))}")
    for name, kind in what.properties.items():
        told = f"{camel(name)}: {signature(kind)}"
        lines.append(f"- property `{told}` ({type_name(kind)})<br>{_line(document(getattr(api, name)))}")
    return "\n".join(lines) + "\n"


def _prototype(method: Method) -> str:
    returns = signature(method.returns)
    result = f" → {returns} ({type_name(method.returns)})" if returns else ""
    return f"{camel(method.name)}({', '.join(map(_typed, parameters(method)))}){result}"


def _typed(field: Field) -> str:
    return f"{field.name}: {signature(field.kind)}" + (f" = {field.default}" if field.default else "")


def _value(kind: Any) -> str:
    if not is_struct(kind):
        listed = ", ".join(f"`{each}`" for each in choices(kind))
        return "\n\n".join(filter(None, [f"### {kind.__name__} `{signature(kind)}`", document(kind), listed])) + "\n"
    lines = [f"### {kind.__name__} `{signature(kind)}`\n", document(kind), ""]
    lines += [f"- `{_typed(field)}` {type_name(field.kind)}" for field in fields(kind)]
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

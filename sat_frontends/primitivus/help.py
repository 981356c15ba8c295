"""F1: the keys that work here, from the key table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import urwid

from sat_frontends.primitivus.keys import Where, label
from sat_frontends.primitivus.view import Zone
from sat_frontends.quick_frontend.text import width

if TYPE_CHECKING:
    from sat_frontends.primitivus.app import App

ORDER = {
    Zone.INPUT: (Where.INPUT, Where.GLOBAL, Where.BROWSE, Where.CONTACTS),
    Zone.BROWSE: (Where.BROWSE, Where.GLOBAL, Where.INPUT, Where.CONTACTS),
    Zone.CONTACTS: (Where.CONTACTS, Where.GLOBAL, Where.INPUT, Where.BROWSE),
}


def open_help(app: App) -> None:
    """What works where the person is comes first."""
    lines: list[str | urwid.Widget] = [
        "Write and press Enter to send. A line that begins with / is a command: /help lists them.",
        "",
    ]
    bindings = [(binding, "  ".join(label(key) for key in binding.keys)) for binding in app.keymap.bindings]
    room = min(20, max(width(keys) for _binding, keys in bindings))
    for where in ORDER[app.view.zone]:
        lines.append(urwid.Text(("dialog title", where.value)))
        for binding, keys in bindings:
            if binding.where is where and keys:
                row = [(room, urwid.Text(("prompt", keys))), urwid.Text(binding.help)]
                lines.append(urwid.Columns(row, dividechars=2))
        lines.append("")
    lines.append(urwid.Text(("hint", "Keys are changed in sat.conf, section [tui.keys]. Esc closes this.")))
    app.read("Keys", lines, 78)

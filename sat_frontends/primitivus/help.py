"""F1: the keys that work here, from the key table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import urwid

from sat_frontends.primitivus.keys import Where
from sat_frontends.primitivus.view import Zone
from sat_frontends.quick_frontend.text import width

if TYPE_CHECKING:
    from sat_frontends.primitivus.app import App

FIRST = {
    Zone.INPUT: Where.INPUT,
    Zone.BROWSE: Where.BROWSE,
    Zone.CONTACTS: Where.CONTACTS,
    Zone.POSTS: Where.POSTS,
    Zone.OCCUPANTS: Where.OCCUPANTS,
}


def open_help(app: App) -> None:
    """What works where the person is comes first."""
    lines: list[str | urwid.Widget] = [
        "Write and press Enter to send. A line that begins with / is a command: /help lists them.",
        "",
    ]
    bindings = [(binding, "  ".join(app.keymap.label(key) for key in binding.keys)) for binding in app.keymap.bindings]
    room = min(20, max(width(keys) for _binding, keys in bindings))
    for where in dict.fromkeys([FIRST[app.view.zone], *Where]):
        lines.append(urwid.Text(("dialog title", where.value)))
        for binding, keys in bindings:
            if binding.where is where and keys:
                row = [(room, urwid.Text(("prompt", keys))), urwid.Text(binding.help)]
                lines.append(urwid.Columns(row, dividechars=2))
        lines.append("")
    lines.append(
        urwid.Text(("hint", "Keys are changed in sat.conf, section [tui.keys]; /keys tells the names to write."))
    )
    app.read("Keys", lines, 78)


def open_keys(app: App) -> None:
    """Every action by the name that ``sat.conf`` gives it a key with; what is wrong comes first."""
    problems = list(dict.fromkeys([*app.frame.problems, *app.keymap.conflicts()]))
    lines: list[str | urwid.Widget] = [urwid.Text(("error", each)) for each in problems]
    lines += ["" if problems else "No key means two things."]
    for where in Where:
        lines += ["", urwid.Text(("dialog title", where.value))]
        for binding in app.keymap.bindings:
            if binding.where is where:
                keys = " ".join(app.keymap.label(key) for key in binding.keys) or "no key"
                lines.append(
                    urwid.Columns([(20, urwid.Text(binding.action)), urwid.Text(("prompt", keys))], dividechars=2)
                )
    app.read("Keys and actions", lines, 60)

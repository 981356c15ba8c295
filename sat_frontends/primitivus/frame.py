"""What is on the screen before anything is known: drawn first, filled by the ``App`` afterwards.

Little is imported here, so that the person sees something soon: the models and the bus come after the first screen.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import urwid

from sat_frontends.primitivus.config import Config
from sat_frontends.primitivus.input import Input
from sat_frontends.primitivus.keys import KeyMap, Where
from sat_frontends.primitivus.lines import Part, StatusLine
from sat_frontends.primitivus.loop import Loop
from sat_frontends.primitivus.palette import choose_theme, palette
from sat_frontends.primitivus.symbols import ASCII, UNICODE
from sat_frontends.primitivus.view import View

if TYPE_CHECKING:
    from sat_frontends.primitivus.app import App

SEVERITIES = {
    urwid.Severity.INFO: "notice",
    urwid.Severity.WARNING: "notice error",
    urwid.Severity.ERROR: "notice error",
}


class Root(urwid.OverlayStack):
    """The view with the dialogs over it, and the way of a key: dialog, global keys, then what has the focus."""

    app: App | None = None

    def keypress(self, size: tuple[int, int], key: str) -> str | None:
        app = self.app
        if app is None:  # what is typed while we start is not lost
            self.base.keypress(size, key)
            return None
        if not self.depth:
            return app.key(size, key)
        left: str | None = super().keypress(size, key)
        action = app.keymap.action(Where.GLOBAL, left) if left else ""
        if action in ("quit", "redraw"):
            app.act(action)
        return None


class Frame:
    """The widgets that are always there, and the loop that draws them."""

    def __init__(self, screen: urwid.BaseScreen, asyncio_loop: asyncio.AbstractEventLoop, config: Config) -> None:
        self.config = config
        self.keymap, problems = KeyMap().changed(config.keys)
        self.problems = [*config.problems, *problems]
        self.symbols = UNICODE if urwid.supports_unicode() and not config.ascii else ASCII
        self.title = StatusLine("title", lambda _columns: ([Part(None, " primitivus")], []))
        self.banner = StatusLine("banner", lambda _columns: ([], []))
        self.bar = StatusLine("bar", lambda _columns: ([], [Part(None, f" {self.keymap.shown('help')} help ")]))
        self.loop = self._loop(screen, asyncio_loop)
        self.notices = urwid.Notifications(max_count=2, severity_attr=SEVERITIES, loop=self.loop.urwid)
        self.input = Input(self.keymap, f"{self.symbols.prompt} ")
        self.view = View(self.title, self.banner, self.notices, self.bar, self.input, self.symbols.vertical)
        self.view.set(conversation=hint(f"connecting to the daemon{self.symbols.ellipsis}"))
        self.root = self.loop.urwid.widget = Root(self.view)

    def _loop(self, screen: urwid.BaseScreen, asyncio_loop: asyncio.AbstractEventLoop) -> Loop:
        theme = choose_theme(self.config.theme)
        if theme == "mono" and hasattr(screen, "set_terminal_properties"):
            screen.set_terminal_properties(colors=1)
        return Loop(palette(theme), screen, asyncio_loop, mouse=self.config.mouse, keys=self._without_reports)

    def _without_reports(self, keys: list[Any], _raw: list[int]) -> list[Any]:
        """Keys only: that the terminal got or lost the focus is told to the app."""
        for key in keys:
            if key in ("focus in", "focus out") and self.root.app is not None:
                self.root.app.set_focused(key == "focus in")
        return [key for key in keys if key not in ("focus in", "focus out")]


def hint(*lines: str) -> urwid.Widget:
    """Lines in the middle of an empty conversation."""
    rows = [urwid.Text(("hint", line), align="center") for line in lines]
    return urwid.Filler(urwid.Pile([(urwid.PACK, row) for row in rows]))

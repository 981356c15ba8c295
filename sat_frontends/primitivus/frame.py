"""What is on the screen before anything is known: drawn first, filled by the ``App`` afterwards.

Little is imported here, so that the person sees something soon: the models and the bus come after the first screen.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import urwid

from sat_frontends.primitivus.config import Config
from sat_frontends.primitivus.gallery import Gallery
from sat_frontends.primitivus.input import Input
from sat_frontends.primitivus.keys import KeyMap, Where
from sat_frontends.primitivus.lines import Part, StatusLine
from sat_frontends.primitivus.loop import Loop
from sat_frontends.primitivus.palette import asks_terminal, choose_theme, palette
from sat_frontends.primitivus.symbols import ASCII, choose, fallbacks
from sat_frontends.primitivus.telling import MOST
from sat_frontends.primitivus.terminal import Reports, Screen
from sat_frontends.primitivus.view import View

if TYPE_CHECKING:
    from sat_frontends.primitivus.app import App
    from sat_frontends.primitivus.kitty import Kitty

SEVERITIES = {
    urwid.Severity.INFO: "notice",
    urwid.Severity.WARNING: "notice error",
    urwid.Severity.ERROR: "notice error",
}


class Root(urwid.OverlayStack):
    """The view with the dialogs over it, and the way of a key: dialog, global keys, then what has the focus.

    While a dialog is open the notices stand below everything, so that they hide nothing and nothing hides them.
    """

    app: App | None = None

    def __init__(self, view: View, notices: urwid.Notifications) -> None:
        super().__init__(view)
        self._view, self._notices = view, notices
        urwid.connect_signal(notices, "change", lambda _notices: self._invalidate())

    def open(self, widget: urwid.Widget, **layout: Any) -> None:
        super().open(widget, **layout)
        self._view.cover(True)

    def close(self, result: Any = None, *, widget: urwid.Widget | None = None) -> bool:
        closed = bool(super().close(result, widget=widget))
        self._view.cover(bool(self.depth))
        return closed

    def room(self, size: tuple[int, int]) -> tuple[int, int]:
        """The size that the notices leave."""
        taken = int(self._notices.rows((size[0],))) if self.depth else 0
        return size[0], size[1] - min(taken, size[1] // 2)

    def render(self, size: tuple[int, int], focus: bool = False) -> urwid.Canvas:
        room = self.room(size)
        canvas: urwid.Canvas = super().render(room, focus)
        if room == size:
            return canvas
        notices = urwid.CompositeCanvas(self._notices.render((size[0],)))
        notices.trim(0, size[1] - room[1])
        return urwid.CanvasCombine([(canvas, 0, True), (notices, 1, False)])

    def keypress(self, size: tuple[int, int], key: str) -> str | None:
        app = self.app
        if app is None:  # what is typed while we start is not lost
            self.base.keypress(size, key)
            return None
        app.attend()
        if not self.depth:
            return app.key(size, key)
        left: str | None = super().keypress(self.room(size), key)
        action = app.keymap.action(Where.GLOBAL, left) if left else ""
        if action in ("quit", "redraw"):
            app.act(action)
        return None

    def mouse_event(self, size: tuple[int, int], event: str, button: int, col: int, row: int, focus: bool) -> bool:
        room = self.room(size)
        return row < room[1] and bool(super().mouse_event(room, event, button, col, row, focus))

    def get_cursor_coords(self, size: tuple[int, int]) -> tuple[int, int] | None:
        found: tuple[int, int] | None = super().get_cursor_coords(self.room(size))
        return found


class Frame:
    """The widgets that are always there, and the loop that draws them."""

    def __init__(self, screen: urwid.BaseScreen, asyncio_loop: asyncio.AbstractEventLoop, config: Config) -> None:
        self.config = config
        self.symbols = choose(config.ascii, urwid.util.get_encoding())
        if urwid.util.get_encoding_mode() != "utf8":
            urwid.set_ascii_fallbacks(fallbacks())
        self.keymap, problems = KeyMap(ascii=self.symbols is ASCII).changed(config.keys)
        self.problems = [*config.problems, *problems]
        ellipsis, keys = self.symbols.ellipsis, f" {self.keymap.shown('help')} help "
        self.title = StatusLine("title", lambda _columns: ([Part(None, " primitivus")], []), ellipsis)
        self.banner = StatusLine("banner", lambda _columns: ([], []), ellipsis)
        self.bar = StatusLine("bar", lambda _columns: ([], [Part(None, keys)]), ellipsis)
        self.purpose = StatusLine("bar", lambda _columns: ([], []), ellipsis)
        self.loop = self._loop(screen, asyncio_loop)
        kitty = self._kitty(screen)
        self.gallery = Gallery(screen, kitty, config.pictures != "none" and self.symbols is not ASCII)
        self.notices = urwid.Notifications(max_count=MOST, severity_attr=SEVERITIES, loop=self.loop.urwid)
        self.input = Input(self.keymap, self.symbols)
        lines = (self.title, self.banner, self.notices, self.bar, self.purpose)
        self.view = View(*lines, self.input, self.symbols.vertical)
        self.view.set(conversation=hint(f"connecting to the daemon{self.symbols.ellipsis}"))
        self.root = self.loop.urwid.widget = Root(self.view, self.notices)

    def _loop(self, screen: urwid.BaseScreen, asyncio_loop: asyncio.AbstractEventLoop) -> Loop:
        theme = choose_theme(self.config.theme)
        if theme == "mono" and hasattr(screen, "set_terminal_properties"):
            screen.set_terminal_properties(colors=1)
        if asks_terminal(self.config.theme) and hasattr(screen, "ask_background"):
            screen.ask_background(self._set_background)
        return Loop(palette(theme), screen, asyncio_loop, mouse=self.config.mouse, keys=Reports(self._focused).filter)

    def _kitty(self, screen: urwid.BaseScreen) -> Kitty | None:
        wanted = self.config.pictures
        if wanted not in ("auto", "kitty") or self.config.theme == "mono" or not isinstance(screen, Screen):
            return None
        from sat_frontends.primitivus.kitty import Kitty

        return Kitty(screen, wanted == "kitty")

    def _focused(self, focused: bool) -> None:
        if self.root.app is not None:
            self.root.app.set_focused(focused)

    def _set_background(self, light: bool) -> None:
        """The terminal has told the colour behind its text."""
        if light:
            self.loop.screen.register_palette(palette("light"))
            self.loop.redraw()


def hint(*lines: str) -> urwid.Widget:
    """Lines in the middle of an empty conversation."""
    rows = [urwid.Text(("hint", line), align="center") for line in lines]
    return urwid.Filler(urwid.Pile([(urwid.PACK, row) for row in rows]))

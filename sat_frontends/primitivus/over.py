"""Dialogs over everything that is on the screen."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import urwid

from sat_frontends.primitivus.dialogs import Answer, Dialog, Kit, Reading
from sat_frontends.primitivus.frame import Root
from sat_frontends.primitivus.loop import Loop


class Over:
    """Opens and closes them, for the ``App``."""

    root: Root
    loop: Loop
    kit: Kit

    def look(self) -> None:
        """What lies over the conversation is another."""
        raise NotImplementedError

    def limit(self) -> int:
        """How many rows a dialog may have."""
        return max(3, self.root.room(self.loop.size)[1] - 2)

    def open_dialog(
        self,
        dialog: urwid.Widget,
        width: int = 64,
        rows: int | None = None,
        closed: Callable[[object], object] | None = None,
    ) -> None:
        """Put a dialog over everything; ``closed`` is called when it goes."""
        columns = self.loop.size[0]
        relative = (urwid.RELATIVE, 100) if columns < width + 4 else width
        height = urwid.PACK if rows is None else rows
        self.root.open(dialog, width=relative, height=height, min_width=20, on_close=closed)
        self.look()
        self.loop.redraw()

    def close_dialog(self, dialog: urwid.Widget | None = None) -> None:
        """Take a dialog away, the top one if none is named."""
        self.root.close(widget=dialog)
        self.look()
        self.loop.redraw()

    def read(self, title: str, lines: list[str | urwid.Widget], width: int = 72) -> None:
        """Show a text to read."""
        self.open_dialog(Reading(title, lines, kit=self.kit, cancel=self.close_dialog), width)

    def ask(self, title: str, question: str, yes: str, do: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        """Ask before doing something."""

        def go() -> None:
            self.close_dialog()
            self.loop.spawn(do())

        answers = [Answer("Cancel", self.close_dialog), Answer(yes, go)]
        self.open_dialog(Dialog(title, [question], answers, kit=self.kit, cancel=self.close_dialog))

"""Sending a file: which one, and by which way."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import urwid

from sat.api import JID, SatError
from sat.api.errors import InvalidArgument
from sat.api.sizes import shown
from sat_frontends.primitivus.dialogs import Answer, Dialog, framed
from sat_frontends.primitivus.path_line import PathLine
from sat_frontends.quick_frontend import offering
from sat_frontends.quick_frontend.offering import LABELS, By, Ways
from sat_frontends.quick_frontend.sending import paths
from sat_frontends.quick_frontend.text import clean_line

if TYPE_CHECKING:
    from sat_frontends.primitivus.app import App


def open_attach(app: App) -> None:
    """Ask for a file for who is in this conversation. A path that stands in the input is taken over."""
    if app.session.live is None or app.peer is None:
        app.notice("No conversation is open, so nobody would get this. Open one first.")
    else:
        Attaching(app, app.peer).open()


class Attaching:
    """The dialog; it stays open, with what was written, until there is a file to send."""

    def __init__(self, app: App, peer: JID) -> None:
        self.app, self.peer, self.live = app, peer, app.live
        self.name = clean_line(self.live.contacts.label(peer))
        self._path = PathLine(("hint", "File: "), app.keymap, partial(paths, self.live), self._offer)
        self._text = app.kit.entry("Say of it:")
        self._from_input = offering.dropped(app.input.text)
        self._path.replace(self._from_input)
        self._told = urwid.Text("")
        self._show(offering.known_ways(self.live, peer))
        rows = [framed(self._path), *([framed(self._text)] if self.ways.direct else []), self._told]
        first = self.ways.usual()
        order = [by for by in (first, *By) if by is By.SERVER or self.ways.direct]
        answers = [Answer(LABELS[by], partial(self._go, by)) for by in dict.fromkeys(order)]
        title = f"Send a file to {self.name}"
        self.dialog = Dialog(title, rows, [*answers, Answer("Cancel", self._close)], kit=app.kit, cancel=self._close)

    def _show(self, ways: Ways) -> None:
        """Say what each way means; the server may tell more about its own."""
        self.ways = ways
        self._told.set_text("\n".join(offering.told(ways, self.name)))

    async def _look(self) -> None:
        self._show(await offering.ways(self.live, self.peer))

    def open(self) -> None:
        """Show it."""
        self.app.open_dialog(self.dialog, 66)
        self.app.loop.spawn(self._look())

    def _close(self) -> None:
        self.app.close_dialog(self.dialog)

    def _offer(self, names: list[str]) -> None:
        self.dialog.say("  ".join(names))

    def _go(self, by: By) -> None:
        typed = str(self._path.edit_text)
        path = offering.dropped(typed) or offering.whole(typed)
        if not path:
            self.dialog.say(InvalidArgument(reason="Say which file."))
            return
        if by is By.SERVER and self.ways.usual(offering.size(path)) is By.DIRECT:
            limit = f"nothing larger than {shown(self.ways.limit)}" if self.ways.server else "no files"
            self.dialog.say(f"Your server takes {limit}: send it straight to {self.name}.")
            return
        self._close()
        if self._from_input and self.app.input.text and self.app.peer == self.peer:
            self.app.input.replace("")
        self.app.loop.spawn(self._send(path, by))

    async def _send(self, path: str, by: By) -> None:
        self.app.telling.answer()
        try:
            await offering.send(self.live, self.peer, path, by, str(self._text.edit_text).strip())
        except SatError as error:
            self.app.telling.answer(error)

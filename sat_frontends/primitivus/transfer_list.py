"""The list of all that is on its way and that was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import urwid

from sat.api.transfers import Transfer
from sat_frontends.primitivus.row_walker import RowWalker
from sat_frontends.primitivus.transfer_row import TransferRow, keys
from sat_frontends.quick_frontend.transfer_words import Row

if TYPE_CHECKING:
    from sat_frontends.primitivus.app import App

MOVES = {"j": "down", "k": "up", "g": "home", "G": "end"}


class TransferList(urwid.WidgetWrap):
    """A dialog with the list, and below it what can be done with the one that is selected."""

    def __init__(self, app: App) -> None:
        self.app = app
        self._rows: list[Row] = []
        self._walker: RowWalker[Row] = RowWalker(lambda: self._rows, self._widget)
        self._list = urwid.ListBox(self._walker)
        self._keys = urwid.Text("")
        self._none = urwid.Filler(urwid.Text(("hint", self._empty()), align="center"))
        rule = urwid.Divider(app.symbols.rule)
        self._pile = urwid.Pile([self._none, (urwid.PACK, rule), (urwid.PACK, self._keys)])
        super().__init__(app.kit.box(self._pile, "On the way, and what was"))
        self._heard = app.live.transfers.changed.connect(lambda _id: self.refresh())
        self.refresh()

    @classmethod
    def open(cls, app: App) -> None:
        """Show it over everything."""
        dialog = cls(app)
        app.open_dialog(dialog, 76, min(24, app.limit()), closed=lambda _result: dialog.close())

    def close(self) -> None:
        """Hear nothing any more."""
        self._heard()

    def _empty(self) -> str:
        return f"Nothing is on its way. {self.app.keymap.shown('attach')} sends a file."

    def _widget(self, row: Row) -> urwid.Widget:
        transfer = self._transfer(row)
        assert transfer is not None
        return TransferRow(transfer, row, self.app.conversations.look_of_files)

    def _transfer(self, row: Row) -> Transfer | None:
        return self.app.live.transfers.find(row.id)

    @property
    def selected(self) -> Transfer | None:
        """The one in focus."""
        return self._transfer(self._rows[self._walker.focus]) if self._rows else None

    def refresh(self) -> None:
        """They are others now, or have come further."""
        live = self.app.session.live
        if live is None:
            self.app.close_dialog(self)
            return
        before = self._rows[self._walker.focus].id if self._rows else ""
        self._rows = live.transfers.rows(live.contacts.label)
        ids = [row.id for row in self._rows]
        place = ids.index(before) if before in ids else min(self._walker.focus, max(0, len(ids) - 1))
        self._walker.forget()
        self._walker.set_focus(place)
        body = self._list if self._rows else self._none
        self._pile.contents[0] = (body, self._pile.contents[0][1])
        self._pile.focus_position = 0
        self._show_keys()
        self.app.loop.redraw()

    def _show_keys(self) -> None:
        transfer = self.selected
        words = keys(self._rows[self._walker.focus], transfer, self.app.conversations.look_of_files) if transfer else ""
        more = f"{self.app.keymap.shown('about_file')} tells more" if transfer else ""
        dot = f" {self.app.symbols.middot} "
        self._keys.set_text(("hint", dot.join(filter(None, [words, more, "Esc closes"]))))

    def keypress(self, size: tuple[int, int], key: str) -> str | None:
        transfer = self.selected
        if key in ("esc", "q"):
            self.app.close_dialog(self)
        elif transfer is None or not self.app.transfer_acts.key(transfer, key):
            left: str | None = super().keypress(size, MOVES.get(key, key))
            self._show_keys()
            return left
        return None

    def mouse_event(self, size: tuple[int, int], event: str, button: int, col: int, row: int, focus: bool) -> bool:
        handled = bool(super().mouse_event(size, event, button, col, row, focus))
        self._show_keys()
        return handled

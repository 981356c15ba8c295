"""A file or pipe on its way as a row: of a conversation, between its messages, or of the list of all."""

from __future__ import annotations

import os
import time as clocks
from collections.abc import Callable
from typing import NamedTuple

import urwid

from sat.api.transfers import Direction, Transfer, TransferState
from sat_frontends.primitivus.gallery import Drawn
from sat_frontends.primitivus.keys import KeyMap
from sat_frontends.primitivus.late_row import LateRow
from sat_frontends.primitivus.message_row import FOCUS_MAP, INDENT, NARROW, Style, columns_before
from sat_frontends.primitivus.palette import nick_attribute
from sat_frontends.primitivus.symbols import Symbols
from sat_frontends.quick_frontend import text
from sat_frontends.quick_frontend.transfer_words import Action, Row

BAR, SHORT_BAR = 20, 10  # columns, and where there are few
WIDE = 60
KEYS = {
    Action.ACCEPT: (("take_file", "takes it"), ("take_file_as", "elsewhere")),
    Action.DECLINE: (("stop_file", "declines"),),
    Action.CANCEL: (("stop_file", "stops it"),),
    Action.RESUME: (("resume_file", "goes on"),),
    Action.OPEN: (("open_received", "opens it"), ("open_folder", "its folder")),
    Action.FORGET: (("forget_file", "forgets it"),),
}
"""The keys of what can be done, and what each does in a word or two."""


class Look(NamedTuple):
    """What all rows have in common: ``picture`` gives a picture that is there, or a small one."""

    symbols: Symbols
    keymap: KeyMap
    picture: Callable[[Transfer], Drawn | None]


def home(path: str) -> str:
    """A path as people read it."""
    start = os.path.expanduser("~").rstrip("/") + "/"
    return text.clean_line(f"~/{path[len(start) :]}" if len(start) > 1 and path.startswith(start) else path)


def arrow(transfer: Transfer, symbols: Symbols) -> str:
    """Which way it goes, as this terminal can show it."""
    return symbols.outgoing if transfer.direction is Direction.SEND else symbols.incoming


def keys(row: Row, transfer: Transfer, look: Look) -> str:
    """What can be done with one, with its keys."""
    found = [each for action in row.actions for each in KEYS[action] if each[0] != "open_received" or opens(transfer)]
    return f" {look.symbols.middot} ".join(f"{look.keymap.shown(action)} {does}" for action, does in found)


def opens(transfer: Transfer) -> bool:
    """Whether the file is here, whole, and nothing that could be run."""
    here = transfer.state is TransferState.DONE or transfer.direction is Direction.SEND
    return bool(here and transfer.path and not (transfer.quarantined or transfer.pipe or transfer.folder))


class TransferRow(LateRow):
    """Without a ``style`` it stands in the list of all: with who it is from or for, and without its keys, which stand
    elsewhere."""

    def __init__(self, transfer: Transfer, row: Row, look: Look, style: Style | None = None) -> None:
        super().__init__()
        self.transfer, self.row, self.look, self.style = transfer, row, look, style

    def _build(self, columns: int) -> urwid.Widget:
        before = self._before(columns)
        room = columns - sum(wide + 1 for wide, _ in before)
        said = urwid.Columns([*before, urwid.Text(self.markup(room))], dividechars=1)
        parts = [urwid.AttrMap(said, None, FOCUS_MAP)]
        if self.style is not None and (shown := self.look.picture(self.transfer)) is not None:
            parts.append(urwid.Padding(shown(), left=INDENT if before else 1))
        return parts[0] if len(parts) == 1 else urwid.Pile([(urwid.PACK, part) for part in parts], focus_item=0)

    def _before(self, columns: int) -> list[tuple[int, urwid.Widget]]:
        """When it began and who has begun it, as before a message; where there is little room only a step."""
        if self.style is None:
            return []
        if columns < NARROW:
            return [(1, urwid.Text(""))]
        sends, style = self.transfer.direction is Direction.SEND, self.style
        attribute = "nick own" if sends else nick_attribute(self.transfer.peer.bare) if style.nick_colours else "nick"
        return columns_before(
            text.clock(self.transfer.begun), (attribute, style.own_name if sends else style.peer_name), style
        )

    def markup(self, columns: int) -> list[tuple[str, str]]:
        """What is said of it, in so many columns; in the list also when, which stands before it in a conversation."""
        transfer, row, symbols = self.transfer, self.row, self.look.symbols
        about = [row.who if self.style is None else "", text.clean_line(transfer.type)]
        about.append(("encrypted" if transfer.encrypted else "") if transfer.is_over else self._plain(row.way))
        about.append(text.moment(row.time, clocks.time()) if self.style is None and row.time else "")
        dot = f" {symbols.middot} "
        parts = [("strong", f"{arrow(transfer, symbols)} {row.title}")]
        if known := dot.join(filter(None, about)):
            parts.append(("hint", f"  {known}"))
        if transfer.description:
            said = text.short(text.clean_line(transfer.description), 240, symbols.ellipsis)
            parts.append(("quote", f"\n{symbols.vertical} {said}"))
        parts.append(("body", "\n"))
        if not transfer.is_over and transfer.state is not TransferState.OFFERED and (bar := self._bar(columns)):
            parts.append(("receipt seen", f"{bar} "))
        failed = transfer.state in (TransferState.FAILED, TransferState.CANCELLED) or transfer.quarantined
        state = "failed" if failed else "mention own" if transfer.asks else "body"
        sign = f"{symbols.failed} " if transfer.state is TransferState.FAILED else ""
        parts.append((state, sign + dot.join(filter(None, [row.state.removesuffix("."), self._plain(row.progress)]))))
        if transfer.state is TransferState.DONE and transfer.direction is Direction.RECEIVE and transfer.path:
            parts.append(("hint", f"\n{symbols.to} {home(transfer.path)}"))
        if self.style is not None and (possible := keys(row, transfer, self.look)):
            parts.append(("hint", f"\nEsc: {possible}" if transfer.asks else f"\n{possible}"))
        return parts

    def _bar(self, columns: int) -> str:
        if self.row.fraction is None:
            return ""
        long = BAR if columns >= WIDE else SHORT_BAR
        done = int(self.row.fraction * long)
        return self.look.symbols.heavy * done + self.look.symbols.dots * (long - done)

    def _plain(self, words: str) -> str:
        return words.replace("·", self.look.symbols.middot)

"""The conversation: a list that makes a widget for a message only when it is on the screen."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

import urwid

from sat.api.messages import Message
from sat_frontends.primitivus.message_row import MessageRow, Style
from sat_frontends.quick_frontend.chat import Chat, ChatChange, What
from sat_frontends.quick_frontend.typing_heard import typing

CACHED = 400  # rows kept as widgets; enough for the largest screens
NEAR = 8  # rows from the top at which older messages are fetched


class Walker(urwid.ListWalker):
    """The rows of a chat by position. Nothing is built for a row that nobody looks at."""

    def __init__(self, chat: Chat, style: Style) -> None:
        self.chat = chat
        self.style = style
        self.focus = chat.end - 1
        self.opened: set[str] = set()  # spoilers that the person wants to see
        self._cache: dict[int, MessageRow] = {}

    def __getitem__(self, position: int) -> MessageRow:
        found = self._cache.get(position)
        if found is None:
            if len(self._cache) >= CACHED:
                self._cache.clear()
            row = self.chat.row(position)
            opened = row.message.id in self.opened
            found = self._cache[position] = MessageRow(row, self.style, time.time(), opened)
        return found

    def next_position(self, position: int) -> int:
        if position + 1 >= self.chat.end:
            raise IndexError(position)
        return position + 1

    def prev_position(self, position: int) -> int:
        if position <= self.chat.first:
            raise IndexError(position)
        return position - 1

    def positions(self, reverse: bool = False) -> Iterable[int]:
        """All positions; urwid asks for the ends only."""
        found = range(self.chat.first, self.chat.end)
        return reversed(found) if reverse else found

    def set_focus(self, position: int) -> None:
        if not self.chat.first <= position < self.chat.end:
            raise IndexError(position)
        self.focus = position
        self._modified()

    def forget(self, first: int | None = None, end: int = 0) -> None:
        """Draw rows anew: those from ``first`` to ``end``, or all."""
        if first is None or end - first > CACHED:
            self._cache.clear()
        else:
            for position in range(first, end + 1):  # the one below may have lost or got its heading
                self._cache.pop(position, None)
        self._modified()


class Conversation(urwid.WidgetWrap):
    """The messages of one chat, with the line that says who is typing.

    It follows the newest message until the person scrolls up, and again when they come back to the end.
    """

    def __init__(self, chat: Chat, style: Style, spawn: Callable[..., object]) -> None:
        self.chat = chat
        self._spawn = spawn
        self.walker = Walker(chat, style)
        self.list = urwid.ListBox(self.walker)
        self._foot = urwid.Text("", wrap="clip")
        self._pile = urwid.Pile([self.list])
        super().__init__(self._pile)
        self._focused = self._id_at(self.walker.focus)
        self._following = True
        self._list_size = (0, 0)
        self._to_end = False
        self.below = 0  # messages that came below while the person looks further up
        self._disconnect = chat.changed.connect(self._changed)
        self._show_foot()

    def close(self) -> None:
        """Stop listening to the model."""
        self._disconnect()

    def restyle(self, style: Style) -> None:
        """Draw with other names or another searched word."""
        if style != self.walker.style:
            self.walker.style = style
            self.walker.forget()
            self._show_foot()

    def redraw(self) -> None:
        """Something that rows show has come; they may need more lines than before."""
        self.walker.forget()
        self._to_end = self._following

    @property
    def at_end(self) -> bool:
        """Whether the newest message is in view."""
        return self._following and not self.chat.has_newer

    def render(self, size: tuple[int, int], focus: bool = False) -> urwid.Canvas:
        list_size = (size[0], size[1] - len(self._pile.contents) + 1)
        if self._following and (list_size != self._list_size or self._to_end) and self.chat.end > self.chat.first:
            rows = self.walker[self.walker.focus].rows((list_size[0],))
            if rows > list_size[1] > 0:  # urwid would show its beginning
                self.list.calculate_visible(list_size, focus)  # what it has put off would come after this
                self.list.shift_focus(list_size, list_size[1] - rows)
            else:
                self.list.set_focus_valign("bottom")
        self._list_size, self._to_end = list_size, False
        return super().render(size, focus)

    # -- what the model tells ------------------------------------------------------------------------------------

    def _changed(self, change: ChatChange) -> None:
        if change.what is What.UPDATED:
            self.walker.forget(change.first, change.end)
            if self._following and change.end >= self.chat.end:  # it may need more rows than before
                self._to_end = True
        elif change.what in (What.ADDED, What.OLDER, What.RESET):
            self._rows_changed(change)
        elif change.what is What.SENDING:
            self.to_end()
        self._show_foot()

    def _rows_changed(self, change: ChatChange) -> None:
        outside = change.what is What.OLDER or (change.what is What.ADDED and change.end == self.chat.end)
        if outside:  # the rows in between keep their positions
            self.walker.forget(change.first, change.end)
        else:
            self.walker.forget()
        if self.chat.end == self.chat.first:
            return
        if self._following and not self.chat.has_newer:
            self.to_end()
            return
        if change.what is What.ADDED:
            rows = range(change.first, min(change.end, self.chat.end))
            self.below += sum(1 for position in rows if not self.chat.row(position).message.outgoing)
        found = self.chat.find(self._focused) if self._focused else None
        place = self.walker.focus if found is None else found
        self._focus(max(self.chat.first, min(place, self.chat.end - 1)))

    def _show_foot(self) -> None:
        symbols = self.walker.style.symbols
        if not self._following and self.below:
            noun = "new message" if self.below == 1 else "new messages"
            self._set_foot(("new line", f"{symbols.down} {self.below} {noun} below (End)"))
        elif self.chat.loading and self.walker.focus < self.chat.first + NEAR:
            self._set_foot(("typing", f"loading{symbols.ellipsis}"))
        elif self.chat.typing:
            names, rest = typing(self.chat.typists, self.walker.style.peer_name)
            self._set_foot(("typing", f"{', '.join(names)} {rest}{symbols.ellipsis}"))
        else:
            self._set_foot(None)

    def _set_foot(self, markup: tuple[str, str] | None) -> None:
        contents = self._pile.contents
        if markup is None:
            del contents[1:]
        else:
            self._foot.set_text(markup)
            if len(contents) == 1:
                contents.append((self._foot, (urwid.PACK, None)))

    # -- moving --------------------------------------------------------------------------------------------------

    def _id_at(self, position: int) -> str:
        return self.chat.row(position).message.id if self.chat.first <= position < self.chat.end else ""

    @property
    def selected(self) -> Message | None:
        """The message in focus."""
        position = self.walker.focus
        return self.chat.row(position).message if self.chat.first <= position < self.chat.end else None

    def _focus(self, position: int) -> None:
        if not self.chat.first <= self.walker.focus < self.chat.end:
            self.walker.focus = position  # urwid wants to come from a row that exists
        self.list.set_focus(position)

    def to_end(self) -> None:
        """Show the newest message, and follow."""
        self._following, self.below = True, 0
        if self.chat.has_newer:
            self._spawn(self.chat.show_newest())
        elif self.chat.end > self.chat.first:
            self._focus(self.chat.end - 1)
            self._to_end = True
            self._invalidate()
            self._focused = self._id_at(self.chat.end - 1)
        self._show_foot()

    def to_start(self) -> None:
        """Show the oldest message in memory, and fetch older ones."""
        if self.chat.end > self.chat.first:
            self._focus(self.chat.first)
            self._moved()

    def to(self, position: int) -> None:
        """Show one message in the middle of the screen."""
        self._focus(position)
        self.list.set_focus_valign("middle")
        self._moved()

    def scroll(self, size: tuple[int, int], key: str) -> None:
        """Move as a key of the list does: ``up``, ``page down`` …"""
        self._pile.keypress(size, key)
        self._moved()

    def turn_spoiler(self) -> bool:
        """Show what the selected message hides, or hide it again; whether it is a spoiler."""
        message = self.selected
        if message is None or not message.extra.spoiler:
            return False
        self.walker.opened ^= {message.id}
        self.walker.forget(self.walker.focus, self.walker.focus)
        return True

    def find(self, word: str, step: int) -> bool:
        """Go to the next message in memory that holds a word, upwards with ``step`` -1."""
        position = self.walker.focus + step
        while self.chat.first <= position < self.chat.end:
            if word.lower() in self.chat.row(position).message.body.lower():
                self.to(position)
                return True
            position += step
        return False

    def _moved(self) -> None:
        position = self.walker.focus
        self._focused = self._id_at(position)
        self._following = position >= self.chat.end - 1
        if self._following:
            self.below = 0
            if self.chat.has_newer and not self.chat.loading:
                self._spawn(self.chat.load_newer())
        if position < self.chat.first + NEAR and self.chat.has_older and not self.chat.loading:
            self._spawn(self.chat.load_older())
        self._show_foot()

    def mouse_event(
        self, size: tuple[int, int], event: str, button: int, col: int, row: int, focus: bool
    ) -> bool | None:
        if urwid.util.is_mouse_press(event) and button in (4, 5):
            for _line in range(3):
                self._pile.keypress(size, "up" if button == 4 else "down")
            self._moved()
            return True
        handled = bool(super().mouse_event(size, event, button, col, row, focus))
        self._moved()
        return handled

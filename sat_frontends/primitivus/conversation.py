"""The conversation: a list that makes a widget for a message only when it is on the screen."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from math import ceil, floor
from typing import NamedTuple

import urwid

from sat.api.messages import Message
from sat.api.transfers import Transfer
from sat_frontends.primitivus.between import Between
from sat_frontends.primitivus.message_row import MessageRow, Style
from sat_frontends.quick_frontend.chat import Chat, ChatChange, What
from sat_frontends.quick_frontend.typing_heard import typing

CACHED = 400  # rows kept as widgets; enough for the largest screens
NEAR = 8  # rows from the top at which older messages are fetched


class Files(NamedTuple):
    """The files on their way from or to who is written with, in the order in which they began, and how a row shows
    one."""

    all: Callable[[], Sequence[Transfer]] = tuple
    row: Callable[[Transfer, Style], urwid.Widget] = lambda _transfer, _style: urwid.Text("")


class Walker(urwid.ListWalker):
    """The rows of a chat by position (``Between``). Nothing is built for a row that nobody looks at."""

    def __init__(self, chat: Chat, style: Style, files: Files) -> None:
        self.chat = chat
        self.style = style
        self.files = files
        self.between = Between(chat)
        self.between.arrange(files.all())
        self.focus: float = -1 if self.between.last is None else self.between.last
        self.opened: set[str] = set()  # spoilers that the person wants to see
        self._cache: dict[float, urwid.Widget] = {}

    def __getitem__(self, position: float) -> urwid.Widget:
        found = self._cache.get(position)
        if found is None:
            if len(self._cache) >= CACHED:
                self._cache.clear()
            found = self._cache[position] = self._row(position)
        return found

    def _row(self, position: float) -> urwid.Widget:
        if position in self.between.files:
            return self.files.row(self.between.files[position], self.style)
        row = self.chat.row(int(position))
        if self.between.before(position) in self.between.files:  # which may be of somebody else
            row = row._replace(heading=True)
        return MessageRow(row, self.style, time.time(), row.message.id in self.opened)

    def next_position(self, position: float) -> float:
        if (found := self.between.after(position)) is None:
            raise IndexError(position)
        return found

    def prev_position(self, position: float) -> float:
        if (found := self.between.before(position)) is None:
            raise IndexError(position)
        return found

    def positions(self, reverse: bool = False) -> Iterable[float]:
        """All positions; urwid asks for the ends only."""
        step = self.between.before if reverse else self.between.after
        place = self.between.last if reverse else self.between.first
        while place is not None:
            yield place
            place = step(place)

    def holds(self, position: float) -> bool:
        """Whether something stands there."""
        return position in self.between.files or (
            self.chat.first <= position < self.chat.end and position == int(position)
        )

    def set_focus(self, position: float) -> None:
        if not self.holds(position):
            raise IndexError(position)
        self.focus = position
        self._modified()

    def arrange(self) -> None:
        """Other files are on their way, or other messages there."""
        before, self.between.files = self.between.files, {}
        self.between.arrange(self.files.all())
        for place in before.keys() | self.between.files.keys():
            self._cache.pop(place, None)
            self._cache.pop(floor(place) + 1, None)  # the message below may have got its heading, or lost it
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

    def __init__(self, chat: Chat, style: Style, spawn: Callable[..., object], files: Files = Files()) -> None:  # noqa: B008 - never changed
        self.chat = chat
        self._spawn = spawn
        self.walker = Walker(chat, style, files)
        self.list = urwid.ListBox(self.walker)
        self._foot = urwid.Text("", wrap="clip")
        self._pile = urwid.Pile([self.list])
        super().__init__(self._pile)
        self._focused = self.walker.between.id(self.walker.focus)
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
        return self.walker.focus >= self.chat.end - 1 and not self.chat.has_newer

    def render(self, size: tuple[int, int], focus: bool = False) -> urwid.Canvas:
        list_size = (size[0], size[1] - len(self._pile.contents) + 1)
        if self._following and (list_size != self._list_size or self._to_end) and self.walker.holds(self.walker.focus):
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
            self.walker.arrange()
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
        if self.walker.between.last is None:
            return
        if self._following and not self.chat.has_newer:
            self.to_end()
            return
        if change.what is What.ADDED:
            rows = range(change.first, min(change.end, self.chat.end))
            self.below += sum(1 for position in rows if not self.chat.row(position).message.outgoing)
        self._stay()

    def files_changed(self) -> None:
        """A file has come further, or another one is on its way."""
        new = not {each.id for each in self.walker.files.all()} <= {
            each.id for each in self.walker.between.files.values()
        }
        self.walker.arrange()
        if self._following and self.walker.between.last is not None:
            if new:
                self.to_end()
            else:
                self._to_end = True  # it may need more rows than before
        self._stay()

    def _stay(self) -> None:
        """What was looked at stays, or what is next to it."""
        found = self.walker.between.find(self._focused) if self._focused else None
        place = self.walker.focus if found is None else found
        if not self.walker.holds(place):
            before = self.walker.between.before(place)
            nearest = self.walker.between.after(place) if before is None else before
            if nearest is None:
                return
            place = nearest
        self._focus(place)

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

    @property
    def selected(self) -> Message | None:
        """The message in focus; none where a file is."""
        position = self.walker.focus
        is_message = self.walker.holds(position) and position not in self.walker.between.files
        return self.chat.row(int(position)).message if is_message else None

    @property
    def selected_file(self) -> Transfer | None:
        """The file on its way in focus; none where a message is."""
        return self.walker.between.files.get(self.walker.focus)

    def _focus(self, position: float) -> None:
        if not self.walker.holds(self.walker.focus):
            self.walker.focus = position  # urwid wants to come from a row that exists
        self.list.set_focus(position)

    def to_end(self) -> None:
        """Show the newest message, and follow."""
        self._following, self.below = True, 0
        if self.chat.has_newer:
            self._spawn(self.chat.show_newest())
        elif (last := self.walker.between.last) is not None:
            self._focus(last)
            self._to_end = True
            self._invalidate()
            self._focused = self.walker.between.id(last)
        self._show_foot()

    def to_start(self) -> None:
        """Show the oldest message in memory, and fetch older ones."""
        if (first := self.walker.between.first) is not None:
            self._focus(first)
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
        self.walker.forget(int(self.walker.focus), int(self.walker.focus))
        return True

    def find(self, word: str, step: int) -> bool:
        """Go to the next message in memory that holds a word, upwards with ``step`` -1."""
        position = (ceil if step < 0 else floor)(self.walker.focus) + step
        while self.chat.first <= position < self.chat.end:
            if word.lower() in self.chat.row(position).message.body.lower():
                self.to(position)
                return True
            position += step
        return False

    def _moved(self) -> None:
        position = self.walker.focus
        self._focused = self.walker.between.id(position)
        last = self.walker.between.last
        self._following = last is None or position >= last
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

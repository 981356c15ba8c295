"""The input line: one to six rows, readline keys, history, completion."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

import urwid

from sat_frontends.primitivus.keys import KeyMap, Where
from sat_frontends.primitivus.symbols import UNICODE, Symbols
from sat_frontends.primitivus.terminal import PASTED
from sat_frontends.quick_frontend.text import short, width

if TYPE_CHECKING:
    from sat_frontends.quick_frontend.commands import Completion

MAX_ROWS = 6
HISTORY = 500


class InputEvents(Protocol):
    """What the input tells the rest of the program."""

    def submitted(self, text: str) -> None:
        """Enter was pressed."""

    def typed(self, text: str) -> None:
        """The text changed."""

    def browse(self) -> None:
        """Escape was pressed, and there was nothing to close."""

    def to_end(self) -> None:
        """The cursor cannot go further to the end: the messages may."""

    def search_input(self) -> None:
        """What was written before is looked for."""

    def edit_text(self) -> None:
        """The text shall be written in an editor."""

    def correct_last(self) -> None:
        """The last message of ours shall be corrected."""


class Line(urwid.Edit):
    """urwid's edit, with the keys of our table: the input, and each field to write in. Pasting, and ``replace``, can be
    undone like what was typed."""

    def __init__(self, caption: object, keymap: KeyMap, value: str = "", **options: Any) -> None:
        super().__init__(caption, value, undo_limit=100, kill_buffer=[], **options)
        commands = urwid.CommandMap()
        for binding in keymap.at(Where.INPUT):
            for key in binding.keys if binding.edit else ():
                commands[key] = binding.edit
        self._command_map = commands

    def keypress(self, size: tuple[int], key: str) -> str | None:
        if key.startswith(PASTED):
            with self._editing():
                self.insert_text(self._pasted(key[len(PASTED) :]))
            return None
        left: str | None = super().keypress(size, key)
        return left

    def _pasted(self, text: str) -> str:
        """A pasted newline is text; where there is one line only, a space."""
        text = text if self.multiline else text.replace("\n", " ")
        return "".join(char for char in text if char == "\n" or self.valid_char(char))

    def replace(self, text: str) -> None:
        """Write another text; the cursor goes to its end."""
        with self._editing():
            self.set_edit_text(text, edit_pos=len(text))


class Input(urwid.Widget):
    """The edit, its history and its completions. ``popup`` is drawn by who owns the screen."""

    _sizing = frozenset([urwid.FLOW])
    _selectable = True
    ignore_focus = False

    def __init__(self, keymap: KeyMap, symbols: Symbols = UNICODE) -> None:
        super().__init__()
        self.keymap, self.symbols = keymap, symbols
        self.events: InputEvents | None = None
        self.completer: Callable[[str], list[Completion]] = lambda line: []
        self.edit = Line(("prompt", f"{symbols.prompt} "), keymap, multiline=True)
        urwid.connect_signal(self.edit, "postchange", self._changed)
        self._history: list[str] = []
        self._place = 0  # in the history; its length is the line being written
        self._draft = ""
        self._aside = ""  # what a command took the place of
        self.popup: Popup | None = None

    @property
    def text(self) -> str:
        """What is written."""
        return str(self.edit.edit_text)

    def set_text(self, text: str) -> None:
        """Replace what is written; the cursor goes to the end."""
        self.edit.set_edit_text(text)
        self.edit.set_edit_pos(len(text))

    def replace(self, text: str) -> None:
        """The same, so that it can be undone."""
        self.close_popup()
        self.edit.replace(text)

    def put_command(self, command: str) -> None:
        """Write a command. What stood there comes back when it has been entered, and by undoing."""
        aside = self._aside or self.text
        self.replace(command)
        self._aside = aside if aside.strip() else ""

    def settle(self) -> None:
        """Another conversation is going to be shown: the text that was written, and nothing that was only looked at
        or put before it, stands in the line again."""
        self.close_popup()
        if self._aside:
            self.set_text(self._aside)
        elif self._place < len(self._history) and self.text == self._history[self._place]:
            self.set_text(self._draft)
        self._place = len(self._history)

    def take_history(self, history: list[str]) -> None:
        """Use another history (each conversation has its own)."""
        self._history = history
        self._place = len(history)

    def _changed(self, _edit: object, _old: str) -> None:
        self._invalidate()
        if self.text == self._aside:  # undone
            self._aside = ""
        if self.events is not None:
            self.events.typed(self.text)

    # -- drawing -------------------------------------------------------------------------------------------------

    def rows(self, size: tuple[int], focus: bool = False) -> int:
        return min(MAX_ROWS, int(self.edit.rows(size, focus)))

    def render(self, size: tuple[int], focus: bool = False) -> urwid.Canvas:
        canvas = urwid.CompositeCanvas(self.edit.render(size, focus))
        extra = canvas.rows() - MAX_ROWS
        if extra > 0:
            row = self.edit.get_cursor_coords(size)[1]
            canvas.trim(max(0, min(extra, row - MAX_ROWS + 1)), MAX_ROWS)
        return canvas

    def _first_row(self, size: tuple[int]) -> int:
        extra = int(self.edit.rows(size)) - MAX_ROWS
        row = int(self.edit.get_cursor_coords(size)[1])
        return max(0, min(extra, row - MAX_ROWS + 1))

    def get_cursor_coords(self, size: tuple[int]) -> tuple[int, int]:
        column, row = self.edit.get_cursor_coords(size)
        return int(column), int(row) - self._first_row(size)

    def mouse_event(self, size: tuple[int], event: str, button: int, col: int, row: int, focus: bool) -> bool:
        return bool(self.edit.mouse_event(size, event, button, col, row + self._first_row(size), focus))

    # -- keys ----------------------------------------------------------------------------------------------------

    def keypress(self, size: tuple[int], key: str) -> str | None:
        action = self.keymap.action(Where.INPUT, key)
        if self.popup and action not in ("complete", "complete_back"):
            if action == "browse":
                self.popup.undo()
                self.close_popup()
                return None
            self.close_popup()
            if action == "send":  # Enter takes the completion; the next one sends
                return None
        handler: Callable[[tuple[int]], bool] | None = getattr(self, f"do_{action}", None) if action else None
        if handler is not None and handler(size):
            return None
        left: str | None = self.edit.keypress(size, key)
        return left

    def do_send(self, _size: tuple[int]) -> bool:
        text = self.text
        if self.events is None or not text.strip():
            return True
        if text not in self._history[-1:]:
            self._history.append(text)
            del self._history[:-HISTORY]
        self._place = len(self._history)
        self.events.submitted(text)  # first, so that nobody takes the empty line for a change of mind
        self.set_text(self._aside)
        return True

    def do_line_end(self, _size: tuple[int]) -> bool:
        if self.events is not None and self.edit.edit_pos == len(self.text):
            self.events.to_end()
        return False

    def do_search_input(self, _size: tuple[int]) -> bool:
        if self.events is not None:
            self.events.search_input()
        return True

    def do_editor(self, _size: tuple[int]) -> bool:
        if self.events is not None:
            self.events.edit_text()
        return True

    def do_correct_last(self, _size: tuple[int]) -> bool:
        if self.events is not None:
            self.events.correct_last()
        return True

    def do_newline(self, _size: tuple[int]) -> bool:
        self.edit.insert_text("\n")
        return True

    def do_browse(self, _size: tuple[int]) -> bool:
        if self.events is not None:
            self.events.browse()
        return True

    def do_older_input(self, size: tuple[int]) -> bool:
        """One row up; from the first row, what was written before."""
        if self.edit.get_cursor_coords(size)[1] > 0:
            return False
        if self._place == len(self._history):
            self._draft = self.text
        if self._place > 0:
            self._place -= 1
            self.set_text(self._history[self._place])
        return True

    def do_newer_input(self, size: tuple[int]) -> bool:
        """One row down; from the last row, what was written after."""
        if self.edit.get_cursor_coords(size)[1] < self.edit.rows(size) - 1:
            return False
        if self._place < len(self._history):
            self._place += 1
            at_end = self._place == len(self._history)
            self.set_text(self._draft if at_end else self._history[self._place])
        return True

    # -- completion ----------------------------------------------------------------------------------------------

    def do_complete(self, _size: tuple[int]) -> bool:
        return self._step(1)

    def do_complete_back(self, _size: tuple[int]) -> bool:
        return self._step(-1)

    def _step(self, direction: int) -> bool:
        if self.popup is None:
            found = self.completer(self.text[: self.edit.edit_pos])
            if not found:
                return True
            popup = Popup(self.edit, found, self.symbols.ellipsis)
            if len(found) == 1:
                popup.choose(0)
                return True
            self.popup = popup
            popup.choose(0 if direction > 0 else len(found) - 1)
        else:
            self.popup.choose((self.popup.index + direction) % len(self.popup.candidates))
        self._invalidate()
        return True

    def close_popup(self) -> None:
        """Take the list of completions away; what was chosen stays."""
        self.popup = None
        self._invalidate()


def beginning(texts: list[str]) -> str:
    """What all of them begin with; of none, nothing."""
    low, high = min(texts, default=""), max(texts, default="")
    return low[: next((n for n, (one, other) in enumerate(zip(low, high, strict=False)) if one != other), len(low))]


class Popup:
    """The completions of the line up to the cursor, and the one that is chosen."""

    def __init__(self, edit: urwid.Edit, candidates: list[Completion], ellipsis: str) -> None:
        self.edit, self.candidates, self.ellipsis = edit, candidates, ellipsis
        self.index = 0
        self._before, self._position = str(edit.edit_text), int(edit.edit_pos)
        self._hidden = (
            beginning([each.text for each in candidates]).rfind(" ") + 1
        )  # the words that all begin with are not repeated in the list

    def choose(self, index: int) -> None:
        """Write a candidate into the line."""
        self.index = index
        text = self.candidates[index].text
        self.edit.set_edit_text(text + self._before[self._position :])
        self.edit.set_edit_pos(len(text))

    def undo(self) -> None:
        """Write back what stood there."""
        self.edit.set_edit_text(self._before)
        self.edit.set_edit_pos(self._position)

    def widget(self, columns: int, rows: int) -> tuple[urwid.Widget, int, int]:
        """The list to draw, its width and its height; the chosen one is always in it."""
        rows = max(1, min(rows, len(self.candidates)))
        first = max(0, min(self.index - rows // 2, len(self.candidates) - rows))
        shown = [(each.text[self._hidden :].strip(), each.help) for each in self.candidates[first : first + rows]]
        name = max(width(text) for text, _help in shown)
        about = max(width(help) for _text, help in shown)
        wide = min(columns, name + (about + 2 if about else 0) + 2)
        lines = []
        for offset, (text, help) in enumerate(shown):
            line = short(f" {text}{' ' * (name - width(text))}  {help}", wide, self.ellipsis)
            attribute = "focus" if first + offset == self.index else "bar"
            lines.append(urwid.AttrMap(urwid.Text(line, wrap="clip"), attribute))
        return urwid.ListBox(urwid.SimpleListWalker(lines)), wide, rows

"""Dialogs: a question, a form, a text to read, a list to pick from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import urwid

from sat.api import SatError
from sat_frontends.primitivus.input import Line
from sat_frontends.primitivus.keys import KeyMap
from sat_frontends.primitivus.lines import Part, cut
from sat_frontends.primitivus.symbols import Symbols
from sat_frontends.quick_frontend.text import width


class Fitted(urwid.Widget):
    """A list as high as it needs to be, and never higher than ``limit()``: then it scrolls."""

    _sizing = frozenset([urwid.FLOW])
    _selectable = True
    ignore_focus = False

    def __init__(self, listbox: urwid.ListBox, limit: Callable[[], int], thumb: str) -> None:
        super().__init__()
        self.list, self.limit = listbox, limit
        self._with_bar = urwid.ScrollBar(listbox, thumb_char=thumb)

    def _needed(self, columns: int) -> int:
        return sum(int(widget.rows((columns,))) for widget in self.list.body)

    def rows(self, size: tuple[int], focus: bool = False) -> int:
        return max(1, min(self._needed(size[0]), self.limit()))

    def _shown(self, size: tuple[int]) -> tuple[urwid.Widget, tuple[int, int]]:
        """The list, with a bar where it scrolls, and its size."""
        rows = self.rows(size)
        return (self._with_bar if self._needed(size[0]) > rows else self.list), (size[0], rows)

    def render(self, size: tuple[int], focus: bool = False) -> urwid.Canvas:
        widget, box = self._shown(size)
        return urwid.CompositeCanvas(widget.render(box, focus))

    def keypress(self, size: tuple[int], key: str) -> str | None:
        widget, box = self._shown(size)
        left: str | None = widget.keypress(box, key)
        return left

    def mouse_event(self, size: tuple[int], event: str, button: int, col: int, row: int, focus: bool) -> bool:
        widget, box = self._shown(size)
        return bool(widget.mouse_event(box, event, button, col, row, focus))

    def get_cursor_coords(self, size: tuple[int]) -> tuple[int, int] | None:
        widget, box = self._shown(size)
        found: tuple[int, int] | None = widget.get_cursor_coords(box)
        return found


def _press(do: Callable[[], object], _button: urwid.Button) -> None:
    do()


class Answer(NamedTuple):
    """A button: what it says, and what it does. A dialog stays open until somebody closes it."""

    label: str
    do: Callable[[], object]


class Kit(NamedTuple):
    """What all dialogs are made with; ``limit()`` is how many rows they may have."""

    keymap: KeyMap
    symbols: Symbols
    limit: Callable[[], int]

    def entry(self, label: str, value: str = "", secret: bool = False) -> Line:
        """A field to write in, with its label before it."""
        return Line([("hint", label), " "], self.keymap, value, mask="*" if secret else None, wrap="any")

    def box(self, widget: urwid.Widget, title: str) -> urwid.Widget:
        """A line around a dialog, with its title in it."""
        across, down, corners = self.symbols.rule, self.symbols.vertical, self.symbols.corners
        names = ("tlcorner", "trcorner", "blcorner", "brcorner")
        lines = {
            "tline": across,
            "bline": across,
            "lline": down,
            "rline": down,
            **dict(zip(names, corners, strict=True)),
        }
        return urwid.AttrMap(urwid.LineBox(widget, title, title_attr="dialog title", **lines), "dialog")

    def fitted(self, widgets: urwid.ListBox) -> Fitted:
        """A list in such a box."""
        return Fitted(widgets, lambda: max(1, self.limit() - 2), self.symbols.thumb)


def framed(edit: urwid.Widget) -> urwid.Widget:
    """A field as it is drawn."""
    return urwid.AttrMap(edit, "field", {None: "field focus", "field": "field focus"})


class Dialog(urwid.WidgetWrap):
    """A box with a title, some rows, and buttons under them.

    Tab goes to the next field; Enter in a field presses the first button, or with ``enter_goes_on`` goes to the next
    field first; Esc calls ``cancel``.
    """

    def __init__(
        self,
        title: str,
        rows: Sequence[urwid.Widget | str],
        answers: Sequence[Answer],
        *,
        kit: Kit,
        cancel: Callable[[], object],
        enter_goes_on: bool = False,
    ) -> None:
        self.cancel = cancel
        self.answers = list(answers)
        self._enter_goes_on = enter_goes_on
        self._message = urwid.Text("")
        self._walker: urwid.SimpleFocusListWalker[urwid.Widget] = urwid.SimpleFocusListWalker([])
        self._list = urwid.ListBox(self._walker, select_navigation=True)
        self.set_rows(rows)
        super().__init__(kit.box(kit.fitted(self._list), title))

    def set_rows(self, rows: Sequence[urwid.Widget | str]) -> None:
        """Show other rows; the buttons stay."""
        widgets: list[urwid.Widget] = [urwid.Text(row) if isinstance(row, str) else row for row in rows]
        self._fields = [each for each in widgets if isinstance(each.base_widget, urwid.Edit)]
        if self.answers:
            widgets += [urwid.Divider(), button_row(self.answers)]
        self._walker[:] = widgets
        first = next((n for n, each in enumerate(widgets) if each.selectable()), 0)
        if widgets:
            self._list.set_focus(first)
            self._list.set_focus_valign(urwid.BOTTOM)  # on a small screen, what is said above it has to be seen

    def say(self, error: SatError | str) -> None:
        """Show what is wrong above the fields; what was entered stays."""
        sentence = f"{error}\n{error.advice}".strip() if isinstance(error, SatError) else error
        self._message.set_text(("error", sentence))
        if not sentence and self._message in self._walker:
            self._walker.remove(self._message)
        elif sentence and self._message not in self._walker:
            self._walker.insert(0, self._message)
        self._list.set_focus_valign(urwid.BOTTOM)

    def keypress(self, size: tuple[int], key: str) -> str | None:
        left: str | None = self._w.keypress(size, key)
        if left == "esc":
            self.cancel()
            return None
        if left == "enter" and self._fields:
            focus = self._walker.get_focus()[0]
            if focus in self._fields:
                following = self._fields[self._fields.index(focus) + 1 :] if self._enter_goes_on else []
                if following:
                    self._walker.set_focus(self._walker.index(following[0]))
                elif self.answers:
                    self.answers[0].do()
                return None
        return left


def button_row(answers: Sequence[Answer]) -> urwid.Widget:
    """The buttons of a dialog: ``< Save >  < Cancel >``."""
    return _Buttons(
        [
            (width(label) + 4, urwid.AttrMap(urwid.Button(label, partial(_press, do)), "button", "focus"))
            for label, do in answers
        ]
    )


class _Buttons(urwid.Widget):
    """Buttons in a row, or under each other where the row is too narrow."""

    _sizing = frozenset([urwid.FLOW])
    _selectable = True
    ignore_focus = False

    def __init__(self, buttons: list[tuple[int, urwid.Widget]]) -> None:
        super().__init__()
        self._width = sum(columns for columns, _button in buttons) + 2 * (len(buttons) - 1)
        self._row = urwid.Columns(buttons, dividechars=2)
        centred = [urwid.Padding(button, urwid.CENTER, columns) for columns, button in buttons]
        self._pile = urwid.Pile([(urwid.PACK, button) for button in centred])

    def _fitting(self, columns: int) -> urwid.Widget:
        fits = self._width <= columns
        return urwid.Padding(self._row, urwid.CENTER, self._width) if fits else self._pile

    def rows(self, size: tuple[int], focus: bool = False) -> int:
        return int(self._fitting(size[0]).rows(size, focus))

    def render(self, size: tuple[int], focus: bool = False) -> urwid.Canvas:
        return urwid.CompositeCanvas(self._fitting(size[0]).render(size, focus))

    def keypress(self, size: tuple[int], key: str) -> str | None:
        widget = self._fitting(size[0])
        along = ("left", "right") if widget is not self._pile else ("up", "down")
        moved = {"shift tab": along[0], "tab": along[1]}.get(key, key)
        if widget.keypress(size, moved) is not None:
            return key
        self._invalidate()
        return None

    def mouse_event(self, size: tuple[int], event: str, button: int, col: int, row: int, focus: bool) -> bool:
        handled = bool(self._fitting(size[0]).mouse_event(size, event, button, col, row, focus))
        self._invalidate()
        return handled


class Choice(NamedTuple):
    """Something to pick: its text, what is said about it, and what it stands for."""

    label: str
    about: str = ""
    value: object = None
    attribute: str | None = None


class Picker(urwid.WidgetWrap):
    """A line to write in and what fits it below; ↑↓ choose, Enter takes."""

    def __init__(
        self,
        title: str,
        choices: Callable[[str], list[Choice]],
        take: Callable[[Choice], object],
        *,
        kit: Kit,
        cancel: Callable[[], object],
        typed: Callable[[str], object] | None = None,
    ) -> None:
        self._choices, self._take, self._cancel, self._typed = choices, take, cancel, typed
        self._symbols = kit.symbols
        self.edit = Line(("prompt", f"{kit.symbols.prompt} "), kit.keymap)
        self.shown: list[Choice] = []
        self._walker: urwid.SimpleFocusListWalker[urwid.Widget] = urwid.SimpleFocusListWalker([])
        self.list = urwid.ListBox(self._walker)
        rule = urwid.Divider(kit.symbols.rule)
        self._pile = urwid.Pile([(urwid.PACK, self.edit), (urwid.PACK, rule), self.list], focus_item=0)
        urwid.connect_signal(self.edit, "postchange", lambda _edit, _old: self.refresh(True))
        super().__init__(kit.box(self._pile, title))
        self.refresh()

    @property
    def text(self) -> str:
        """What is written."""
        return str(self.edit.edit_text)

    def refresh(self, by_hand: bool = False) -> None:
        """Look again at what fits."""
        if by_hand and self._typed is not None:
            self._typed(self.text)
        self.shown = self._choices(self.text)
        ellipsis = self._symbols.ellipsis
        self._walker[:] = [_ChoiceRow(each, partial(self._take, each), ellipsis) for each in self.shown]
        if self.shown:
            self._walker.set_focus(0)

    def keypress(self, size: tuple[int, int], key: str) -> str | None:
        inner = (size[0] - 2, max(1, size[1] - 4))
        if key == "esc":
            self._cancel()
        elif key == "enter":
            if self.shown:
                self._take(self.shown[self._walker.focus])
        elif key in ("up", "down", "page up", "page down"):
            self.list.keypress(inner, key)
        elif key in ("ctrl n", "tab"):
            self.list.keypress(inner, "down")
        elif key in ("ctrl p", "shift tab"):
            self.list.keypress(inner, "up")
        else:
            left: str | None = self.edit.keypress((inner[0],), key)
            return left
        return None

    def render(self, size: tuple[int, int], focus: bool = False) -> urwid.Canvas:
        for number, widget in enumerate(self._walker):  # the edit has the cursor, the list shows the choice
            widget.chosen = number == self._walker.focus
        return super().render(size, focus)


class _ChoiceRow(urwid.Widget):
    _sizing = frozenset([urwid.FLOW])
    _selectable = True
    ignore_focus = False

    def __init__(self, choice: Choice, take: Callable[[], object], ellipsis: str) -> None:
        super().__init__()
        self.choice, self.take, self.ellipsis = choice, take, ellipsis
        self._chosen = False

    @property
    def chosen(self) -> bool:
        """Whether Enter would take it."""
        return self._chosen

    @chosen.setter
    def chosen(self, chosen: bool) -> None:
        if chosen != self._chosen:
            self._chosen = chosen
            self._invalidate()

    def rows(self, size: tuple[int], focus: bool = False) -> int:
        return 1

    def keypress(self, size: tuple[int], key: str) -> str | None:
        return key

    def render(self, size: tuple[int], focus: bool = False) -> urwid.Canvas:
        about = f"  {self.choice.about}" if self.choice.about else ""
        parts = [Part(self.choice.attribute, self.choice.label), Part("hint", about)]
        shown = [(part.attribute, part.text) for part in cut(parts, size[0], self.ellipsis) if part.text]
        mapped = {None: "focus", "hint": "focus", self.choice.attribute: "focus"} if self._chosen else {None: None}
        return urwid.CompositeCanvas(urwid.AttrMap(urwid.Text(shown or "", wrap="clip"), mapped).render(size))

    def mouse_event(self, size: tuple[int], event: str, button: int, col: int, row: int, focus: bool) -> bool:
        if urwid.util.is_mouse_press(event) and button == 1:
            self.take()
            return True
        return False


class Reading(urwid.WidgetWrap):
    """A text to read; Esc, q or Enter closes it."""

    def __init__(
        self,
        title: str,
        lines: Sequence[urwid.Widget | str],
        *,
        kit: Kit,
        cancel: Callable[[], object],
    ) -> None:
        self.cancel = cancel
        self._walker: urwid.SimpleFocusListWalker[urwid.Widget] = urwid.SimpleFocusListWalker([])
        self.set_lines(lines)
        self._body = kit.fitted(urwid.ListBox(self._walker))
        super().__init__(kit.box(self._body, title))

    def set_lines(self, lines: Sequence[urwid.Widget | str]) -> None:
        """Show another text, from where it was read."""
        place = self._walker.focus if self._walker else 0
        self._walker[:] = [urwid.Text(line) if isinstance(line, str) else line for line in lines]
        if self._walker:  # the walker itself would go to the end of what comes in
            self._walker.set_focus(min(place, len(self._walker) - 1))

    def keypress(self, size: tuple[int], key: str) -> str | None:
        if key in ("esc", "q", "enter"):
            self.cancel()
            return None
        left: str | None = self._w.keypress(size, {"j": "down", "k": "up", " ": "page down"}.get(key, key))
        return left

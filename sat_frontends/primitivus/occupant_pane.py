"""Who is in the room that is shown: beside its conversation, or over it where there is no room for both."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby

import urwid

from sat.api import JID
from sat.plugins.rooms.api import Occupant, Role, RoomState
from sat_frontends.primitivus.keys import KeyMap, Where
from sat_frontends.primitivus.lines import Part, cut, total
from sat_frontends.primitivus.row_walker import RowWalker
from sat_frontends.primitivus.symbols import Symbols
from sat_frontends.quick_frontend.contacts import ContactList
from sat_frontends.quick_frontend.room_words import HEADINGS, STATES, standing
from sat_frontends.quick_frontend.text import clean_line, short

TOPIC = 160  # columns of the topic above the list; /topic shows all of it

Heading = tuple[Role, int]
"""A role, and how many have it."""
Row = Occupant | Heading
Act = Callable[[str, Occupant | None], object]
"""An action of the key table, and on whom."""


class OccupantRow(urwid.Widget):
    """Somebody, or the role of those below, one line high."""

    _sizing = frozenset([urwid.FLOW])
    _selectable = True
    ignore_focus = False

    def __init__(self, row: Row, symbols: Symbols, act: Act) -> None:
        super().__init__()
        self.row, self.symbols, self.act = row, symbols, act

    def rows(self, size: tuple[int], focus: bool = False) -> int:
        return 1

    def keypress(self, size: tuple[int], key: str) -> str | None:
        return key

    def render(self, size: tuple[int], focus: bool = False) -> urwid.Canvas:
        parts = self._parts()
        if not isinstance(self.row, Occupant):  # what is cut is the name, not the number behind it
            parts = [*cut(parts[:1], size[0] - total(parts[1:]), self.symbols.ellipsis), *parts[1:]]
        parts = cut(parts, size[0], self.symbols.ellipsis)
        parts.append(Part(None, " " * (size[0] - total(parts))))
        markup = [("focus" if focus else part.attribute, part.text) for part in parts if part.text]
        return urwid.CompositeCanvas(urwid.Text(markup, wrap="clip").render(size))

    def _parts(self) -> list[Part]:
        if not isinstance(self.row, Occupant):
            return [Part("group", HEADINGS[self.row[0]]), Part("group", f" ({self.row[1]})")]
        attribute, sign = self.symbols.show(self.row.show)
        name = Part("contact open" if self.row.own else "contact", clean_line(self.row.nick))
        return [Part(attribute, sign), Part(None, " "), name, Part("hint", f" {standing(self.row)}")]

    def mouse_event(self, size: tuple[int], event: str, button: int, col: int, row: int, focus: bool) -> bool:
        if not (urwid.util.is_mouse_press(event) and button in (1, 3) and isinstance(self.row, Occupant)):
            return False
        self.act("write_alone" if button == 1 else "occupant_menu", self.row)
        return True


class OccupantPane(urwid.WidgetWrap):
    """The list of one room. ``act`` is called with an action on who is selected, ``leave`` when the person goes back
    to the input."""

    def __init__(
        self,
        contacts: ContactList,
        room: JID,
        keymap: KeyMap,
        symbols: Symbols,
        act: Act,
        leave: Callable[[], object],
    ) -> None:
        self.room, self.filter = room, ""
        self._contacts, self._keymap, self._symbols, self._act, self._leave = contacts, keymap, symbols, act, leave
        self._rows: list[Row] = []
        self.walker: RowWalker[Row] = RowWalker(lambda: self._rows, self._widget)
        self.list = urwid.ListBox(self.walker)
        self._head = urwid.Text("")
        super().__init__(urwid.Pile([(urwid.PACK, self._head), self.list], focus_item=1))
        self._disconnects = [
            contacts.occupants.changed.connect(self._occupants_changed),
            contacts.changed.connect(self._contacts_changed),
        ]
        self.refresh()

    def close(self) -> None:
        """Stop listening to the models."""
        for disconnect in self._disconnects:
            disconnect()

    def selectable(self) -> bool:
        return True

    def _widget(self, row: Row) -> OccupantRow:
        return OccupantRow(row, self._symbols, self._act)

    # -- the model -----------------------------------------------------------------------------------------------

    def _occupants_changed(self, room: JID) -> None:
        if room == self.room:
            self.refresh()

    def _contacts_changed(self, jids: frozenset[JID]) -> None:
        if not jids or self.room in jids:
            self._show_head()

    def refresh(self) -> None:
        """Draw the room as it is now; the focus stays on the same person if they are still there."""
        before = self.selected
        wanted = self.filter.casefold()
        there = [each for each in self._contacts.occupants.of(self.room) if wanted in each.nick.casefold()]
        self._rows = []
        for role, group in groupby(there, lambda each: each.role):
            people = list(group)
            self._rows += [(role, len(people)), *people]
        self.walker.forget()
        place = next((n for n, row in enumerate(self._rows) if _same(row, before)), None)
        self._select(min(self.walker.focus, len(self._rows) - 1) if place is None else place)
        self._show_head()

    def _select(self, place: int) -> None:
        """Somebody there, not the heading above."""
        if self._rows:
            place = max(0, place)
            self.walker.set_focus(place if isinstance(self._rows[place], Occupant) else place + 1)
        else:
            self.walker.focus = 0

    def _show_head(self) -> None:
        room = self._contacts.room(self.room)
        lines: list[tuple[str, str]] = []
        if room is not None and room.state is not RoomState.JOINED:
            lines.append(("error", clean_line(room.error) or f"{STATES[room.state].capitalize()}."))
        elif room is not None and room.subject:
            lines.append(("hint", short(clean_line(room.subject), TOPIC, self._symbols.ellipsis)))
        if self.filter:
            lines.append(("prompt", f"/{self.filter}"))
            lines += [] if self._rows else [("hint", "Nobody fits.")]
        markup = [(attribute, f"{line}\n") for attribute, line in lines]
        self._head.set_text([*markup[:-1], lines[-1]] if lines else "")

    # -- keys ----------------------------------------------------------------------------------------------------

    @property
    def selected(self) -> Occupant | None:
        """Who is in focus."""
        row = self._rows[self.walker.focus] if self.walker.focus < len(self._rows) else None
        return row if isinstance(row, Occupant) else None

    def set_filter(self, text: str) -> None:
        """Show only those whose nick holds the text."""
        self.filter = text
        self.refresh()

    def keypress(self, size: tuple[int, int], key: str) -> str | None:
        action = self._keymap.action(Where.OCCUPANTS, key)
        if action == "leave_occupants":
            self.do_leave_occupants()
        elif action:
            self._act(action, self.selected)
        elif key == "backspace":
            self.set_filter(self.filter[:-1])
        elif len(key) == 1 and key.isprintable():
            self.set_filter(self.filter + key)
        else:
            left: str | None = self._w.keypress(size, key)
            return left
        return None

    def do_leave_occupants(self) -> None:
        if self.filter:
            self.set_filter("")
        else:
            self._leave()


def _same(row: Row, before: Occupant | None) -> bool:
    return isinstance(row, Occupant) and before is not None and row.nick == before.nick

"""The contact list: tabs, a filter, and rows made only when they are on the screen."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import urwid

from sat.api import JID
from sat_frontends.primitivus.keys import KeyMap, Where
from sat_frontends.primitivus.lines import Part, StatusLine, cut, total
from sat_frontends.primitivus.row_walker import RowWalker
from sat_frontends.primitivus.symbols import Symbols
from sat_frontends.quick_frontend import text
from sat_frontends.quick_frontend.contact_rows import ContactRow, GroupRow, ListTab, Row
from sat_frontends.quick_frontend.contacts import ContactList

Identity = tuple[str, str]


def identity(row: Row) -> Identity:
    """What a row is about, to find it again when rows come and go."""
    return (row.name, "") if isinstance(row, GroupRow) else (row.group, row.jid)


class RowWidget(urwid.Widget):
    """A group or a contact, one line high."""

    _sizing = frozenset([urwid.FLOW])
    _selectable = True
    ignore_focus = False

    def __init__(
        self, row: Row, symbols: Symbols, opened: bool, click: Callable[[], object], menu: Callable[[], object]
    ) -> None:
        super().__init__()
        self.row, self.symbols, self.opened, self.click, self.menu = row, symbols, opened, click, menu

    def rows(self, size: tuple[int], focus: bool = False) -> int:
        return 1

    def keypress(self, size: tuple[int], key: str) -> str | None:
        return key

    def render(self, size: tuple[int], focus: bool = False) -> urwid.Canvas:
        left, right = self._group(self.row) if isinstance(self.row, GroupRow) else self._contact(self.row)
        if isinstance(self.row, GroupRow):  # what is cut is the name, not the numbers behind it
            numbers = Part("group", f" ({self.row.online}/{self.row.total})")
            left = [*cut(left, size[0] - total(right) - total([numbers]), self.symbols.ellipsis), numbers]
        left = cut(left, size[0] - total(right), self.symbols.ellipsis)
        gap = Part(None, " " * (size[0] - total(left) - total(right)))
        markup = [("focus" if focus else part.attribute, part.text) for part in (*left, gap, *right) if part.text]
        return urwid.CompositeCanvas(urwid.Text(markup, wrap="clip").render(size))

    def _group(self, row: GroupRow) -> tuple[list[Part], list[Part]]:
        sign = self.symbols.folded if row.folded else self.symbols.unfolded
        left = [Part("group", f"{sign} {text.clean_line(row.label)}")]
        return left, [Part("unread", f" {row.unread} ")] if row.unread and row.folded else []

    def _contact(self, row: ContactRow) -> tuple[list[Part], list[Part]]:
        attribute, sign = self.symbols.show(row.show)
        name = "unread" if row.unread and not row.quiet else "contact open" if self.opened else "contact"
        left = [Part(None, "  "), Part(attribute, sign), Part(None, " "), Part(name, text.clean_line(row.label))]
        if row.typing:
            left.append(Part("typing", f" {self.symbols.ellipsis}"))
        elif row.status:
            left.append(Part("hint", f" {text.clean_line(row.status)}"))
        if row.unread:
            return left, [Part("hint" if row.quiet else "unread", f" {row.unread} ")]
        if row.draft and not self.opened:
            return left, [Part("hint", f" {self.symbols.begun} ")]
        if row.blocked:
            return left, [Part("hint", " blocked ")]
        return left, [Part("hint", " ? ")] if row.asked else []

    def mouse_event(self, size: tuple[int], event: str, button: int, col: int, row: int, focus: bool) -> bool:
        if urwid.util.is_mouse_press(event) and button in (1, 3):
            (self.click if button == 1 else self.menu)()
            return True
        return False


class ContactPane(urwid.WidgetWrap):
    """The left column. ``open`` is called with who was chosen, ``act`` with the name of an action on a contact,
    ``menu`` with the row that was clicked with the right button."""

    def __init__(
        self,
        model: ContactList,
        keymap: KeyMap,
        symbols: Symbols,
        open: Callable[[JID], object],
        act: Callable[[str, ContactRow | None], object],
        menu: Callable[[ContactRow], object],
        leave: Callable[[], object],
    ) -> None:
        self.model, self.keymap, self.symbols = model, keymap, symbols
        self._open, self._act, self._menu, self._leave = open, act, menu, leave
        self.current: JID | None = None
        self.walker: RowWalker[Row] = RowWalker(lambda: model.rows, self.widget)
        self.list = urwid.ListBox(self.walker)
        self.tabs = StatusLine(None, self._draw_tabs, symbols.ellipsis)
        self._filter = StatusLine("prompt", self._draw_filter, symbols.ellipsis)
        self._nothing = urwid.Filler(urwid.Text("", align="center"), urwid.TOP, top=1)
        self._pile = urwid.Pile([(urwid.PACK, self.tabs), self.list], focus_item=1)
        super().__init__(self._pile)
        self._at: Identity | None = None
        self._disconnect = model.changed.connect(self._changed)
        self.refresh()

    def close(self) -> None:
        """Stop listening to the model."""
        self._disconnect()

    def selectable(self) -> bool:
        return True

    def widget(self, row: Row) -> RowWidget:
        """The widget of a row of the model."""
        opened = isinstance(row, ContactRow) and row.jid == self.current
        return RowWidget(row, self.symbols, opened, partial(self._choose, row), partial(self._open_menu, row))

    def show_current(self, peer: JID | None) -> None:
        """Mark the contact whose conversation is shown."""
        if peer != self.current:
            self.current = peer
            self.walker.forget()

    # -- the model -----------------------------------------------------------------------------------------------

    def _changed(self, _jids: frozenset[JID]) -> None:
        self.refresh()

    def refresh(self) -> None:
        """Draw the model as it is now; the focus stays on the same contact if it is still there."""
        rows = self.model.rows
        self.walker.forget()
        self.tabs.refresh()
        self._show_list(bool(rows))
        if not rows:
            self.walker.focus = 0
            return
        place = min(self.walker.focus, len(rows) - 1)
        if self._at is not None and identity(rows[place]) != self._at:
            place = next((n for n, row in enumerate(rows) if identity(row) == self._at), place)
        self.walker.set_focus(place)

    def _show_list(self, filled: bool) -> None:
        """The list, or a sentence where there is nothing to list."""
        if not filled:
            adding = self.keymap.shown("add_contact")
            sentence = {
                ListTab.UNREAD: "Nothing is unread.",
                ListTab.ROOMS: "No rooms yet.",
            }.get(self.model.tab, f"No contacts yet. {adding} adds one.")
            self._nothing.base_widget.set_text(("hint", "Nobody fits." if self.model.filter else sentence))
        wanted = self.list if filled else self._nothing
        if self._pile.contents[-1][0] is not wanted:
            self._pile.contents[-1] = (wanted, (urwid.WEIGHT, 1))

    def _draw_tabs(self, columns: int) -> tuple[list[Part], list[Part]]:
        parts: list[Part] = []
        unread = len(self.model.with_unread())
        for tab in ListTab:
            label = f"{tab.value} {unread}" if tab is ListTab.UNREAD and unread else tab.value
            attribute = "tab current" if tab is self.model.tab else "unread" if "Unread " in label else "tab"
            parts += [Part(attribute, label, partial(self.set_tab, tab)), Part(None, "  ")]
        return parts[:-1], []

    def _draw_filter(self, _columns: int) -> tuple[list[Part], list[Part]]:
        return [Part("prompt", f"/{self.model.filter}")], []

    def set_filter(self, wanted: str) -> None:
        """Show only those whose name or address holds the text."""
        self.model.set_filter(wanted)
        contents = self._pile.contents
        if wanted and len(contents) == 2:
            contents.insert(1, (self._filter, (urwid.PACK, None)))
        elif not wanted and len(contents) == 3:
            del contents[1]
        self._pile.focus_position = len(contents) - 1
        self._filter.refresh()
        self._focus_first_contact(bool(wanted))

    def _focus_first_contact(self, filtered: bool) -> None:
        if not filtered:
            return
        found = next((n for n, row in enumerate(self.model.rows) if isinstance(row, ContactRow)), None)
        if found is not None:
            self.list.set_focus(found)
            self._remember()

    def set_tab(self, tab: ListTab) -> None:
        """Show another tab."""
        self.model.set_tab(tab)
        self.refresh()

    # -- keys ----------------------------------------------------------------------------------------------------

    @property
    def selected(self) -> Row | None:
        """The row in focus."""
        rows = self.model.rows
        return rows[self.walker.focus] if self.walker.focus < len(rows) else None

    @property
    def selected_contact(self) -> ContactRow | None:
        """The contact in focus."""
        row = self.selected
        return row if isinstance(row, ContactRow) else None

    def _remember(self) -> None:
        row = self.selected
        self._at = identity(row) if row is not None else None

    def _choose(self, row: Row) -> None:
        if isinstance(row, GroupRow):
            self.model.fold(row.name)
        else:
            self._open(row.jid)

    def _open_menu(self, row: Row) -> None:
        if isinstance(row, ContactRow):
            self._menu(row)

    def keypress(self, size: tuple[int, int], key: str) -> str | None:
        action = self.keymap.action(Where.CONTACTS, key)
        handler: Callable[[], object] | None = getattr(self, f"do_{action}", None) if action else None
        if handler is not None:
            handler()
            return None
        if action:
            self._act(action, self.selected_contact)
            return None
        if key == "backspace":
            self.set_filter(self.model.filter[:-1])
            return None
        if len(key) == 1 and key.isprintable():
            self.set_filter(self.model.filter + key)
            return None
        left: str | None = self._pile.keypress(size, key)
        self._remember()
        return left

    def do_chat(self) -> None:
        row = self.selected
        if row is not None:
            self._choose(row)

    def do_fold(self) -> None:
        row = self.selected
        if isinstance(row, GroupRow):
            self.model.fold(row.name)
        elif isinstance(row, ContactRow):
            self._at = (row.group, "")
            self.model.fold(row.group)

    def do_next_tab(self) -> None:
        tabs = list(ListTab)
        self.set_tab(tabs[(tabs.index(self.model.tab) + 1) % len(tabs)])

    def do_previous_tab(self) -> None:
        tabs = list(ListTab)
        self.set_tab(tabs[tabs.index(self.model.tab) - 1])

    def do_leave_contacts(self) -> None:
        if self.model.filter:
            self.set_filter("")
        else:
            self._leave()

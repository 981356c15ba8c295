"""The screen: title, body, notices, window bar, input; laid out by how wide it is."""

from __future__ import annotations

from enum import Enum
from typing import Any

import urwid

from sat_frontends.primitivus.input import Input
from sat_frontends.primitivus.lines import StatusLine

CONTACTS = 24  # columns of the contact list
DETAILS = 26
WIDE = 120
MEDIUM = 80


class Zone(Enum):
    """What has the focus."""

    INPUT = "input"
    BROWSE = "browse"
    CONTACTS = "contacts"
    OCCUPANTS = "occupants"
    POSTS = "posts"


class View(urwid.Widget):
    """Puts the parts together. It knows nothing of contacts or messages.

    120 columns and more have the details on the right; from 80 on the contacts are on the left; below, there is one
    column, and the contacts lie over it while they have the focus. So do the occupants of a room where they are not
    on the right.
    """

    _sizing = frozenset([urwid.BOX])
    _selectable = True
    ignore_focus = False

    def __init__(
        self,
        title: StatusLine,
        banner: StatusLine,
        notices: urwid.Widget,
        bar: StatusLine,
        purpose: StatusLine,
        line: Input,
        vertical: str,
    ) -> None:
        super().__init__()
        self.title, self.banner, self.notices, self.bar, self.input = title, banner, notices, bar, line
        self.purpose = purpose
        self.contacts: urwid.Widget = urwid.SolidFill(" ")
        self.conversation: urwid.Widget = urwid.SolidFill(" ")
        self.details: urwid.Widget = urwid.SolidFill(" ")
        self.posts: urwid.Widget = urwid.SolidFill(" ")
        self.vertical = vertical
        self.banner_shown = False
        self._purpose_shown = False
        self._covered = False
        self.details_shown = True
        self.zone = Zone.INPUT
        self._made: tuple[object, urwid.Frame[Any, Any, Any]] | None = None

    def set(self, **parts: urwid.Widget) -> None:
        """Show other widgets as ``contacts``, ``conversation``, ``details`` or ``posts``."""
        for name, widget in parts.items():
            setattr(self, name, widget)
        self.refresh()

    def refresh(self) -> None:
        """The arrangement is another."""
        self._made = None
        self._invalidate()

    def cover(self, covered: bool) -> None:
        """A dialog lies over it, and the notices are shown elsewhere; or no longer."""
        if covered is not self._covered:
            self._covered = covered
            self.refresh()

    def show_purpose(self, shown: bool) -> None:
        """Show above the input what it is for, or no longer."""
        if shown is not self._purpose_shown:
            self._purpose_shown = shown
            self.refresh()

    def enter(self, zone: Zone) -> None:
        """Give the focus to a part."""
        if zone is not self.zone:
            self.zone = zone
            self.refresh()

    # -- arrangement ---------------------------------------------------------------------------------------------

    def columns_shown(self, columns: int) -> tuple[bool, bool]:
        """Whether the contacts and the details are beside the conversation."""
        return columns >= MEDIUM, columns >= WIDE and self.details_shown

    def conversation_shown(self, columns: int) -> bool:
        """Whether nothing of the view lies over the conversation."""
        contacts, details = self.columns_shown(columns)
        return {Zone.CONTACTS: contacts, Zone.OCCUPANTS: details, Zone.POSTS: False}.get(self.zone, True)

    def _frame(self, size: tuple[int, int]) -> urwid.Frame[Any, Any, Any]:
        contacts, details = self.columns_shown(size[0])
        wanted = (contacts, details, self.zone, self.banner_shown, self._purpose_shown, self._covered)
        if self._made is not None and self._made[0] == wanted:
            return self._made[1]
        header = [(urwid.PACK, self.title)] + ([(urwid.PACK, self.banner)] if self.banner_shown else [])
        footer = [(urwid.PACK, urwid.Pile([]) if self._covered else self.notices)]
        footer += [(urwid.PACK, self.bar)] + ([(urwid.PACK, self.purpose)] if self._purpose_shown else [])
        footer.append((urwid.PACK, self.input))
        frame = urwid.Frame(
            self._body(contacts, details),
            urwid.Pile(header),
            urwid.Pile(footer, focus_item=len(footer) - 1),
            "footer" if self.zone is Zone.INPUT else "body",
        )
        self._made = (wanted, frame)
        return frame

    def _body(self, contacts: bool, details: bool) -> urwid.Widget:
        line = urwid.AttrMap(urwid.SolidFill(self.vertical), "divider")
        if self.zone is Zone.POSTS:  # they want the whole width
            return self.posts
        if self.zone is Zone.CONTACTS and not contacts:
            return self.contacts
        parts: list[Any] = [self.details if self.zone is Zone.OCCUPANTS and not details else self.conversation]
        if contacts:
            parts = [(CONTACTS, self.contacts), (1, line), *parts]
        focus = 2 if contacts and self.zone is not Zone.CONTACTS else 0
        if details:
            parts += [(1, line), (DETAILS, self.details)]
            focus = len(parts) - 1 if self.zone is Zone.OCCUPANTS else focus
        return urwid.Columns(parts, focus_column=focus)

    def conversation_size(self, size: tuple[int, int]) -> tuple[int, int]:
        """How large the conversation is on a screen of this size."""
        contacts, details = self.columns_shown(size[0])
        taken = (CONTACTS + 1 if contacts else 0) + (DETAILS + 1 if details else 0)
        rows = size[1] - 2 - int(self.banner_shown) - int(self._purpose_shown)
        rows -= self.input.rows((size[0],), True)
        rows -= 0 if self._covered else int(self.notices.rows((size[0],)))
        return size[0] - taken, max(1, rows)

    def body_rows(self, size: tuple[int, int]) -> int:
        """How many rows are between the title and the footer."""
        return self.conversation_size(size)[1]

    # -- drawing and input ---------------------------------------------------------------------------------------

    def render(self, size: tuple[int, int], focus: bool = False) -> urwid.Canvas:
        canvas = urwid.CompositeCanvas(self._frame(size).render(size, focus))
        popup = self.input.popup
        if popup is None:
            return canvas
        widget, width, rows = popup.widget(size[0] - 2, min(8, self.body_rows(size)))
        top = size[1] - 1 - int(self._purpose_shown) - self.input.rows((size[0],), True) - rows
        canvas.overlay(urwid.CompositeCanvas(widget.render((width, rows))), 2, max(0, top))
        return canvas

    def keypress(self, size: tuple[int, int], key: str) -> str | None:
        left: str | None = key
        if self.zone is Zone.INPUT:
            left = self.input.keypress((size[0],), key)
        elif self.zone is Zone.CONTACTS:
            width = CONTACTS if self.columns_shown(size[0])[0] else size[0]
            left = self.contacts.keypress((width, self.body_rows(size)), key)
        elif self.zone is Zone.OCCUPANTS:
            beside = self.columns_shown(size[0])[1]
            width = DETAILS if beside else self.conversation_size(size)[0]
            left = self.details.keypress((width, self.body_rows(size)), key)
        return left

    def mouse_event(self, size: tuple[int, int], event: str, button: int, col: int, row: int, focus: bool) -> bool:
        handled = bool(self._frame(size).mouse_event(size, event, button, col, row, focus))
        self.refresh()  # a click moves the focus of urwid's containers; ours stays where the zone says
        return handled

    def get_cursor_coords(self, size: tuple[int, int]) -> tuple[int, int] | None:
        found: tuple[int, int] | None = self._frame(size).get_cursor_coords(size)
        return found

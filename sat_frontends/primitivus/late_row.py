"""A row whose parts are built when it is first drawn at a width: of long lists few are."""

from __future__ import annotations

import urwid


class LateRow(urwid.Widget):
    """Can be chosen, takes no key and no click itself. ``_build`` gives what it looks like at a width."""

    _sizing = frozenset([urwid.FLOW])
    _selectable = True
    ignore_focus = False

    def __init__(self) -> None:
        super().__init__()
        self._built: tuple[int, urwid.Widget] | None = None

    def keypress(self, size: tuple[int], key: str) -> str | None:
        return key

    def mouse_event(self, size: tuple[int], event: str, button: int, col: int, row: int, focus: bool) -> bool:
        return False

    def rows(self, size: tuple[int], focus: bool = False) -> int:
        return int(self._inner(size[0]).rows(size, focus))

    def render(self, size: tuple[int], focus: bool = False) -> urwid.Canvas:
        return urwid.CompositeCanvas(self._inner(size[0]).render(size, focus))

    def _inner(self, columns: int) -> urwid.Widget:
        if self._built is None or self._built[0] != columns:
            self._built = (columns, self._build(columns))
        return self._built[1]

    def _build(self, columns: int) -> urwid.Widget:
        raise NotImplementedError

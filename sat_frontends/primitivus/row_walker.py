"""A list whose rows are made only when they are on the screen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Generic, TypeVar

import urwid

R = TypeVar("R")


class RowWalker(urwid.ListWalker, Generic[R]):
    """``rows`` are those of the model now, by number; ``widget`` makes one of them visible."""

    def __init__(self, rows: Callable[[], Sequence[R]], widget: Callable[[R], urwid.Widget]) -> None:
        self.focus = 0
        self._rows, self._widget = rows, widget
        self._cache: dict[int, urwid.Widget] = {}

    def __getitem__(self, position: int) -> urwid.Widget:
        found = self._cache.get(position)
        if found is None:
            rows = self._rows()
            if not 0 <= position < len(rows):
                raise IndexError(position)
            found = self._cache[position] = self._widget(rows[position])
        return found

    def next_position(self, position: int) -> int:
        if position + 1 >= len(self._rows()):
            raise IndexError(position)
        return position + 1

    def prev_position(self, position: int) -> int:
        if position <= 0:
            raise IndexError(position)
        return position - 1

    def positions(self, reverse: bool = False) -> Iterable[int]:
        """All positions; urwid asks for the ends only."""
        found = range(len(self._rows()))
        return reversed(found) if reverse else found

    def set_focus(self, position: int) -> None:
        self.focus = position
        self._modified()

    def forget(self) -> None:
        """The model's rows are others now."""
        self._cache.clear()
        self._modified()

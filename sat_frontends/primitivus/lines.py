"""Lines of one row whose parts depend on how wide the screen is: title, tabs, window bar."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import urwid

from sat_frontends.quick_frontend.text import short, width


class Part(NamedTuple):
    """A piece of a line: its attribute, its text, and what a click on it does."""

    attribute: str | None
    text: str
    click: Callable[[], object] | None = None


def cut(parts: Sequence[Part], columns: int, ellipsis: str) -> list[Part]:
    """The parts that fit, the last one shortened."""
    kept: list[Part] = []
    for part in parts:
        if columns <= 0:
            break
        need = width(part.text)
        kept.append(part if need <= columns else part._replace(text=short(part.text, columns, ellipsis)))
        columns -= need
    return kept


def total(parts: Sequence[Part]) -> int:
    """How many columns parts need."""
    return sum(width(part.text) for part in parts)


class StatusLine(urwid.Widget):
    """One row made of parts on the left and on the right; ``draw(columns)`` gives both each time it is rendered.
    ``ellipsis`` stands where a part was cut."""

    _sizing = frozenset([urwid.FLOW])
    _selectable = False

    def __init__(
        self, attribute: str | None, draw: Callable[[int], tuple[list[Part], list[Part]]], ellipsis: str
    ) -> None:
        super().__init__()
        self.attribute, self.draw, self.ellipsis = attribute, draw, ellipsis

    def refresh(self) -> None:
        """What it shows has changed."""
        self._invalidate()

    def _parts(self, columns: int) -> list[Part]:
        left, right = self.draw(columns)
        right = cut(right, columns, self.ellipsis)
        left = cut(left, columns - total(right) - (1 if right else 0), self.ellipsis)
        gap = columns - total(left) - total(right)
        return [*left, Part(None, " " * gap), *right]

    def rows(self, size: tuple[int], focus: bool = False) -> int:
        return 1

    def render(self, size: tuple[int], focus: bool = False) -> urwid.Canvas:
        markup = [(part.attribute or self.attribute, part.text) for part in self._parts(size[0]) if part.text]
        text = urwid.Text(markup or "", wrap="clip")
        return urwid.CompositeCanvas(urwid.AttrMap(text, self.attribute).render(size))

    def mouse_event(self, size: tuple[int], event: str, button: int, col: int, row: int, focus: bool) -> bool:
        if not (urwid.util.is_mouse_press(event) and button == 1):
            return False
        for part in self._parts(size[0]):
            col -= width(part.text)
            if col < 0:
                if part.click is None:
                    return False
                part.click()
                return True
        return False

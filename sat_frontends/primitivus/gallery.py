"""Pictures on this terminal, all from here: by kitty's graphics protocol where there is that, else as half blocks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO

import urwid

from sat_frontends.primitivus.half_blocks import COLUMNS, RICH, ROWS, Picture, half_blocks

if TYPE_CHECKING:
    from sat_frontends.primitivus.kitty import Kitty

Drawn = Callable[[], urwid.Widget]
"""A picture that is there, as a row of a list."""


class Gallery:
    """Makes pictures small and draws them; ``kitty`` is None where that is not wanted, and ``shows`` False where none
    are, or the signs are ASCII."""

    def __init__(self, screen: Any, kitty: Kitty | None, shows: bool) -> None:
        self._screen, self._kitty, self._shows = screen, kitty, shows

    @property
    def can_show(self) -> bool:
        """Whether this terminal can show pictures."""
        return self._shows and getattr(self._screen, "colors", 0) >= RICH

    async def make(self, file: str | BinaryIO, columns: int = COLUMNS, rows: int = ROWS) -> Drawn | None:
        """A picture, by its path or open, in so many cells at most; None where it cannot be read."""
        return await asyncio.to_thread(self._make, file, columns, rows)

    def _make(self, file: str | BinaryIO, columns: int, rows: int) -> Drawn | None:
        colours = self._screen.colors
        if self._kitty is not None and self._kitty.draws():
            from sat_frontends.primitivus.kitty import PlacedPicture, png_of

            found = png_of(file, columns, rows)
            if found is None:
                return None
            placed = self._kitty.place(*found)
            if placed is not None:
                return partial(PlacedPicture, placed, colours)
            if not isinstance(file, str):
                file.seek(0)
        cells = half_blocks(file, columns, rows)
        return None if cells is None else partial(Picture, cells, colours)

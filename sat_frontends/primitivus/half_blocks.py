"""Pictures as text: each cell is two pixels, the upper one the foreground of ``▀``, the lower one its background."""

from __future__ import annotations

import warnings
from functools import lru_cache
from typing import Any, BinaryIO, NamedTuple

import urwid

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")
BLOCK = "▀"
COLUMNS, ROWS = 40, 12  # cells at most
PIXELS = 40_000_000  # more are not read: each takes four bytes
RICH = 256  # colours from which a picture can be recognised

Colour = tuple[int, int, int]


class Cells(NamedTuple):
    """A picture in rows of cells, each with the colours of its upper and its lower pixel."""

    rows: list[list[tuple[Colour, Colour]]]

    @property
    def columns(self) -> int:
        """How wide it is."""
        return len(self.rows[0])


def opened_small(file: str | BinaryIO, columns: int, rows: int, fine: int = 1) -> tuple[Any, int, int] | None:
    """A picture, by its path or open, made small for so many cells at most, with the columns and the half rows that it
    takes; ``fine``: pixels for each. None where it cannot be read, or is larger than ``PIXELS``. This takes long: not
    for the loop."""
    from PIL import Image  # 40 ms, and most conversations show none

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(file, formats=FORMATS) as picture:
                if picture.width * picture.height > PIXELS:
                    return None
                scale = min(columns / picture.width, 2 * rows / picture.height, 1)
                width, height = (max(1, round(side * scale)) for side in picture.size)
                height += height % 2
                fine = max(1, min(fine, picture.width // width))
                # a JPEG is read at a fraction of its size
                picture.draft("RGB", (columns * fine * 2, rows * fine * 4))
                small = picture.convert("RGBA").resize((width * fine, height * fine))
        ground = Image.new("RGBA", small.size, (0, 0, 0, 255))
        ground.alpha_composite(small)
        return ground.convert("RGB"), width, height
    except Exception:  # whatever a decoder makes of what others sent: there is no picture
        return None


def half_blocks(file: str | BinaryIO, columns: int = COLUMNS, rows: int = ROWS) -> Cells | None:
    """A picture as cells; see ``opened_small``."""
    found = opened_small(file, columns, rows)
    if found is None:
        return None
    pixels, width = found[0].tobytes(), found[1]
    colours = [(pixels[at], pixels[at + 1], pixels[at + 2]) for at in range(0, len(pixels), 3)]
    lines = [colours[at : at + width] for at in range(0, len(colours), width)]
    return Cells([list(zip(upper, lower, strict=True)) for upper, lower in zip(lines[::2], lines[1::2], strict=True)])


@lru_cache(maxsize=4096)
def _attribute(upper: Colour, lower: Colour, colours: int) -> urwid.AttrSpec:
    if colours > RICH:
        return urwid.AttrSpec("#{:02x}{:02x}{:02x}".format(*upper), "#{:02x}{:02x}{:02x}".format(*lower), colours)
    few = ["#" + "".join(f"{part >> 4:x}" for part in colour) for colour in (upper, lower)]
    return urwid.AttrSpec(few[0], few[1], RICH)


class Picture(urwid.Widget):
    """A picture as a row of a list."""

    _sizing = frozenset([urwid.FLOW])
    _selectable = False

    def __init__(self, cells: Cells, colours: int) -> None:
        super().__init__()
        self._cells, self._colours = cells, colours

    def rows(self, size: tuple[int], focus: bool = False) -> int:
        return len(self._cells.rows)

    def render(self, size: tuple[int], focus: bool = False) -> urwid.Canvas:
        columns = size[0]
        text, attributes = [], []
        for row in self._cells.rows:
            shown = row[:columns]
            text.append((BLOCK * len(shown)).encode() + b" " * (columns - len(shown)))
            line = [(_attribute(*cell, self._colours), len(BLOCK.encode())) for cell in shown]
            attributes.append([*line, (None, columns - len(shown))] if len(shown) < columns else line)
        return urwid.TextCanvas(text, attributes, maxcol=columns)

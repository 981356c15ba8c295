"""kitty's graphics protocol: a picture is given to the terminal once, and text says where it is shown.

Each cell of it is U+10EEEE with two marks for its row and column, in a colour that is the picture's number (“Unicode
placeholders” of https://sw.kovidgoyal.net/kitty/graphics-protocol/). So it moves and is covered as text is.
"""

from __future__ import annotations

import os
import re
import time as clocks
from base64 import b64encode
from collections.abc import Iterable, Mapping
from io import BytesIO
from itertools import count
from threading import Lock
from typing import BinaryIO
from weakref import WeakValueDictionary

import urwid

from sat_frontends.primitivus.half_blocks import opened_small
from sat_frontends.primitivus.terminal import NO_STRINGS, Question, Screen

WITHIN = 5.0  # seconds for the answers; what comes later changes nothing
NUMBERS = 255  # of pictures: what a colour of the small palette can tell, too
FINE = 10  # pixels of a picture for each column
BUDGET = 16 * 1024 * 1024  # bytes of all pictures that are kept
PLACE = "\U0010eeee"
_FIRST = (0x305, 0x30D, 0x30E, 0x310, 0x312, 0x33D, 0x33E, 0x33F, 0x346, 0x34A, 0x34B, 0x34C, 0x350, 0x351, 0x352)
_NEXT = (0x357, 0x35B, *range(0x363, 0x370), *range(0x483, 0x488), 0x592, 0x593, 0x594, 0x595, 0x597)
MARKS = tuple(map(chr, (*_FIRST, *_NEXT)))
"""The marks for 0, 1, 2, …: as many as a picture has columns at most."""
_CHUNK = 4096  # bytes of Base64 in one command
_DRAW = ("kitty", "ghostty")  # those that know placeholders; others answer that they draw, and do not know these
_ASK_DRAWS = "\x1b_Gi=4242,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\"
_ASK_NAME = "\x1b[>0q"  # xterm's XTVERSION
_DRAWS = re.compile(rb"\x1b_Gi=4242[^;\x1b]*;(OK|[^\x1b]*)\x1b\\")
_DRAWS_BEGUN = re.compile(rb"\x1b_G[^\x1b]{0,200}\x1b?$")
_NAME = re.compile(rb"\x1bP>\|([^\x1b]*)\x1b\\")
_NAME_BEGUN = re.compile(rb"\x1bP>?(?<=>)[^\x1b]{0,200}\x1b?$")
_COUNT = count()


class Placed:
    """A picture in PNG that takes so many cells, under a number."""

    def __init__(self, number: int, png: bytes, columns: int, rows: int) -> None:
        self.number, self.png, self.columns, self.rows = number, png, columns, rows
        self.which = next(_COUNT)  # a number is used again


class Kitty:
    """Gives pictures to a terminal, and takes them away when they are no longer on the screen. ``wanted``: whether
    there are any is not asked but known."""

    def __init__(self, screen: Screen, wanted: bool, environ: Mapping[str, str] = os.environ) -> None:
        self._screen, self._inside = screen, "TMUX" in environ
        self._draws = wanted and not self._inside
        self._ask_tmux = wanted and self._inside
        self._known: WeakValueDictionary[int, Placed] = WeakValueDictionary()
        self._sent: dict[int, int] = {}  # number: which one it was
        self._answers: set[str] = set()
        self._lock = Lock()  # pictures are made in threads
        self._deadline = 0.0
        if not wanted and not self._inside and not screen.term.startswith(("screen", *NO_STRINGS)):
            self._deadline = clocks.monotonic() + WITHIN
            screen.ask(Question(_ASK_DRAWS, _DRAWS, _DRAWS_BEGUN, lambda found: self._hear(found[1] == b"OK", "draws")))
            screen.ask(Question(_ASK_NAME, _NAME, _NAME_BEGUN, lambda found: self._hear(_knows(found[1]), "name")))
        screen.on_draw, screen.on_stop = self._before_drawing, self._forget

    def _hear(self, yes: bool, what: str) -> None:
        if yes and clocks.monotonic() <= self._deadline:
            self._answers.add(what)
            self._draws = self._answers == {"draws", "name"}

    def draws(self) -> bool:
        """Whether this terminal shows pictures. tmux is asked for it once: not for the loop."""
        if self._ask_tmux:
            self._ask_tmux, self._draws = False, _tmux_passes()
        return self._draws

    def place(self, png: bytes, columns: int, rows: int) -> Placed | None:
        """Keep a picture as long as somebody holds it; None where there are too many already."""
        if columns > len(MARKS) or rows > len(MARKS):
            return None
        with self._lock:
            held = sum(len(each.png) for each in self._known.values())
            number = next((each for each in range(1, NUMBERS + 1) if each not in self._known), 0)
            if not number or held + len(png) > BUDGET:
                return None
            placed = self._known[number] = Placed(number, png, columns, rows)
            return placed

    def _before_drawing(self, canvas: urwid.Canvas) -> None:
        """Give what will be seen, take away what will not."""
        if not self._known and not self._sent:
            return
        seen = set(_numbers(canvas))
        for number in [each for each in self._sent if each not in seen]:
            del self._sent[number]
            self._write(f"\x1b_Ga=d,d=I,i={number},q=2\x1b\\")
        for number in seen:
            placed = self._known.get(number)
            if placed is not None and self._sent.get(number) != placed.which:
                self._sent[number] = placed.which
                self._give(placed)

    def _give(self, placed: Placed) -> None:
        data = b64encode(placed.png).decode()
        head = f"a=T,U=1,f=100,t=d,i={placed.number},c={placed.columns},r={placed.rows},q=2,"
        for start in range(0, len(data), _CHUNK):
            more = int(start + _CHUNK < len(data))
            self._write(f"\x1b_G{head}m={more};{data[start : start + _CHUNK]}\x1b\\")
            head = "q=2,"

    def _write(self, command: str) -> None:
        if self._inside:  # tmux hands it over as it is
            command = "\x1bPtmux;" + command.replace("\x1b", "\x1b\x1b") + "\x1b\\"
        self._screen.write(command)

    def _forget(self) -> None:
        """The screen ends: leave nothing in the terminal."""
        for number in self._sent:
            self._write(f"\x1b_Ga=d,d=I,i={number},q=2\x1b\\")
        self._sent.clear()


class PlacedPicture(urwid.Widget):
    """A picture as a row of a list."""

    _sizing = frozenset([urwid.FLOW])
    _selectable = False

    def __init__(self, placed: Placed, colours: int) -> None:
        super().__init__()
        self._placed, self._colours = placed, colours

    def rows(self, size: tuple[int], focus: bool = False) -> int:
        return self._placed.rows

    def render(self, size: tuple[int], focus: bool = False) -> urwid.Canvas:
        columns, placed = size[0], self._placed
        shown = min(columns, placed.columns)
        rich = self._colours > 256
        attribute = urwid.AttrSpec(f"#{placed.number:06x}" if rich else f"h{placed.number}", "", self._colours)
        text = [
            "".join(PLACE + MARKS[row] + MARKS[column] for column in range(shown)).encode()
            for row in range(placed.rows)
        ]
        attributes = [[(attribute, len(line)), (None, columns - shown)] for line in text]
        return urwid.TextCanvas([line + b" " * (columns - shown) for line in text], attributes, maxcol=columns)


def _numbers(canvas: urwid.Canvas) -> Iterable[int]:
    """The pictures of which something is to be seen."""
    mark = PLACE.encode()
    for row in canvas.content():
        for attribute, _, text in row:
            if mark in text and isinstance(attribute, urwid.AttrSpec):
                red, green, blue = attribute.get_rgb_values()[:3]
                rich = attribute.colors > 256
                yield (red << 16 | green << 8 | blue) if rich else attribute.foreground_number


def png_of(file: str | BinaryIO, columns: int, rows: int) -> tuple[bytes, int, int] | None:
    """A picture made small, in PNG, with the columns and rows that it takes; None where it cannot be read."""
    found = opened_small(file, columns, rows, FINE)
    if found is None:
        return None
    picture, width, height = found
    into = BytesIO()
    picture.save(into, "PNG")
    return into.getvalue(), width, height // 2


def _knows(name: bytes) -> bool:
    return name.decode(errors="replace").lower().startswith(_DRAW)


def _tmux_passes() -> bool:
    """Whether tmux lets commands pass that are for the terminal around it."""
    import subprocess  # most are not inside it

    command = ["tmux", "show-options", "-Apqv", "allow-passthrough"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=2, check=False)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return False
    return done.stdout.strip() in ("on", "all")

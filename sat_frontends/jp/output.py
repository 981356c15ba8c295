"""What a command says: tables and sentences for people, tab-separated lines for scripts, JSON for programs.

Data goes to stdout, everything else to stderr. Text of others is cleaned everywhere but in JSON, which escapes.
"""

from __future__ import annotations

import os
import sys
import time as clocks
from collections.abc import Sequence
from typing import Any

from sat_frontends.quick_frontend.encoded import encoded

BOLD, DIM, RED, GREEN, YELLOW, CYAN = "1", "2", "31", "32", "33", "36"
_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"})
_LATIN_END = "\u0250"  # below it one character is one column, and printable ones are harmless


class Column:
    """A column of a table. ``colour`` is an SGR code; ``flexible`` gives way where the terminal is narrow."""

    __slots__ = ("colour", "flexible", "title")

    def __init__(self, title: str, colour: str = "", flexible: bool = False) -> None:
        self.title, self.colour, self.flexible = title, colour, flexible


class Output:
    """Where the answers go. ``mode`` is simple, json or json-raw."""

    def __init__(self, mode: str = "simple", color: str = "auto", quiet: bool = False, verbose: bool = False) -> None:
        self.json = mode != "simple"
        self.raw = mode == "json-raw"
        self.quiet, self.verbose = quiet, verbose
        self.terminal = _is_terminal(sys.stdout)
        self.coloured = wants_colour(color, self.terminal)
        # What cannot be written in the locale's encoding becomes an escape, never a crash.
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")

    # -- data ------------------------------------------------------------------------------------------------

    def table(self, values: Sequence[Any], columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
        """Many things: ``values`` as JSON, or ``rows`` of cells, one for each value."""
        if self.json:
            self.value(list(values))
        elif self.terminal:
            self._aligned(columns, rows)
        else:
            sys.stdout.write("".join("\t".join(map(escaped, row)) + "\n" for row in rows))

    def record(self, value: Any, pairs: Sequence[tuple[str, str]]) -> None:
        """One thing: ``value`` as JSON, or a line for each name and text; a terminal leaves out empty ones."""
        if self.json:
            self.value(value)
        elif self.terminal:
            wide = max((width(name) for name, _ in pairs), default=0)
            for name, text in filter(lambda pair: pair[1], pairs):
                self.line(f"{self.paint(name.ljust(wide), DIM)}  {tidy(text)}")
        else:
            sys.stdout.write("".join(f"{escaped(name)}\t{escaped(text)}\n" for name, text in pairs))

    def text(self, value: Any, text: str) -> None:
        """One short answer: ``value`` as JSON, or a text, cleaned."""
        if self.json:
            self.value(value)
        else:
            self.line(tidy(text) if self.terminal else escaped(text))

    def value(self, value: Any) -> None:
        """A value as JSON: indented, or on one line (``json-raw``)."""
        self.line(encoded(value, not self.raw))

    def event(self, value: Any, text: str, cells: Sequence[str]) -> None:
        """One thing of a stream, at once: a JSON object on one line, a line for people (clean), or cells."""
        if self.json:
            self.line(encoded(value, False))
        else:
            self.line(text if self.terminal else "\t".join(map(escaped, cells)))
        sys.stdout.flush()

    def line(self, text: str) -> None:
        """A line to stdout as it is: it must be clean."""
        sys.stdout.write(text + "\n")

    def flush(self) -> None:
        """Hand over what was written."""
        sys.stdout.flush()

    # -- messages --------------------------------------------------------------------------------------------

    def say(self, sentence: str) -> None:
        """What was done or is being done: to stderr, unless ``--quiet``."""
        if not self.quiet:
            complain(tidy(sentence))

    def detail(self, sentence: str) -> None:
        """What only ``--verbose`` wants to know."""
        if self.verbose:
            complain(tidy(sentence))

    def paint(self, text: str, code: str) -> str:
        """A text in colour, where colours are wanted."""
        return f"\x1b[{code}m{text}\x1b[0m" if code and text and self.coloured else text

    def _aligned(self, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
        cells = [[tidy(cell) for cell in row] for row in rows]
        if not cells:
            return
        widths = [
            max(width(column.title), *(width(row[place]) for row in cells)) for place, column in enumerate(columns)
        ]
        _fit(widths, columns, columns_of_terminal())
        self._row([column.title for column in columns], widths, [BOLD] * len(columns))
        for row in cells:
            self._row(row, widths, [column.colour for column in columns])

    def _row(self, cells: Sequence[str], widths: list[int], codes: list[str]) -> None:
        shown = []
        for place, (cell, wide) in enumerate(zip(cells, widths, strict=True)):
            if width(cell) > wide:
                cell = _short(cell, wide)
            space = " " * (wide - width(cell)) if place < len(widths) - 1 else ""
            shown.append(self.paint(cell, codes[place]) + space)
        self.line("  ".join(shown).rstrip())


def _fit(widths: list[int], columns: Sequence[Column], room: int) -> None:
    """Take from the flexible columns, the last first, what does not fit."""
    excess = sum(widths) + 2 * (len(widths) - 1) - room
    for place in reversed(range(len(columns))):
        if excess > 0 and columns[place].flexible:
            taken = min(excess, max(0, widths[place] - 12))
            widths[place] -= taken
            excess -= taken


# -- text ----------------------------------------------------------------------------------------------------


def tidy(text: str) -> str:
    """One line that is safe on a terminal. The cleaner is only imported for texts that might need it."""
    if text.isprintable() and (text.isascii() or max(text) < _LATIN_END):
        return text
    from sat_frontends.quick_frontend.text import clean_line

    return clean_line(text)


def tidy_lines(text: str) -> str:
    """The same for a text of several lines."""
    return "\n".join(tidy(line.replace("\t", "    ")) for line in text.replace("\r\n", "\n").split("\n"))


def escaped(text: str) -> str:
    """A cell for scripts: newline, tab and backslash as ``\\n``, ``\\t``, ``\\\\``; nothing else is changed but what
    could act on a terminal at the end of the pipe."""
    return tidy(text.translate(_ESCAPES))


def width(text: str) -> int:
    """How many columns a clean line needs."""
    if text.isascii() or max(text) < _LATIN_END:
        return len(text)
    from sat_frontends.quick_frontend.text import width

    return width(text)


def _short(text: str, columns: int) -> str:
    from sat_frontends.quick_frontend.text import short

    return short(text, columns)


def complain(text: str) -> None:
    """A clean line to stderr."""
    try:
        sys.stderr.write(text + "\n")
        sys.stderr.flush()
    except OSError:  # nobody listens any more: there is nobody to tell
        return


# -- times, terminal -----------------------------------------------------------------------------------------


def iso(time: float) -> str:
    """A time for scripts: ISO 8601, local, with its distance from UTC."""
    try:
        text = clocks.strftime("%Y-%m-%dT%H:%M:%S%z", clocks.localtime(time))
    except (OverflowError, ValueError, OSError):
        text = clocks.strftime("%Y-%m-%dT%H:%M:%S+0000", clocks.gmtime(0))
    return f"{text[:-2]}:{text[-2:]}"


def wants_colour(color: str, terminal: bool) -> bool:
    """``--color``, then NO_COLOR, CLICOLOR_FORCE, CLICOLOR, TERM (bixense.com/clicolors, no-color.org)."""
    if color != "auto":
        return color == "always"
    environment = os.environ
    if environment.get("NO_COLOR"):
        return False
    if environment.get("CLICOLOR_FORCE", "0") not in ("", "0"):
        return True
    return terminal and environment.get("CLICOLOR") != "0" and environment.get("TERM") != "dumb"


def columns_of_terminal(stream: Any = None) -> int:
    """How wide the terminal is, at which stdout or another stream ends."""
    try:
        return int(os.environ.get("COLUMNS", "")) or 80
    except ValueError:
        pass
    try:
        return os.get_terminal_size((stream or sys.stdout).fileno()).columns or 80
    except (OSError, ValueError):
        return 80


def _is_terminal(stream: Any) -> bool:
    try:
        return bool(stream.isatty())
    except (AttributeError, ValueError):  # closed, or no stream at all
        return False

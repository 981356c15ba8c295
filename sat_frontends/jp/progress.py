"""How far files and pipes are, on stderr: a line for each that is written again and again on a terminal, and else a
line for each step that a person may want to know of."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from sat.api.transfers import Transfer, TransferState
from sat_frontends.jp.context import Jp
from sat_frontends.jp.output import columns_of_terminal, width
from sat_frontends.quick_frontend.text import short
from sat_frontends.quick_frontend.transfer_words import Row

LINES = 8  # that are written again and again at once
_BAR, _NAME = 16, 30  # columns


class Progress:
    """``plain``: what happens is told on lines where there is no terminal, too."""

    def __init__(self, jp: Jp, plain: bool = False) -> None:
        self._jp = jp
        self._terminal = not jp.out.quiet and sys.stderr.isatty()
        self._plain = plain and not jp.out.quiet and not self._terminal
        self._drawn = 0  # lines that are there to be written over
        self._told: dict[str, TransferState] = {}

    def show(self, transfer: Transfer, rows: Iterable[Row]) -> None:
        """One has come further; ``rows`` are all that have not ended. That one has ended is told once."""
        before = self._told.get(transfer.id)
        self._told[transfer.id] = transfer.state
        if self._terminal:
            self._draw([line_of(each) for each in rows])
        elif self._plain and before is not transfer.state:
            self._step(transfer)

    def tell(self, text: str) -> None:
        """A line that stays. It must be clean."""
        if not self._jp.out.quiet:
            self.end()
            sys.stderr.write(text + "\n")
            sys.stderr.flush()

    def end(self) -> None:
        """Take away what is written again and again."""
        if self._drawn:
            self._draw([])

    def _step(self, transfer: Transfer) -> None:
        from sat_frontends.quick_frontend import transfer_words as words

        if transfer.state in (TransferState.OFFERED, TransferState.DONE):
            start = " ".join(filter(None, [words.arrow(transfer), words.title(transfer), words.who(transfer)]))
            told = [words.state(transfer), words.amount(transfer), words.secrecy(transfer)]
            self.tell(f"{start}: {', '.join(filter(None, told))}")

    def _draw(self, lines: list[str]) -> None:
        if len(lines) > LINES:
            lines = [*lines[: LINES - 1], f"  and {len(lines) - LINES + 1} more"]
        room = columns_of_terminal(sys.stderr) - 1  # in the last column some terminals begin a new line
        up = f"\x1b[{self._drawn - 1}A" if self._drawn > 1 else ""
        text = "\n".join(short(each, room) for each in lines)
        try:
            sys.stderr.write(f"\r{up}\x1b[J{text}")
            sys.stderr.flush()
        except OSError:  # nobody looks any more
            self._terminal = False
        self._drawn = len(lines)


def line_of(row: Row) -> str:
    """``⇡ photo.png to Bob [####    ] 1.2 MB of 3.4 MB · 35% · 400 KB/s · 6 s left``, or how it stands."""
    name = row.title if width(row.title) <= _NAME else short(row.title, _NAME)
    start = " ".join(filter(None, [row.arrow, name, row.who]))
    if not row.runs:
        return f"{start}: {', '.join(filter(None, [row.state.removesuffix('.'), row.progress, row.secrecy]))}"
    bar = ""
    if row.fraction is not None:
        full = int(row.fraction * _BAR)
        bar = f"[{'#' * full}{' ' * (_BAR - full)}] "
    return f"{start} {bar}{row.progress or row.state}"

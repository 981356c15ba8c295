"""How far apart the order and the time of messages are: what a search by time need not look at.

The order of a message is about its time in microseconds, but not just so (see ``places.py``). The table ``spread`` has
the most by which the order was ever ``ahead`` of the time, and ``behind`` it.
"""

from __future__ import annotations

from typing import NamedTuple

from sat.storage.database import Cursor
from sat.storage.places import SECOND


class Spread(NamedTuple):
    """Microseconds."""

    ahead: int
    behind: int

    def first(self, since: float) -> int:
        """No message written ``since`` then (seconds since 1970) has a lower order."""
        return _bounded(since) - self.behind

    def end(self, until: float) -> int:
        """No message written before has this order, or a higher one."""
        return _bounded(until) + self.ahead + 1


def spread_of(cursor: Cursor) -> Spread:
    """What is known."""
    spread: Spread | None = cursor.notes.get(Spread)
    if spread is None:
        spread = cursor.notes[Spread] = Spread(*cursor.execute("SELECT ahead, behind FROM spread").fetchone())
    return spread


def note_spread(cursor: Cursor, order: int, time: float) -> None:
    """A message is stored."""
    ahead = order - int(time * SECOND)
    spread = spread_of(cursor)
    if not -spread.behind <= ahead <= spread.ahead:
        spread = cursor.notes[Spread] = Spread(max(spread.ahead, ahead), max(spread.behind, -ahead))
        cursor.execute("UPDATE spread SET ahead = ?, behind = ?", spread)


def _bounded(time: float) -> int:
    return int(min(max(time, 0.0), 1e11) * SECOND)

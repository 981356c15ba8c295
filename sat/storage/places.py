"""Where in its conversation a message goes: its ``order``, in microseconds since 1970, unique in the whole table.

What comes live goes to the end. What was missed comes later, by two ways that tell it in their own sequence (see
:class:`~sat.storage.rows.Missed`), with the stamps of another clock, often in whole seconds. The archive's sequence is
the true one: those that are known to be in the archive always stand in it.
"""

from __future__ import annotations

from random import randrange

from sat.storage.database import Cursor
from sat.storage.rows import Missed, NewMessage

SECOND = 1_000_000  # microseconds
QUEUED = 2
"""In ``message.delayed``: the server had queued it for us, and the archive has not come to it yet. It may have an
archive's id all the same, and what lies before it there may still be missing: who is killed between the two finds out
from this."""
GAP = 256
"""Microseconds between two messages that have no better place: room for what turns out to lie between them."""


class Place:
    """A conversation while messages are added to it."""

    __slots__ = ("last", "number")

    def __init__(self, number: int, last: int) -> None:
        self.number = number
        self.last = last
        """The order of its newest message."""


class CatchUp:
    """What was missed is being told, in many pieces, since there is a new connection."""

    __slots__ = ("_floors", "_told")

    def __init__(self) -> None:
        self._floors: dict[int, int] = {}  # by conversation
        self._told: dict[tuple[str, bool], int] = {}  # by peer and whether by the queue

    def copy(self) -> CatchUp:
        """To try something with."""
        copied = CatchUp()
        copied._floors, copied._told = self._floors, self._told.copy()  # floors are true whatever is tried
        return copied

    def become(self, other: CatchUp) -> None:
        """What was tried with a copy holds."""
        self._told = other._told

    def forget(self, peer: str, number: int) -> None:
        """A conversation begins anew."""
        self._floors.pop(number, None)
        for queued in (False, True):
            self._told.pop((peer, queued), None)

    def floor(self, cursor: Cursor, place: Place) -> int:
        """The order of the last message of a conversation that was known to be in the archive before. To be asked
        before anything is added to the conversation."""
        if place.number not in self._floors:
            self._floors[place.number] = _last_archived(cursor, place.number)
        return self._floors[place.number]

    def last(self, new: NewMessage) -> int:
        """The order of what was told before this one, of its conversation and by the same way; 0 for the first."""
        return self._told.get((new.peer, new.missed is Missed.QUEUED), 0)

    def passed(self, place: Place, new: NewMessage, order: int, own: bool = False) -> None:
        """This one was told, and has that order. One of our ``own`` has the order in which it was written, perhaps
        long before it was sent: the archive may have had others before it."""
        if new.delayed:
            before = self.last(new) or (self._floors[place.number] if own else 0)
            self._told[new.peer, new.missed is Missed.QUEUED] = max(order, before)


def conversation_of(cursor: Cursor, profile: int, peer: str) -> int | None:
    """The number of a conversation, if there is one."""
    cursor.execute("SELECT id FROM conversation WHERE profile = ? AND peer = ?", (profile, peer))
    row = cursor.fetchone()
    return int(row[0]) if row else None


def place_of(cursor: Cursor, profile: int, peer: str) -> Place:
    """A conversation, which is made if need be."""
    place: Place | None = cursor.notes.get((profile, peer))
    if place is None:
        place = cursor.notes[profile, peer] = _find(cursor, profile, peer)
    return place


def _find(cursor: Cursor, profile: int, peer: str) -> Place:
    cursor.execute(
        "SELECT c.id, (SELECT max(m.id) FROM message m WHERE m.conversation = c.id)"
        " FROM conversation c WHERE c.profile = ? AND c.peer = ?",
        (profile, peer),
    )
    row = cursor.fetchone()
    if row:
        return Place(row[0], row[1] or 0)
    number = cursor.execute("INSERT INTO conversation (profile, peer) VALUES (?, ?)", (profile, peer)).lastrowid
    assert number is not None
    return Place(number, 0)


def order_of_new(cursor: Cursor, place: Place, new: NewMessage, stamp: int, catch_up: CatchUp) -> int:
    """Where a message goes; ``stamp`` is its time in microseconds. The order may be taken: see :func:`free_order`.

    A live one goes to the end: a clock that jumps back changes no order. A delayed one goes to its time; when that is
    a whole second, behind what the conversation has in this second.
    """
    floor = catch_up.floor(cursor, place)
    if new.below:
        return min(stamp, new.below - 1)
    if not new.delayed:
        return stamp if stamp > place.last else place.last + GAP
    if stamp % SECOND == 0 and place.last >= stamp:
        second = (place.number, stamp, stamp + SECOND)
        cursor.execute("SELECT max(id) FROM message WHERE conversation = ? AND id >= ? AND id < ?", second)
        stamp = max(stamp, (cursor.fetchone()[0] or 0) + 1)
    previous = catch_up.last(new) or (floor if new.missed else 0)
    order = max(stamp, previous + GAP)
    if new.missed is Missed.ARCHIVED and place.last > previous:
        later = _first_archived(cursor, place.number, previous)
        if later and order >= later:  # the archive has not come to that one yet
            order = previous + max(1, min(GAP, (later - previous) // 2))
    return order


def free_order(cursor: Cursor, order: int, down: bool, table: str = "message") -> int:
    """The order, or one near it that no message of another conversation has. Up, it is drawn from more and more of the
    second that follows: as many conversations as there are may have the same stamp, and each finds its place soon."""
    wanted, width = order, 1
    while cursor.execute(f"SELECT 1 FROM {table} WHERE id = ?", (order,)).fetchone():  # noqa: S608 - the names in it are ours
        if down:
            order -= 1
        else:
            width = min(2 * width, SECOND)
            order = wanted + randrange(1, width + 1)  # noqa: S311 - nobody gains by guessing it
    return order


def _last_archived(cursor: Cursor, conversation: int) -> int:
    cursor.execute(
        "SELECT id FROM message WHERE conversation = ? AND archive_key IS NOT NULL AND delayed <> ?"
        " ORDER BY id DESC LIMIT 1",
        (conversation, QUEUED),
    )
    row = cursor.fetchone()
    return int(row[0]) if row else 0


def _first_archived(cursor: Cursor, conversation: int, behind: int) -> int:
    """The order of the first one behind another; what the server had queued is in the archive, too."""
    cursor.execute(
        "SELECT id FROM message WHERE conversation = ? AND (archive_key IS NOT NULL OR delayed <> 0) AND id > ?"
        " ORDER BY id LIMIT 1",
        (conversation, behind),
    )
    row = cursor.fetchone()
    return int(row[0]) if row else 0

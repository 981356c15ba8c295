"""Telling the frontends what changes in rooms, many things at once: a full room comes as one list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sat.api import JID
from sat.plugins.rooms.api import Invitation, Room, RoomEvent

if TYPE_CHECKING:
    from sat.plugins.rooms.plugin import Rooms

TOGETHER = 0.05  # seconds in which changes are told as one; who has just come into a room does not wait for others


class Telling:
    """What has still to be told."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._told: dict[JID, Room] = {}
        self._touched: set[JID] = set()
        self._removed: set[JID] = set()
        self._events: list[RoomEvent] = []
        self._invited: list[Invitation] = []
        self._settled: set[JID] = set()

    def touch(self, room: JID) -> None:
        """A room, or who is in it, is different."""
        self._touched.add(room)
        self._soon()

    def remove(self, room: JID) -> None:
        """A room is left for good."""
        self._touched.discard(room)
        self._removed.add(room)
        self._soon()

    def event(self, event: RoomEvent) -> None:
        """Something has happened."""
        self._events.append(event)
        self._soon()

    def invite(self, invitation: Invitation) -> None:
        """Somebody has invited us."""
        self._invited.append(invitation)
        self._soon()

    def settle(self, room: JID) -> None:
        """The invitations to a room have an answer."""
        self._settled.add(room)
        self._soon()

    def now(self) -> None:
        """What has changed is told before anything else is answered."""
        self._rooms.tasks.cancel("tell")
        self._flush()

    def at_once(self) -> None:
        """A person waits for what has changed: it is told with what else comes in this turn of the event loop."""
        self._rooms.after(0, self._flush, key="tell")

    def _soon(self) -> None:
        if not self._rooms.tasks.waits("tell"):
            self._rooms.after(TOGETHER, self._flush, key="tell")

    def _flush(self) -> None:
        rooms, stays = self._rooms, self._rooms.stays
        touched = [stays[jid] for jid in self._touched if jid in stays]
        self._touched.clear()
        different = [each.value for each in touched if self._told.get(each.jid) != each.value]
        self._told.update((each.jid, each) for each in different)
        changes = [change for change in (each.take_change() for each in touched) if change]
        removed = sorted(self._removed - set(stays))
        self._removed.clear()
        for jid in removed:
            self._told.pop(jid, None)
        events, self._events = self._events, []
        invited, self._invited = self._invited, []
        settled = sorted(self._settled)
        self._settled.clear()
        if different:
            rooms.changed.emit(different)
        if changes:
            rooms.occupants_changed.emit(changes)
        if events:
            rooms.happened.emit(events)
        if removed:
            rooms.removed.emit(removed)
        if invited:
            rooms.invited.emit(invited)
        if settled:
            rooms.settled.emit(settled)

"""Who types in rooms (XEP-0085 §5.5): of small ones only, where people know each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sat.api import JID
from sat.plugins.chat_states.api import ChatState, PeerState
from sat.plugins.rooms.api import OccupantsChange, Role, Room, RoomState

LARGEST = 20
"""Occupants, ourselves among them, of a room where typing is told; also how many of one room are remembered."""


class Typists:
    """Those who type in the rooms that we are in. ``tell`` hears of changes."""

    def __init__(self, tell: Callable[[PeerState], object]) -> None:
        self._tell = tell
        self._rooms: dict[JID, Room] = {}
        self._typing: dict[JID, set[str]] = {}

    def knows(self, room: JID) -> bool:
        """Whether a bare address is a room that we are or want to be in."""
        return room in self._rooms

    def can_tell(self, room: JID) -> bool:
        """Whether a room is to be told that we type: it is small, and we may write there."""
        return self._small(room) and self._rooms[room].role in (Role.PARTICIPANT, Role.MODERATOR)

    def hear(self, room: JID, nick: str, state: ChatState) -> None:
        """Somebody in a room does something else now."""
        if state is not ChatState.COMPOSING:
            self._end(room, [nick], state)
        elif nick and self._small(room):
            typing = self._typing.setdefault(room, set())
            if len(typing) < LARGEST or nick in typing:
                typing.add(nick)
                self._tell(PeerState(room, state, nick))

    def set_rooms(self, rooms: Iterable[Room]) -> None:
        """Rooms are new, or different now."""
        for room in rooms:
            self._rooms[room.jid] = room
            if not self._small(room.jid):
                self._end_all(room.jid)

    def remove_rooms(self, rooms: Iterable[JID]) -> None:
        """We left rooms for good."""
        for room in rooms:
            self._rooms.pop(room, None)
            self._end_all(room)

    def move(self, changes: Iterable[OccupantsChange]) -> None:
        """Who leaves types no more."""
        for change in changes:
            if change.whole:
                self._end_all(change.room)
            else:
                self._end(change.room, change.gone)

    def _small(self, room: JID) -> bool:
        found = self._rooms.get(room)
        return found is not None and found.state is RoomState.JOINED and found.occupants <= LARGEST

    def _end_all(self, room: JID) -> None:
        self._end(room, sorted(self._typing.get(room, ())))

    def _end(self, room: JID, nicks: Iterable[str], state: ChatState = ChatState.GONE) -> None:
        typing = self._typing.get(room)
        if typing is None:
            return
        for nick in nicks:
            if nick in typing:
                typing.discard(nick)
                self._tell(PeerState(room, state, nick))
        if not typing:
            del self._typing[room]

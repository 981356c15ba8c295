"""What the messages want to know of rooms; the plugin ``rooms`` tells it."""

from __future__ import annotations

from typing import Protocol

from sat.api import JID
from sat.api.errors import NotInRoom
from sat.api.messages import Mention
from sat.api.values import ANYBODY


class Rooms(Protocol):
    """Which addresses are rooms."""

    def knows(self, jid: JID) -> bool:
        """Whether a bare address is a room that we are or were in."""

    def own(self, peer: JID) -> JID:
        """Our address in the room of that address; ANYBODY where it is none."""

    def named(self, peer: JID, text: str) -> list[Mention]:
        """Who of a room is named in a text for it; nobody where that address is no room."""

    def names(self) -> list[tuple[JID, str]]:
        """The rooms that we are in or want to be in, and what they are called."""

    def archives(self, room: JID) -> bool:
        """Whether that room keeps its messages, and can be asked for them now."""

    def check(self, peer: JID) -> None:
        """Whether something can be written to that room, or to somebody in it. Errors: NotInRoom."""

    async def readers(self, room: JID) -> list[JID]:
        """Everybody but us who can read what is written in that room, by their bare addresses.
        Errors: NotInRoom, CannotEncrypt where that cannot be known."""


class NoRooms:
    """There are none."""

    def knows(self, jid: JID) -> bool:
        """No."""
        return False

    def own(self, peer: JID) -> JID:
        """Nowhere."""
        return ANYBODY

    def named(self, peer: JID, text: str) -> list[Mention]:
        """Nobody."""
        return []

    def names(self) -> list[tuple[JID, str]]:
        """None."""
        return []

    def archives(self, room: JID) -> bool:
        """None does."""
        return False

    def check(self, peer: JID) -> None:
        """Never."""
        raise NotInRoom(room=peer.bare)

    async def readers(self, room: JID) -> list[JID]:
        """Never."""
        raise NotInRoom(room=room)


NO_ROOMS: Rooms = NoRooms()

"""Who is in the rooms, as far as somebody has looked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from sat.api import JID, Signal
from sat.plugins.rooms.api import Occupant, OccupantsChange, Role

ROLES = (Role.MODERATOR, Role.PARTICIPANT, Role.VISITOR, Role.NONE)
"""In which order people stand in a list."""


class Traffic(NamedTuple):
    """The nicks of others who came into a room, and of those who left it."""

    came: list[str]
    left: list[str]


class Occupants:
    """Who is there, by room and nick. Feed it with what the api tells (``Rooms`` does)."""

    def __init__(self) -> None:
        self.changed: Signal[JID] = Signal()
        """A room where somebody is new, gone, or there in another way."""
        self._there: dict[JID, dict[str, Occupant]] = {}

    def knows(self, room: JID) -> bool:
        """Whether it is known who is in a room."""
        return room in self._there

    def rooms(self) -> list[JID]:
        """Where it is known."""
        return list(self._there)

    def of(self, room: JID) -> list[Occupant]:
        """Who is in a room: moderators first, then those who may write, then the others; by nick."""
        return sorted(self._there.get(room, {}).values(), key=_place)

    def get(self, jid: JID) -> Occupant | None:
        """Who has the address ``room/nick``."""
        return self._there.get(jid.bare, {}).get(jid.resource)

    def own(self, room: JID) -> Occupant | None:
        """We ourselves in a room."""
        return next((each for each in self._there.get(room, {}).values() if each.own), None)

    def replace(self, room: JID, present: Iterable[Occupant]) -> None:
        """These are in a room, and nobody else."""
        self._there[room] = {each.nick: each for each in present}
        self.changed.emit(room)

    def hear(self, change: OccupantsChange) -> Traffic:
        """Take over a change; who came and went. Where all are told anew, that is nobody: it is we who came or were
        away. Of a room that nobody has looked at, only such a change is kept."""
        if change.whole:
            self.replace(change.room, change.present)
            return Traffic([], [])
        there = self._there.get(change.room)
        if there is None:
            return Traffic([], [])
        came = [each.nick for each in change.present if each.nick not in there and not each.own]
        left = [nick for nick in change.gone if nick in there and not there[nick].own]
        for nick in change.gone:
            there.pop(nick, None)
        there.update((each.nick, each) for each in change.present)
        self.changed.emit(change.room)
        return Traffic(came, left)

    def forget(self, room: JID) -> None:
        """Nothing is known of a room any more."""
        if self._there.pop(room, None) is not None:
            self.changed.emit(room)


def _place(occupant: Occupant) -> tuple[int, str, str]:
    return (ROLES.index(occupant.role), occupant.nick.casefold(), occupant.nick)

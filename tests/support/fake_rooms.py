"""Rooms in memory."""

from __future__ import annotations

from sat.api import JID, Secret
from sat.api.errors import Conflict, NotFound, NotInRoom, RoomPasswordWrong
from sat.api.forms import Choice, Field, FieldKind, Form
from sat.api.values import ANYBODY, NO_SECRET
from sat.plugins.bookmarks.api import Bookmark, BookmarksApi
from sat.plugins.rooms.api import (
    Affiliated,
    Affiliation,
    FoundRooms,
    Invitation,
    Occupant,
    OccupantsChange,
    PublicRoom,
    Role,
    Room,
    RoomEvent,
    RoomEventKind,
    RoomsApi,
    RoomState,
    VoiceRequest,
)
from support.fakes import Failing

SERVICE = JID("rooms.localhost")
LOCKED = "cauldron"  # the name of rooms with the password of the same name
FORM = Form(
    "The room",
    "",
    [
        Field("FORM_TYPE", FieldKind.HIDDEN, "", ["roomconfig"]),
        Field("name", FieldKind.TEXT, "Its name", ["The balcony"]),
        Field("secret", FieldKind.PASSWORD, "Its password", ["sesame"]),
        Field("whois", FieldKind.CHOICE, "Who sees addresses", ["moderators"], choices=[Choice("anyone", "All")]),
    ],
)


class Bookmarks(BookmarksApi):
    """What is remembered of rooms."""

    def __init__(self, *bookmarks: Bookmark) -> None:
        self.kept = {each.room: each for each in bookmarks}
        self.passwords: dict[JID, str] = {}

    async def get_bookmarks(self) -> list[Bookmark]:
        return list(self.kept.values())

    async def add(
        self, room: JID, name: str = "", nick: str = "", autojoin: bool = False, password: Secret = NO_SECRET
    ) -> None:
        self.passwords[room] = str(password) or self.passwords.get(room, "")
        self.kept[room] = Bookmark(room, name, nick, autojoin, bool(self.passwords[room]))
        self.changed.emit([self.kept[room]])

    async def remove(self, room: JID) -> None:
        if self.kept.pop(room, None) is None:
            raise NotFound(what=f"bookmark of {room}")
        self.removed.emit([room])


class Rooms(Failing, RoomsApi):
    """``put`` a room and its occupants; a room that is not ``public`` is not found."""

    def __init__(self, *rooms: Room) -> None:
        super().__init__()
        self.rooms = {each.jid: each for each in rooms}
        self.there: dict[JID, list[Occupant]] = {}
        self.public: list[PublicRoom] = []
        self.searches = True
        """Whether there is a service that searches for rooms."""
        self.waiting: list[Invitation] = []
        self.banned: dict[JID, str] = {}
        self.visitors: list[VoiceRequest] = []

    def put(self, room: Room, *occupants: Occupant) -> Room:
        """This room is so now, and these are there; nobody else if none is given."""
        own = Occupant(room.nick, room.role, room.affiliation, own=True)
        self.there[room.jid] = [own, *occupants]
        room = self.rooms[room.jid] = room._replace(occupants=len(occupants) + 1)
        self.changed.emit([room])
        self.occupants_changed.emit([OccupantsChange(room.jid, self.there[room.jid], [], whole=True)])
        return room

    def comes(self, room: JID, *occupants: Occupant) -> None:
        """These come into a room, or are there in another way."""
        nicks = {each.nick for each in occupants}
        self.there[room] = [*(each for each in self.there[room] if each.nick not in nicks), *occupants]
        self._count(room)
        self.occupants_changed.emit([OccupantsChange(room, list(occupants), [])])

    def goes(self, room: JID, *nicks: str) -> None:
        """These leave a room."""
        self.there[room] = [each for each in self.there[room] if each.nick not in nicks]
        self._count(room)
        self.occupants_changed.emit([OccupantsChange(room, [], list(nicks))])

    def invites(self, invitation: Invitation) -> None:
        """Somebody wants us in a room."""
        self.waiting.append(invitation)
        self.invited.emit([invitation])

    def asks(self, number: str, room: JID, nick: str, jid: str = "") -> None:
        """A visitor wants to write."""
        self.visitors.append(VoiceRequest(number, room, nick, JID(jid)))
        self.voice_asked.emit(self.visitors[-1:])

    async def ask_voice(self, room: JID) -> None:
        await self.called("ask_voice", room)
        self.inside(room)

    async def get_voice_requests(self) -> list[VoiceRequest]:
        return list(self.visitors)

    async def answer_voice(self, number: str, allow: bool) -> None:
        await self.called("answer_voice", number, allow)
        if all(each.number != number for each in self.visitors):
            raise NotFound(what="request to write with that number")
        self.visitors = [each for each in self.visitors if each.number != number]
        self.voice_settled.emit([number])

    def _count(self, room: JID) -> None:
        self.rooms[room] = self.rooms[room]._replace(occupants=len(self.there[room]))
        self.changed.emit([self.rooms[room]])

    def _settle(self, room: JID) -> None:
        if any(each.room == room for each in self.waiting):
            self.waiting = [each for each in self.waiting if each.room != room]
            self.settled.emit([room])

    def inside(self, room: JID) -> Room:
        """The room, if we are in it."""
        found = self.rooms.get(room)
        if found is None or found.state is not RoomState.JOINED:
            raise NotInRoom(room=room)
        return found

    async def join(self, room: JID, nick: str = "", password: Secret = NO_SECRET) -> Room:
        await self.called("join", room, nick)
        if room.local == LOCKED and password != LOCKED:
            raise RoomPasswordWrong(room=room)
        if all(each.jid != room.bare for each in self.public) and room.local != LOCKED:
            raise NotFound(what=f"room {room.bare}")
        self._settle(room.bare)
        return self.put(Room(room.bare, nick or "alice", RoomState.JOINED))

    async def leave(self, room: JID, reason: str = "") -> None:
        await self.called("leave", room, reason)
        del self.rooms[room]
        self.removed.emit([room])

    async def get_rooms(self) -> list[Room]:
        await self.called("get_rooms")
        return list(self.rooms.values())

    async def get_occupants(self, room: JID) -> list[Occupant]:
        await self.called("get_occupants", room)
        self.inside(room)
        return self.there[room]

    async def set_nick(self, room: JID, nick: str) -> None:
        await self.called("set_nick", room, nick)
        self.put(self.inside(room)._replace(nick=nick))

    async def set_subject(self, room: JID, subject: str) -> None:
        await self.called("set_subject", room, subject)
        self.put(self.inside(room)._replace(subject=subject))

    async def invite(self, room: JID, jid: JID, reason: str = "", direct: bool = False) -> None:
        await self.called("invite", room, jid, reason, direct)

    async def get_invitations(self) -> list[Invitation]:
        return list(self.waiting)

    async def decline(self, room: JID, reason: str = "") -> None:
        await self.called("decline", room, reason)
        if all(each.room != room for each in self.waiting):
            raise NotFound(what=f"invitation to {room}")
        self._settle(room)

    async def kick(self, room: JID, nick: str, reason: str = "") -> None:
        await self.called("kick", room, nick, reason)
        self.goes(room, nick)
        self.happened.emit([RoomEvent(room, RoomEventKind.KICKED, nick, actor=self.rooms[room].nick, reason=reason)])

    async def ban(self, room: JID, jid: JID, reason: str = "") -> None:
        await self.called("ban", room, jid, reason)
        self.banned[jid] = reason
        self.goes(room, *(each.nick for each in self.there[room] if each.jid == jid))

    async def set_role(self, room: JID, nick: str, role: Role, reason: str = "") -> None:
        await self.called("set_role", room, nick, role, reason)
        self.comes(room, *(each._replace(role=role) for each in self.there[room] if each.nick == nick))

    async def set_affiliation(self, room: JID, jid: JID, affiliation: Affiliation, reason: str = "") -> None:
        await self.called("set_affiliation", room, jid, affiliation, reason)
        self.banned.pop(jid, None)
        self.there[room] = [
            each._replace(affiliation=affiliation) if each.jid == jid else each for each in self.there[room]
        ]

    async def get_affiliations(self, room: JID) -> list[Affiliated]:
        self.inside(room)
        there = [Affiliated(each.jid, each.affiliation, each.nick) for each in self.there[room] if each.jid]
        out = [Affiliated(jid, Affiliation.OUTCAST, reason=reason) for jid, reason in self.banned.items()]
        return [*there, *out]

    async def moderate(self, id: str, reason: str = "") -> None:
        await self.called("moderate", id, reason)

    async def create(
        self,
        room: JID,
        nick: str = "",
        fields: dict[str, str] = {},  # noqa: B006
        private: bool = False,
    ) -> Room:
        await self.called("create", room, nick, fields, private)
        if room in self.rooms:
            raise Conflict(what=f"The room {room}")
        new = Room(room, nick or "alice", RoomState.JOINED, name=fields.get("name", ""), private=private)
        return self.put(new._replace(affiliation=Affiliation.OWNER, anonymous=not private))

    async def get_configuration(self, room: JID) -> Form:
        self.inside(room)
        return FORM

    async def set_configuration(self, room: JID, fields: dict[str, str]) -> None:
        await self.called("set_configuration", room, fields)
        self.put(self.inside(room)._replace(name=fields.get("name", "")))

    async def destroy(self, room: JID, reason: str = "", other: JID = ANYBODY) -> None:
        await self.called("destroy", room, reason, other)
        self.put(self.inside(room)._replace(state=RoomState.LEFT, error="It was closed."))

    async def get_services(self) -> list[JID]:
        return [SERVICE]

    async def get_public_rooms(self, service: JID = ANYBODY) -> list[PublicRoom]:
        return [each for each in self.public if each.jid.domain == (service or SERVICE)]

    async def search(self, words: str, service: JID = ANYBODY, after: str = "") -> FoundRooms:
        """One at a time; all where nobody searches."""
        await self.called("search", words, service, after)
        if not self.searches:
            found = [each for each in await self.get_public_rooms() if words in each.name]
            return FoundRooms(SERVICE, found, listed=True)
        found, place = [each for each in self.public if words in each.name], int(after or 0)
        more = str(place + 1) if place + 1 < len(found) else ""
        return FoundRooms(service or JID("search.localhost"), found[place : place + 1], more)

"""The rooms of a profile: who is in them, what happens there, and who invites us."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress

from sat.api import JID, SatError, Secret, Signal
from sat.api.errors import NotFound
from sat.api.values import ANYBODY, NO_SECRET
from sat.plugins.rooms.api import (
    FoundRooms,
    Invitation,
    Occupant,
    OccupantsChange,
    PublicRoom,
    Room,
    RoomEvent,
    RoomsApi,
)
from sat_frontends.quick_frontend.chat import Chat
from sat_frontends.quick_frontend.contacts import ContactList
from sat_frontends.quick_frontend.room_words import happened

NAME_FIELD = "muc#roomconfig_roomname"
"""What a room is called, in the form of its settings (XEP-0045 §10.2)."""


class Rooms:
    """Keeps the models up to date with what the daemon tells of rooms."""

    def __init__(self, api: RoomsApi, contacts: ContactList, chats: Mapping[JID, Chat]) -> None:
        self.invitations_changed: Signal[None] = Signal()
        self.invitations: list[Invitation] = []
        """Who wants us in a room and has no answer yet."""
        self._api, self._contacts, self._chats = api, contacts, chats

    def listen(self) -> list[Callable[[], None]]:
        """Hear everything from now on; what ends that."""
        api = self._api
        return [
            api.changed.connect(self._contacts.set_rooms),
            api.removed.connect(self._removed),
            api.occupants_changed.connect(self._occupants_changed),
            api.happened.connect(self._happened),
            api.invited.connect(self._invited),
            api.settled.connect(self._settled),
        ]

    async def load(self) -> None:
        """Load the rooms, the invitations, and who is in the rooms that were looked at. Errors: those of the daemon."""
        rooms = await self._api.get_rooms()
        self._contacts.remove_rooms({each.jid for each in self._contacts.rooms()} - {each.jid for each in rooms})
        self._contacts.set_rooms(rooms)
        self.invitations = await self._api.get_invitations()
        self.invitations_changed.emit(None)
        for room in self._contacts.occupants.rooms():
            self._contacts.occupants.forget(room)
            await self.look(room)

    async def look(self, room: JID) -> list[Occupant]:
        """Who is in a room; from now on that is kept up to date. Nobody, where we are not in it ourselves."""
        occupants = self._contacts.occupants
        if not occupants.knows(room):
            with suppress(SatError):  # not in it: it is told when we are
                occupants.replace(room, await self._api.get_occupants(room))
        return occupants.of(room)

    # -- going there ---------------------------------------------------------------------------------------------

    async def address(self, text: str) -> JID:
        """The room that is meant: an address, or a name on our own server. Errors: InvalidAddress, NotFound."""
        text = text.strip()
        if "@" in text or not text:
            return JID.parse(text).bare
        services = await self._api.get_services()
        if not services:
            raise NotFound(what="place for rooms on your server; give the whole address: name@rooms.example.org")
        return JID.parse(f"{text}@{services[0]}").bare

    async def join(self, text: str, nick: str = "", password: str = "") -> Room:
        """Go into a room; that follows the invitation, if there is one. Errors: those of ``address`` and of
        ``RoomsApi.join``."""
        secret = Secret(password) if password else NO_SECRET
        room = await self._api.join(await self.address(text), nick.strip(), secret)
        self._settled([room.jid])  # it is told, too, but later
        return room

    async def create(self, text: str, nick: str = "", private: bool = False) -> Room:
        """Make a room and go in; a ``private`` one lets only members in. Of several words the room's name is made, and
        its address on our own server. Errors: those of ``address`` and of ``RoomsApi.create``."""
        words = text.split()
        fields: dict[str, str] = {}
        if len(words) > 1 and "@" not in text:
            text, fields = "-".join(words), {NAME_FIELD: " ".join(words)}
        return await self._api.create(await self.address(text), nick.strip(), fields, private)

    async def decline(self, room: JID, reason: str = "") -> None:
        """Do not follow an invitation. Errors: NotFound."""
        await self._api.decline(room, reason)
        self._settled([room])

    async def directory(self, service: str = "") -> list[PublicRoom]:
        """The rooms that a service lists, the fullest first. Errors: InvalidAddress, and those of the api."""
        found = await self._api.get_public_rooms(*([JID.parse(service.strip())] if service.strip() else []))
        return sorted(found, key=lambda each: (-each.occupants, (each.name or each.jid).casefold(), each.jid))

    async def search(self, words: str, service: str = "", after: str = "") -> FoundRooms:
        """Find rooms of many servers. Errors: InvalidAddress, and those of the api."""
        return await self._api.search(words, JID.parse(service.strip()) if service.strip() else ANYBODY, after)

    # -- what the daemon tells -----------------------------------------------------------------------------------

    def _removed(self, rooms: list[JID]) -> None:
        self._contacts.remove_rooms(rooms)
        for room in rooms:
            self._contacts.occupants.forget(room)

    def _occupants_changed(self, changes: list[OccupantsChange]) -> None:
        for change in changes:
            traffic = self._contacts.occupants.hear(change)
            if change.room in self._chats:
                self._chats[change.room].comings.pass_by(traffic)
            self._contacts.show_occupants(change.room)

    def _happened(self, events: list[RoomEvent]) -> None:
        for event in events:
            chat, sentence = self._chats.get(event.room), happened(event)
            if chat is not None and sentence:
                chat.comings.explain(sentence, event.nick, event.other)

    def _invited(self, invitations: list[Invitation]) -> None:
        new = {each.room for each in invitations}
        self.invitations = [*(each for each in self.invitations if each.room not in new), *invitations]
        self.invitations_changed.emit(None)

    def _settled(self, rooms: list[JID]) -> None:
        left = [each for each in self.invitations if each.room not in rooms]
        if len(left) != len(self.invitations):
            self.invitations = left
            self.invitations_changed.emit(None)

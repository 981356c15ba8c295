"""The pictures of rooms: told by what a room says of itself, kept in its vCard (XEP-0486)."""

from __future__ import annotations

import base64
from typing import Any

from sat.api import JID
from sat.api.errors import FeatureMissing, PeerError
from sat.core.plugin import Plugin, needs
from sat.plugins.avatars.plugin import NS_VCARD, Avatars, checked
from sat.plugins.room_avatars.api import RoomAvatarsApi
from sat.plugins.rooms.api import Room, RoomState
from sat.plugins.rooms.plugin import Rooms
from sat.xmpp import xml
from sat.xmpp.stanzas import Iq
from sat.xmpp.xml import Element


class RoomAvatars(Plugin, RoomAvatarsApi):
    """The pictures of rooms (XEP-0486)."""

    xeps = ("0486",)
    rooms = needs(Rooms)
    avatars = needs(Avatars)

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self.undo(self.rooms.changed.connect(self._changed))
        self.undo(self.rooms.removed.connect(self._removed))

    def _changed(self, rooms: list[Room]) -> None:
        for room in rooms:
            if room.state is RoomState.JOINED:  # before, it has not told what it is like
                self.avatars.tell(room.jid, room.avatar)

    def _removed(self, rooms: list[JID]) -> None:
        for room in rooms:
            self.avatars.tell(room, "")

    async def set_room_picture(self, room: JID, data: bytes) -> None:
        size = checked(data) if data else None
        request = Iq.get(room.bare)
        request.add("vCard", NS_VCARD)
        vcard: Element | None = None
        try:
            vcard = xml.child(await self.ask(request), "vCard", NS_VCARD)
        except PeerError as error:
            if error.details.get("condition") == "service-unavailable":
                raise FeatureMissing(who=room.domain, feature="pictures of rooms") from error
            if error.details.get("condition") != "item-not-found":
                raise
        vcard = vcard if vcard is not None else xml.element("vCard", NS_VCARD)
        for photo in xml.elements(vcard, "PHOTO", NS_VCARD):  # what else the room tells of itself stays
            vcard.children.remove(photo)
        if size is not None:
            photo = xml.add(vcard, "PHOTO")
            xml.add(photo, "TYPE", None, size.type)
            xml.add(photo, "BINVAL", None, base64.b64encode(data).decode())
        request = Iq.set(room.bare)
        request.element.children.append(vcard)
        await self.ask(request)

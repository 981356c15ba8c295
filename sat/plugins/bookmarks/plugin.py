"""Bookmarks of rooms, the same for all programs of the account (XEP-0402)."""

from __future__ import annotations

from typing import Any

from sat.api import JID, Secret
from sat.api.errors import InvalidArgument, NotFound
from sat.api.values import NO_SECRET
from sat.core.plugin import Ended, Online, Plugin, needs, on_event
from sat.plugins.bookmarks import wire
from sat.plugins.bookmarks.api import Bookmark, BookmarksApi
from sat.plugins.bookmarks.server import Server
from sat.plugins.disco.plugin import Disco
from sat.plugins.pubsub.plugin import Event, Pubsub
from sat.plugins.rooms import bookmarks as local
from sat.plugins.rooms import muc
from sat.plugins.rooms.plugin import Rooms, room_of


class Bookmarks(Plugin, BookmarksApi):
    """Rooms remembered at the server (XEP-0402); those of before (XEP-0048) are taken over once."""

    xeps = ("0048", "0049", "0223", "0402")
    rooms = needs(Rooms)
    pubsub = needs(Pubsub)
    disco = needs(Disco)

    def __init__(self, session: Any) -> None:
        super().__init__(session)
        self.kept = self.rooms.bookmarks
        self.server = Server(self)
        self.rooms.before_entering = self.server.begin
        self.undo(self.rooms.enter_at_once)
        self.undo(self.pubsub.listen(wire.NS, self._told, self.name()))
        self.undo(self.kept.changed.connect(self._tell))

    @on_event(Online)
    def _online(self, event: Online) -> None:
        if event.resumed:
            self.server.send()

    @on_event(Ended)
    def _ended(self, event: Ended) -> None:
        self.server.end()

    def _told(self, event: Event) -> None:
        if event.owner == self.session.account.jid.bare:  # others have bookmarks of their own
            self.spawn(self.server.told(event.news))

    def _tell(self, rooms: list[JID]) -> None:
        found = [_shown(each) for each in map(self.kept.find, rooms) if each is not None]
        gone = [each for each in rooms if self.kept.find(each) is None]
        self.server.send()
        if found:
            self.changed.emit(found)
        if gone:
            self.removed.emit(gone)

    # -- BookmarksApi ----------------------------------------------------------------------------------------------

    async def get_bookmarks(self) -> list[Bookmark]:
        return [_shown(each) for each in self.kept.all()]

    async def add(
        self, room: JID, name: str = "", nick: str = "", autojoin: bool = False, password: Secret = NO_SECRET
    ) -> None:
        room, name = room_of(room), wire.clean(name)
        nick = self.rooms.nick(nick) if nick.strip() else ""
        if len(name) > muc.NAME or len(password) > muc.LONGEST:
            raise InvalidArgument(reason=f"Names have at most {muc.NAME} characters, passwords {muc.LONGEST}.")
        before = self.kept.find(room)
        remembered = password or (before.password if before else NO_SECRET)
        notify = before.notify if before else ""
        await self.kept.keep(local.Bookmark(room, nick, name, autojoin, remembered, notify))
        await self.rooms.entering.follow(room)

    async def remove(self, room: JID) -> None:
        if self.kept.find(room.bare) is None:
            raise NotFound(what=f"bookmark of {room.bare}")
        await self.kept.forget(room.bare)
        await self.rooms.entering.follow(room.bare)


def _shown(bookmark: local.Bookmark) -> Bookmark:
    return Bookmark(bookmark.room, bookmark.name, bookmark.nick, bookmark.autojoin, bool(bookmark.password))

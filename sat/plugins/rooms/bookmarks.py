"""Which rooms are entered by themselves. A plugin that keeps them at the server (XEP-0402) can stand in for this one:
:attr:`~sat.plugins.rooms.plugin.Rooms.bookmarks` is all that the rooms know of it."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol

from sat.api import JID
from sat.storage.stores import Store


class Bookmark(NamedTuple):
    """A room that is entered after each log-in, and the nick there."""

    room: JID
    nick: str


class Bookmarks(Protocol):
    """Where they are kept."""

    async def load(self) -> list[Bookmark]:
        """All of them."""

    async def keep(self, bookmark: Bookmark) -> None:
        """Keep one, in place of another of the same room."""

    async def forget(self, room: JID) -> None:
        """Keep none for that room."""


class StoredBookmarks:
    """Those of this profile on this machine."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: dict[JID, str] = {}

    async def load(self) -> list[Bookmark]:
        """All of them."""
        found = await self._store.rows("bookmarks", _bookmark)
        self._kept = {each.room: each.nick for each in found}
        return found

    async def keep(self, bookmark: Bookmark) -> None:
        """Keep one, in place of another of the same room."""
        if self._kept.get(bookmark.room) != bookmark.nick:
            self._kept[bookmark.room] = bookmark.nick
            await self._write()

    async def forget(self, room: JID) -> None:
        """Keep none for that room."""
        if self._kept.pop(room, None) is not None:
            await self._write()

    async def _write(self) -> None:
        await self._store.set("bookmarks", [list(each) for each in self._kept.items()])


def _bookmark(row: Any) -> Bookmark:
    room, nick = row
    return Bookmark(JID.parse(room), str(nick))

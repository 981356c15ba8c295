"""Bookmarks of rooms (XEP-0402)."""

from __future__ import annotations

from typing import NamedTuple

from sat.api import JID, Api, Secret, method, signal
from sat.api.values import NO_SECRET


class Bookmark(NamedTuple):
    """A room that is remembered. ``name`` is what you call it. Without a ``nick`` it is the usual one. ``autojoin``: it
    is entered after each log-in, by all programs of the account. ``password``: one is remembered, too."""

    room: JID
    name: str = ""
    nick: str = ""
    autojoin: bool = False
    password: bool = False


class BookmarksApi(Api):
    """The rooms that are remembered at the server, for all programs of the account (XEP-0402). What is changed while we
    are offline is told to the server later; where it keeps no bookmarks, they are this daemon's own."""

    changed = signal(list[Bookmark], "Bookmarks that are new or different now.")
    removed = signal(list[JID], "Rooms that have no bookmark any more.")

    @method
    async def get_bookmarks(self) -> list[Bookmark]:
        """All of them."""

    @method
    async def add(
        self, room: JID, name: str = "", nick: str = "", autojoin: bool = False, password: Secret = NO_SECRET
    ) -> None:
        """Remember a room, in place of the bookmark that it has; that one's password stays if none is given. With
        ``autojoin`` the room is entered now, by all programs of the account; without, they leave it. Errors:
        InvalidArgument."""

    @method
    async def remove(self, room: JID) -> None:
        """Remember a room no longer, and leave it, if we are there. Errors: NotFound."""

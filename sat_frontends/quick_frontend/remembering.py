"""Bookmarks of rooms: what is changed in one, in words and by forms and commands alike (XEP-0402)."""

from __future__ import annotations

from sat.api import JID
from sat.plugins.bookmarks.api import Bookmark, BookmarksApi
from sat_frontends.quick_frontend.text import clean_line


async def bookmark_of(bookmarks: BookmarksApi, room: JID) -> Bookmark | None:
    """The bookmark of a room, if it has one."""
    return next((each for each in await bookmarks.get_bookmarks() if each.room == room), None)


async def remember(bookmarks: BookmarksApi, room: JID, name: str | None = None, autojoin: bool | None = None) -> str:
    """Remember a room under a name, and whether it is entered after each log-in; what is None stays as it is, or as it
    would be by entering the room. What came of it, in a sentence. Errors: those of the api."""
    before = await bookmark_of(bookmarks, room) or Bookmark(room, autojoin=True)
    new = before._replace(
        name=before.name if name is None else name.strip(),
        autojoin=before.autojoin if autojoin is None else autojoin,
    )
    await bookmarks.add(room, new.name, new.nick, new.autojoin)
    return f"{_called(new)} is remembered, and {_entered(new)}."


def line(bookmark: Bookmark) -> str:
    """A bookmark in one line."""
    return f"{_called(bookmark)}: {_entered(bookmark)}"


def _called(bookmark: Bookmark) -> str:
    name, address = clean_line(bookmark.name), clean_line(bookmark.room)
    return f"{name} ({address})" if name else address


def _entered(bookmark: Bookmark) -> str:
    return "entered after each log-in" if bookmark.autojoin else "entered when you want"

"""Rooms on the command line: which one is meant."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from sat.api import JID
from sat_frontends.jp.failure import NOT_FOUND, Failure, nearest, usage
from sat_frontends.jp.output import tidy

if TYPE_CHECKING:
    from sat.plugins.bookmarks.api import BookmarksApi
    from sat.plugins.rooms.api import FoundRooms, PublicRoom, Room, RoomsApi
    from sat_frontends.bridge.access import ProfileAccess

E = TypeVar("E", bound=StrEnum)


def called(rooms: list[Room], text: str) -> list[Room]:
    """The rooms with this address or name; if there is none, with this before the @. Case does not matter."""
    found = _called({each.jid: each.name for each in rooms}, text)
    return [each for each in rooms if each.jid in found]


def _called(names: dict[JID, str], text: str) -> list[JID]:
    wanted = text.casefold()
    return (
        [jid for jid in names if jid == wanted]
        or [jid for jid, name in names.items() if name.casefold() == wanted]
        or [jid for jid in names if jid.local.casefold() == wanted]
    )


async def ours(rooms: RoomsApi, text: str) -> Room:
    """The room that is meant, of those that we are or want to be in. Failure where there is none, or several are."""
    found = {each.jid: each for each in await rooms.get_rooms()}
    names = {jid: each.name for jid, each in found.items()}
    return found[_meant(names, text, "jp room list shows them; jp room join enters another.")]


async def remembered(bookmarks: BookmarksApi, text: str) -> JID:
    """The room that is meant, of those that have bookmarks. Failure where there is none, or several are."""
    names = {each.room: each.name for each in await bookmarks.get_bookmarks()}
    return _meant(names, text, "jp bookmarks list shows those that are remembered.")


def _meant(names: dict[JID, str], text: str, hint: str) -> JID:
    found = _called(names, str(JID.parse(text).bare) if "@" in text else text)
    if len(found) == 1:
        return found[0]
    if found:
        several = ", ".join(tidy(each) for each in found[:8])
        raise usage(f"“{tidy(text)}” can be {several}.", "Give the address.")
    known = [name for jid, own in names.items() for name in (own, jid.local, jid) if name]
    raise Failure(f"No room of yours is called “{tidy(text)}”.", tidy(nearest(text, known)) or hint, NOT_FOUND)


async def known(profile: ProfileAccess) -> dict[JID, str]:
    """The rooms that we are in or that are remembered, with their names."""
    names = {each.jid: each.name for each in await profile.rooms.get_rooms()}
    for each in await profile.bookmarks.get_bookmarks():
        names[each.room] = each.name or names.get(each.room, "")
    return names


async def wanted(profile: ProfileAccess, text: str) -> JID:
    """The room of that address; without an @, one that is known, or a room of our server."""
    if "@" in text:
        return JID.parse(text)
    found = _called(await known(profile), text)
    if len(found) == 1:
        return found[0]
    services = await profile.rooms.get_services()
    if not services:
        raise Failure("Your server has no rooms.", "Give the room's whole address: name@rooms.example.org", NOT_FOUND)
    return JID.parse(f"{text}@{services[0]}")


async def who(profile: ProfileAccess, room: JID, text: str) -> JID:
    """The account that is meant: an address, or the nick of an occupant whose address the room tells."""
    if "@" in text:
        return JID.parse(text).bare
    for each in await profile.rooms.get_occupants(room):
        if each.nick == text and each.jid:
            return each.jid
    raise Failure(f"The room does not tell the address of “{tidy(text)}”.", "Give the address.", NOT_FOUND)


def one_of(kind: type[E], text: str) -> E:
    """The word of a list that is meant. Failure where it is none."""
    known = [each.value for each in kind]
    if text not in known:
        raise usage(f"This is one of {', '.join(known)}, not “{text}”.", nearest(text, known))
    return kind(text)


async def found_by(rooms: RoomsApi, words: str, service: JID, limit: int) -> tuple[list[PublicRoom], FoundRooms]:
    """The rooms that words find, asked for page by page; and the last page."""
    from sat.plugins.rooms.api import FoundRooms

    found: dict[JID, PublicRoom] = {}
    page, more = FoundRooms(service, []), ""
    while len(found) < limit:
        before = len(found)
        page = await rooms.search(words, service, more)
        service, more = page.service, page.more
        found |= {each.jid: each for each in page.rooms if each.jid not in found}
        if not more or len(found) == before:
            break
    return list(found.values())[:limit], page
